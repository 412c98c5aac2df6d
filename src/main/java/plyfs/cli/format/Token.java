package plyfs.cli.format;

/**
 * A piece of a template.
 *
 * @param text what it says: text and strings as they are printed, names without dot or dollar sign
 * @param at index of its first character in the template
 * @param isSpaced whether white space stands before it
 */
record Token(Kind kind, String text, int at, boolean isSpaced) {
  /** What a token is. */
  enum Kind {
    TEXT,
    OPEN,
    CLOSE,
    WORD,
    FIELD,
    VARIABLE,
    DOT,
    STRING,
    CHARACTER,
    NUMBER,
    DECLARE,
    ASSIGN,
    PIPE,
    COMMA,
    LEFT,
    RIGHT,
    END
  }

  boolean is(Kind other) {
    return kind == other;
  }

  boolean isWord(String word) {
    return kind == Kind.WORD && text.equals(word);
  }

  /** As it is named in a message. */
  String shown() {
    return switch (kind) {
      case END -> "the end of the template";
      case OPEN -> "'{{'";
      case CLOSE -> "'}}'";
      case FIELD -> "'." + text + "'";
      case VARIABLE -> "'$" + text + "'";
      case STRING -> "\"" + text + "\"";
      default -> "'" + text + "'";
    };
  }
}
