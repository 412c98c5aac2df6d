package plyfs.cli.format;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a function of a template is called with. */
public final class Arguments {
  private final String function;
  private final int at;
  private final List<@Nullable Object> values;

  Arguments(String function, int at, List<? extends @Nullable Object> values) {
    this.function = function;
    this.at = at;
    this.values = Collections.unmodifiableList(new ArrayList<>(values));
  }

  public int size() {
    return values.size();
  }

  public @Nullable Object get(int index) {
    return values.get(index);
  }

  List<@Nullable Object> all() {
    return values;
  }

  List<@Nullable Object> from(int index) {
    return values.subList(index, values.size());
  }

  /** A failure that names the function. */
  public TemplateException failure(String message) {
    return new TemplateException(at, "'" + function + "' " + message);
  }

  /** Checks how many there are. */
  public void expect(int least, int most) throws TemplateException {
    if (values.size() < least || values.size() > most) {
      String wanted =
          least == most
              ? "" + least
              : most == Integer.MAX_VALUE ? least + " or more" : least + " to " + most;
      throw failure("takes " + wanted + " values, not " + values.size());
    }
  }

  /** A text. */
  public String text(int index) throws TemplateException {
    if (values.get(index) instanceof String text) {
      return text;
    }
    throw failure("takes a text as value " + (index + 1) + ", not " + shown(index));
  }

  /** A whole number that fits an index. */
  public int number(int index) throws TemplateException {
    if (values.get(index) instanceof Long number && number == number.intValue()) {
      return number.intValue();
    }
    throw failure("takes a whole number as value " + (index + 1) + ", not " + shown(index));
  }

  /** A list of texts. */
  List<String> texts(int index) throws TemplateException {
    List<String> texts = new ArrayList<>();
    if (values.get(index) instanceof List<?> list) {
      for (Object element : list) {
        if (element instanceof String text) {
          texts.add(text);
        }
      }
      if (texts.size() == list.size()) {
        return texts;
      }
    }
    throw failure("takes a list of texts as value " + (index + 1) + ", not " + shown(index));
  }

  String shown(int index) {
    Object value = values.get(index);
    return value instanceof String text ? Escapes.quoted(text) : GoText.of(value);
  }
}
