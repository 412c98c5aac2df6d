package plyfs.cli.format;

/** What was asked for makes no sense; the message is one sentence for a person. */
public class UsageException extends Exception {
  private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(message);
  }
}
