package plyfs.image.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The words of an instruction of a Dockerfile: quoting and variables.
 *
 * @implNote Dockerfile reference, "Environment replacement"; BuildKit, frontend/dockerfile/shell
 */
final class Words {
  private static final char ESCAPE = '\\';

  private Words() {}

  /** Splits at blanks outside quotes; quotes and escapes stay in the words. */
  static List<String> split(String text, String instruction) throws BadImageException {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    char quote = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quote == 0 && Character.isWhitespace(c)) {
        if (word.length() > 0) {
          words.add(word.toString());
          word.setLength(0);
        }
        continue;
      }
      word.append(c);
      if (c == ESCAPE && quote != '\'' && i + 1 < text.length()) {
        word.append(text.charAt(++i));
      } else if (c == quote) {
        quote = 0;
      } else if (quote == 0 && (c == '"' || c == '\'')) {
        quote = c;
      }
    }
    if (quote != 0) {
      throw unfinished(instruction, "a quote " + quote);
    }
    if (word.length() > 0) {
      words.add(word.toString());
    }
    return words;
  }

  private static BadImageException unfinished(String instruction, String what) {
    return new BadImageException(
        "cannot follow the instruction '" + instruction + "': " + what + " is not closed");
  }

  /** Takes quotes and escapes away, and puts values for variables. */
  static String expand(String text, UnaryOperator<String> variables, String instruction)
      throws BadImageException {
    return new Expansion(text, variables, instruction).until((char) 0);
  }

  private static final class Expansion {
    private final String text;
    private final UnaryOperator<String> variables;
    private final String instruction;
    private int at;

    Expansion(String text, UnaryOperator<String> variables, String instruction) {
      this.text = text;
      this.variables = variables;
      this.instruction = instruction;
    }

    /** Expands up to a character, which is passed over, or to the end. */
    String until(char stop) throws BadImageException {
      StringBuilder out = new StringBuilder();
      while (at < text.length()) {
        char c = text.charAt(at++);
        if (c == stop && stop != 0) {
          return out.toString();
        }
        switch (c) {
          case '\'' -> literal(out);
          case '"' -> quoted(out);
          case '$' -> variable(out);
          case ESCAPE -> {
            if (at < text.length()) {
              out.append(text.charAt(at++));
            }
          }
          default -> out.append(c);
        }
      }
      if (stop != 0) {
        throw unfinished(instruction, "'${'");
      }
      return out.toString();
    }

    private void literal(StringBuilder out) throws BadImageException {
      int end = text.indexOf('\'', at);
      if (end < 0) {
        throw unfinished(instruction, "a quote '");
      }
      out.append(text, at, end);
      at = end + 1;
    }

    private void quoted(StringBuilder out) throws BadImageException {
      while (at < text.length()) {
        char c = text.charAt(at++);
        if (c == '"') {
          return;
        }
        if (c == '$') {
          variable(out);
        } else if (c == ESCAPE && at < text.length() && "\"$\\".indexOf(text.charAt(at)) >= 0) {
          out.append(text.charAt(at++));
        } else {
          out.append(c);
        }
      }
      throw unfinished(instruction, "a quote \"");
    }

    private void variable(StringBuilder out) throws BadImageException {
      boolean braced = at < text.length() && text.charAt(at) == '{';
      at += braced ? 1 : 0;
      int start = at;
      while (at < text.length() && isNameCharacter(text.charAt(at), at == start)) {
        at++;
      }
      String name = text.substring(start, at);
      if (!braced) {
        out.append(name.isEmpty() ? "$" : variables.apply(name));
        return;
      }
      String value = variables.apply(name);
      boolean withDefault = text.startsWith(":-", at);
      boolean withOther = text.startsWith(":+", at);
      at += withDefault || withOther ? 2 : 0;
      String word = until('}');
      if (name.isEmpty() || !withDefault && !withOther && !word.isEmpty()) {
        throw new BadImageException(
            "cannot follow the instruction '"
                + instruction
                + "': only ${NAME}, ${NAME:-WORD} and ${NAME:+WORD} can be used");
      }
      if (withDefault) {
        out.append(value.isEmpty() ? word : value);
      } else if (withOther) {
        out.append(value.isEmpty() ? "" : word);
      } else {
        out.append(value);
      }
    }

    private static boolean isNameCharacter(char c, boolean first) {
      return c == '_'
          || c >= 'A' && c <= 'Z'
          || c >= 'a' && c <= 'z'
          || !first && c >= '0' && c <= '9';
    }
  }
}
