package plyfs.container;

/** What was given for a container or a volume cannot be; the message is one sentence. */
public final class BadArgumentException extends Exception {
  private static final long serialVersionUID = 1L;

  public BadArgumentException(String message) {
    super(message);
  }
}
