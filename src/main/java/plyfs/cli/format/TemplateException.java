package plyfs.cli.format;

/**
 * A template that cannot be read, or cannot be applied to what there is. The message is one
 * sentence: where in the template, and what is wrong there.
 */
public final class TemplateException extends UsageException {
  private static final long serialVersionUID = 1L;

  /**
   * A failure at a place.
   *
   * @param at index of the first character that it is about
   */
  TemplateException(int at, String message) {
    super("template parsing error: character " + (at + 1) + ": " + message);
  }
}
