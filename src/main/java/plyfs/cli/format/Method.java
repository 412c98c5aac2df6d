package plyfs.cli.format;

import org.jspecify.annotations.Nullable;

/**
 * A field of a {@link Struct} that takes arguments, such as {@code Label} in {@code {{.Label
 * "key"}}}.
 */
@FunctionalInterface
public interface Method {
  /**
   * The value for these arguments.
   *
   * @throws TemplateException if they are too few, too many or of another type
   */
  @Nullable Object call(Arguments arguments) throws TemplateException;
}
