package plyfs.cli.format;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plyfs.cli.format.Node.Call;
import plyfs.cli.format.Node.Chain;
import plyfs.cli.format.Node.Command;
import plyfs.cli.format.Node.Dot;
import plyfs.cli.format.Node.Literal;
import plyfs.cli.format.Node.Nested;
import plyfs.cli.format.Node.Pipeline;
import plyfs.cli.format.Node.Term;
import plyfs.cli.format.Node.Variable;

/** One application of a template to a value. */
final class Evaluation {
  /** How a list of nodes was left. */
  private enum Left {
    AT_ITS_END,
    BY_BREAK,
    BY_CONTINUE
  }

  /** A variable; the innermost of one name is the last of the list. */
  private static final class Setting {
    final String name;
    @Nullable Object value;

    Setting(String name, @Nullable Object value) {
      this.name = name;
      this.value = value;
    }
  }

  private final StringBuilder out;
  private final boolean isHeading;
  private final List<Setting> settings = new ArrayList<>();

  private Evaluation(StringBuilder out, boolean isHeading) {
    this.out = out;
    this.isHeading = isHeading;
  }

  /**
   * Writes a template.
   *
   * @param isHeading whether the values are names of columns, which functions leave as they are
   */
  static void run(List<Node> nodes, @Nullable Object data, boolean isHeading, StringBuilder out)
      throws TemplateException {
    Evaluation evaluation = new Evaluation(out, isHeading);
    evaluation.settings.add(new Setting("", data));
    evaluation.all(nodes, data);
  }

  private Left all(List<Node> nodes, @Nullable Object dot) throws TemplateException {
    int outside = settings.size();
    Left left = Left.AT_ITS_END;
    for (Node node : nodes) {
      left = one(node, dot);
      if (left != Left.AT_ITS_END) {
        break;
      }
    }
    forget(outside);
    return left;
  }

  private void forget(int outside) {
    settings.subList(outside, settings.size()).clear();
  }

  private Left one(Node node, @Nullable Object dot) throws TemplateException {
    if (node instanceof Node.Text text) {
      out.append(text.text());
    } else if (node instanceof Node.Output output) {
      Object value = value(output.pipeline(), dot);
      if (output.pipeline().variables().isEmpty()) {
        out.append(value == null ? GoText.NO_VALUE : GoText.of(value));
      }
    } else if (node instanceof Node.If choice) {
      int outside = settings.size();
      boolean isTrue = Functions.isTrue(value(choice.condition(), dot));
      Left left = all(isTrue ? choice.body() : choice.otherwise(), dot);
      forget(outside);
      return left;
    } else if (node instanceof Node.With with) {
      int outside = settings.size();
      Object value = value(with.value(), dot);
      boolean isTrue = Functions.isTrue(value);
      Left left = all(isTrue ? with.body() : with.otherwise(), isTrue ? value : dot);
      forget(outside);
      return left;
    } else if (node instanceof Node.Range range) {
      return range(range, dot);
    } else if (node instanceof Node.Jump jump) {
      return jump.isBreak() ? Left.BY_BREAK : Left.BY_CONTINUE;
    }
    return Left.AT_ITS_END;
  }

  private Left range(Node.Range range, @Nullable Object dot) throws TemplateException {
    int outside = settings.size();
    List<Object> keys = new ArrayList<>();
    List<@Nullable Object> values = new ArrayList<>();
    elements(range.values().at(), commands(range.values(), dot), keys, values);
    Left left = values.isEmpty() ? all(range.otherwise(), dot) : Left.AT_ITS_END;
    for (int i = 0; i < values.size(); i++) {
      List<String> names = range.values().variables();
      if (names.size() == 2) {
        set(range.values(), 0, keys.get(i));
      }
      if (!names.isEmpty()) {
        set(range.values(), names.size() - 1, values.get(i));
      }
      Left body = all(range.body(), values.get(i));
      forget(outside);
      if (body == Left.BY_BREAK) {
        break;
      }
    }
    return left;
  }

  private static void elements(
      int at, @Nullable Object of, List<Object> keys, List<@Nullable Object> values)
      throws TemplateException {
    if (of instanceof List<?> list) {
      for (Object element : list) {
        keys.add((long) values.size());
        values.add(element);
      }
    } else if (of instanceof Map<?, ?> map) {
      GoText.sorted(map)
          .forEach(
              (key, element) -> {
                keys.add(key);
                values.add(element);
              });
    } else if (of instanceof Long count && count <= 1 << 16) {
      for (long i = 0; i < count; i++) {
        keys.add(i);
        values.add(i);
      }
    } else if (of != null) {
      throw new TemplateException(at, "'range' takes a list or a map, not " + GoText.of(of));
    }
  }

  private void set(Pipeline pipeline, int index, @Nullable Object value) {
    String name = pipeline.variables().get(index);
    if (pipeline.isNew()) {
      settings.add(new Setting(name, value));
    } else {
      setting(name).value = value;
    }
  }

  private Setting setting(String name) {
    for (int i = settings.size() - 1; i >= 0; i--) {
      if (settings.get(i).name.equals(name)) {
        return settings.get(i);
      }
    }
    throw new IllegalStateException("the parser has let '$" + name + "' pass");
  }

  private @Nullable Object value(Pipeline pipeline, @Nullable Object dot) throws TemplateException {
    Object value = commands(pipeline, dot);
    if (!pipeline.variables().isEmpty()) {
      set(pipeline, 0, value);
    }
    return value;
  }

  private @Nullable Object commands(Pipeline pipeline, @Nullable Object dot)
      throws TemplateException {
    Object value = command(pipeline.commands().get(0), dot, false, null);
    for (Command command : pipeline.commands().subList(1, pipeline.commands().size())) {
      value = command(command, dot, true, value);
    }
    return value;
  }

  private @Nullable Object command(
      Command command, @Nullable Object dot, boolean isPiped, @Nullable Object piped)
      throws TemplateException {
    Term first = command.first();
    if (first instanceof Call call && (call.name().equals("and") || call.name().equals("or"))) {
      return shortCut(call, command, dot, isPiped, piped);
    }
    List<@Nullable Object> values = new ArrayList<>();
    for (Term argument : command.arguments()) {
      values.add(value(argument, dot));
    }
    if (isPiped) {
      values.add(piped);
    }
    if (first instanceof Call call) {
      return isHeading && Functions.isNothingInHeadings(call.name()) && !values.isEmpty()
          ? values.get(0)
          : Functions.call(call.name(), call.at(), values);
    }
    if (first instanceof Chain chain) {
      return field(chain, dot, values);
    }
    if (!values.isEmpty()) {
      throw new TemplateException(first.at(), "what stands here takes no value: it is no function");
    }
    if (first instanceof Literal literal && literal.value() == null) {
      throw new TemplateException(first.at(), "'nil' alone cannot be printed");
    }
    return value(first, dot);
  }

  /** {@code and} and {@code or} ask for no more values than they need. */
  private @Nullable Object shortCut(
      Call call, Command command, @Nullable Object dot, boolean isPiped, @Nullable Object piped)
      throws TemplateException {
    boolean end = call.name().equals("or");
    Object value = null;
    for (Term argument : command.arguments()) {
      value = value(argument, dot);
      if (Functions.isTrue(value) == end) {
        return value;
      }
    }
    if (!isPiped && command.arguments().isEmpty()) {
      throw new TemplateException(call.at(), "'" + call.name() + "' takes 1 or more values, not 0");
    }
    return isPiped ? piped : value;
  }

  private @Nullable Object value(Term term, @Nullable Object dot) throws TemplateException {
    if (term instanceof Literal literal) {
      return literal.value();
    }
    if (term instanceof Dot) {
      return dot;
    }
    if (term instanceof Variable variable) {
      return setting(variable.name()).value;
    }
    if (term instanceof Nested nested) {
      return value(nested.pipeline(), dot);
    }
    if (term instanceof Call call) {
      return Functions.call(call.name(), call.at(), List.of());
    }
    return field((Chain) term, dot, List.of());
  }

  private @Nullable Object field(
      Chain chain, @Nullable Object dot, List<@Nullable Object> arguments)
      throws TemplateException {
    Object value = value(chain.of(), dot);
    int last = chain.names().size() - 1;
    for (int i = 0; i <= last; i++) {
      value = field(chain, i, value, i == last ? arguments : List.of());
    }
    return value;
  }

  private static @Nullable Object field(
      Chain chain, int index, @Nullable Object of, List<@Nullable Object> arguments)
      throws TemplateException {
    String name = chain.names().get(index);
    Object value = null;
    if (of instanceof Struct struct) {
      if (!struct.has(name)) {
        throw new TemplateException(
            chain.at(),
            "there is no field '"
                + name
                + "': the fields are "
                + String.join(", ", struct.names()));
      }
      value = struct.get(name);
    } else if (of instanceof Map<?, ?> map) {
      value = map.get(name);
    } else if (of != null) {
      throw new TemplateException(
          chain.at(), "a " + kind(of) + " has no field '" + name + "': " + GoText.of(of));
    }
    if (value instanceof Method method) {
      return method.call(new Arguments("." + name, chain.at(), arguments));
    }
    if (!arguments.isEmpty()) {
      throw new TemplateException(chain.at(), "the field '" + name + "' takes no value");
    }
    return value;
  }

  private static String kind(Object value) {
    return value instanceof List<?>
        ? "list"
        : value instanceof String ? "text" : value instanceof Boolean ? "truth value" : "number";
  }
}
