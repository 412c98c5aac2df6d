package plyfs.daemon;

/**
 * An option of a mount is unknown, malformed, in conflict with another, or asks for what is not
 * there. The message is one sentence that names the option.
 */
public final class MountOptionException extends Exception {
  private static final long serialVersionUID = 1L;

  /** A reason. */
  public MountOptionException(String message) {
    super(message);
  }
}
