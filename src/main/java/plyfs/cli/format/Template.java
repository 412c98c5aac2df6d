package plyfs.cli.format;

import com.google.gson.JsonElement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A Go template with Docker's functions, as {@code --format} takes it. It is applied to values of
 * these types: null, {@code Boolean}, {@code Long}, {@code Double}, {@code String}, {@code List},
 * {@code Map} with texts as keys, {@link Struct}, and {@link Method} as a field of one.
 *
 * @implNote Go's package text/template without {@code define}, {@code template}, {@code block} and
 *     {@code call}; docker/cli's templates.go for {@code json}, {@code join} and their like
 */
public final class Template {
  private final List<Node> nodes;

  private Template(List<Node> nodes) {
    this.nodes = nodes;
  }

  /**
   * Reads a template.
   *
   * @throws TemplateException if it is none: the message says where and why
   */
  public static Template parse(String text) throws TemplateException {
    return new Template(Parser.parse(text));
  }

  /**
   * What the template makes of a value.
   *
   * @throws TemplateException if the value lacks what the template names
   */
  public String apply(@Nullable Object data) throws TemplateException {
    return apply(data, false);
  }

  /** What the template makes of the names of columns, which most functions leave as they are. */
  String heading(Struct names) throws TemplateException {
    return apply(names, true);
  }

  private String apply(@Nullable Object data, boolean isHeading) throws TemplateException {
    StringBuilder out = new StringBuilder();
    Evaluation.run(nodes, data, isHeading, out);
    return out.toString();
  }

  /** JSON as a value that templates take. */
  public static @Nullable Object valueOf(JsonElement json) {
    return GoText.ofJson(json);
  }
}
