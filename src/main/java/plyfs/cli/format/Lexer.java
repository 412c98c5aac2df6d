package plyfs.cli.format;

import java.util.ArrayList;
import java.util.List;
import plyfs.cli.format.Token.Kind;

/**
 * Cuts a template into tokens.
 *
 * @implNote the grammar is that of Go's package text/template
 */
final class Lexer {
  private static final String OPEN = "{{";
  private static final String CLOSE = "}}";
  private static final String COMMENT = "/*";
  private static final String COMMENT_END = "*/";

  private final String template;
  private final List<Token> tokens = new ArrayList<>();
  private int at;

  private Lexer(String template) {
    this.template = template;
  }

  static List<Token> tokens(String template) throws TemplateException {
    Lexer lexer = new Lexer(template);
    lexer.run();
    return lexer.tokens;
  }

  private void run() throws TemplateException {
    boolean isTrimmed = false;
    while (at < template.length()) {
      int open = template.indexOf(OPEN, at);
      int end = open < 0 ? template.length() : open;
      boolean trimsBefore = open >= 0 && isTrimMark(open + OPEN.length());
      addText(end, isTrimmed, trimsBefore);
      isTrimmed = false;
      at = end;
      if (open >= 0) {
        isTrimmed = action(open, trimsBefore);
      }
    }
    tokens.add(new Token(Kind.END, "", at, false));
  }

  private void addText(int end, boolean trimsStart, boolean trimsEnd) {
    String text = template.substring(at, end);
    text = trimsStart ? text.stripLeading() : text;
    text = trimsEnd ? text.stripTrailing() : text;
    if (!text.isEmpty()) {
      tokens.add(new Token(Kind.TEXT, text, at, false));
    }
  }

  /** Whether white space before the action goes: a minus sign and a blank. */
  private boolean isTrimMark(int index) {
    return index + 1 < template.length()
        && template.charAt(index) == '-'
        && isSpace(template.charAt(index + 1));
  }

  /** Reads one action; whether the white space after it goes. */
  private boolean action(int open, boolean trimsBefore) throws TemplateException {
    at = open + OPEN.length() + (trimsBefore ? 2 : 0);
    if (template.startsWith(COMMENT, at)) {
      return comment();
    }
    tokens.add(new Token(Kind.OPEN, OPEN, open, false));
    while (true) {
      boolean isSpaced = skipSpace();
      if (isSpaced && template.startsWith("-" + CLOSE, at)) {
        tokens.add(new Token(Kind.CLOSE, CLOSE, at, true));
        at += 1 + CLOSE.length();
        return true;
      }
      if (template.startsWith(CLOSE, at)) {
        tokens.add(new Token(Kind.CLOSE, CLOSE, at, isSpaced));
        at += CLOSE.length();
        return false;
      }
      if (at >= template.length()) {
        throw new TemplateException(open, "'{{' has no '}}'");
      }
      token(isSpaced);
    }
  }

  private boolean comment() throws TemplateException {
    int end = template.indexOf(COMMENT_END, at + COMMENT.length());
    if (end < 0) {
      throw new TemplateException(at, "the comment has no end: '*/}}'");
    }
    at = end + COMMENT_END.length();
    boolean trimsAfter = skipSpace() && template.startsWith("-" + CLOSE, at);
    if (trimsAfter) {
      at++;
    } else if (at != end + COMMENT_END.length()) {
      throw new TemplateException(end, "'}}' must follow the end of the comment");
    }
    if (!template.startsWith(CLOSE, at)) {
      throw new TemplateException(end, "'}}' must follow the end of the comment");
    }
    at += CLOSE.length();
    return trimsAfter;
  }

  private boolean skipSpace() {
    int from = at;
    while (at < template.length() && isSpace(template.charAt(at))) {
      at++;
    }
    return at > from;
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
  }

  private void token(boolean isSpaced) throws TemplateException {
    char c = template.charAt(at);
    int from = at;
    switch (c) {
      case '|' -> add(Kind.PIPE, from, at + 1, isSpaced);
      case ',' -> add(Kind.COMMA, from, at + 1, isSpaced);
      case '(' -> add(Kind.LEFT, from, at + 1, isSpaced);
      case ')' -> add(Kind.RIGHT, from, at + 1, isSpaced);
      case '=' -> add(Kind.ASSIGN, from, at + 1, isSpaced);
      case '$' -> name(Kind.VARIABLE, isSpaced);
      case '"', '`', '\'' -> quoted(c, isSpaced);
      default -> {
        if (template.startsWith(":=", at)) {
          add(Kind.DECLARE, from, at + 2, isSpaced);
        } else if (isNumber()) {
          number(isSpaced);
        } else if (c == '.') {
          dot(isSpaced);
        } else if (isNamePart(c)) {
          add(Kind.WORD, from, endOfName(at), isSpaced);
        } else {
          throw new TemplateException(at, "the character '" + c + "' has no meaning here");
        }
      }
    }
  }

  private void add(Kind kind, int from, int to, boolean isSpaced) {
    tokens.add(new Token(kind, template.substring(from, to), from, isSpaced));
    at = to;
  }

  private void dot(boolean isSpaced) {
    if (endOfName(at + 1) == at + 1) {
      add(Kind.DOT, at, at + 1, isSpaced);
    } else {
      name(Kind.FIELD, isSpaced);
    }
  }

  /** A name after a sign that is no part of it. */
  private void name(Kind kind, boolean isSpaced) {
    int end = endOfName(at + 1);
    tokens.add(new Token(kind, template.substring(at + 1, end), at, isSpaced));
    at = end;
  }

  private int endOfName(int from) {
    int end = from;
    while (end < template.length() && isNamePart(template.charAt(end))) {
      end++;
    }
    return end;
  }

  private static boolean isNamePart(char c) {
    return c == '_' || Character.isLetterOrDigit(c);
  }

  private boolean isNumber() {
    char c = template.charAt(at);
    int digit = c == '+' || c == '-' || c == '.' ? at + 1 : at;
    return digit < template.length() && isDigit(template.charAt(digit));
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private void number(boolean isSpaced) {
    int end = at + 1;
    while (end < template.length() && isNumberPart(end)) {
      end++;
    }
    add(Kind.NUMBER, at, end, isSpaced);
  }

  private boolean isNumberPart(int index) {
    char c = template.charAt(index);
    boolean isSign = c == '+' || c == '-';
    char before = template.charAt(index - 1);
    return isSign ? before == 'e' || before == 'E' : c == '.' || isNamePart(c);
  }

  private void quoted(char quote, boolean isSpaced) throws TemplateException {
    int from = at;
    int end = at + 1;
    while (end < template.length() && template.charAt(end) != quote) {
      end += quote != '`' && template.charAt(end) == '\\' ? 2 : 1;
    }
    if (end >= template.length()) {
      throw new TemplateException(from, "the quotation mark " + quote + " has no second one");
    }
    String text = template.substring(from + 1, end);
    at = end + 1;
    String plain = quote == '`' ? text : Escapes.resolved(text, from + 1);
    Kind kind = quote == '\'' ? Kind.CHARACTER : Kind.STRING;
    if (kind == Kind.CHARACTER && plain.codePointCount(0, plain.length()) != 1) {
      throw new TemplateException(
          from, "one character belongs between ' and ', not '" + text + "'");
    }
    tokens.add(new Token(kind, plain, from, isSpaced));
  }
}
