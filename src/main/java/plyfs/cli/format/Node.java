package plyfs.cli.format;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A part of a template that was read. */
sealed interface Node {
  /** Printed as it is. */
  record Text(String text) implements Node {}

  /** Printed, unless it only sets a variable. */
  record Output(Pipeline pipeline) implements Node {}

  /** {@code {{if}}}. */
  record If(Pipeline condition, List<Node> body, List<Node> otherwise) implements Node {}

  /** {@code {{with}}}: the dot is the value inside. */
  record With(Pipeline value, List<Node> body, List<Node> otherwise) implements Node {}

  /** {@code {{range}}}: the dot is each element in turn. */
  record Range(Pipeline values, List<Node> body, List<Node> otherwise) implements Node {}

  /** {@code {{break}}} and {@code {{continue}}}. */
  record Jump(boolean isBreak) implements Node {}

  /**
   * Commands, of which each takes the result of the one before as its last argument.
   *
   * @param variables that take the result; two for a range with index or key
   * @param isNew whether they are declared here
   */
  record Pipeline(int at, List<String> variables, boolean isNew, List<Command> commands) {}

  /** A value, or a function or method with arguments. */
  record Command(int at, Term first, List<Term> arguments) {}

  /** An argument. */
  sealed interface Term {
    /** Index of its first character in the template. */
    int at();
  }

  /** A text, number or truth value; null for {@code nil}. */
  record Literal(int at, @Nullable Object value) implements Term {}

  /** {@code .}. */
  record Dot(int at) implements Term {}

  /** {@code $name}; {@code $} is the whole. */
  record Variable(int at, String name) implements Term {}

  /** A function by its name. */
  record Call(int at, String name) implements Term {}

  /** Something in parentheses. */
  record Nested(int at, Pipeline pipeline) implements Term {}

  /** A field of a term, a field of that, and so on. */
  record Chain(int at, Term of, List<String> names) implements Term {}
}
