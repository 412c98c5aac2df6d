package plyfs.options;

/**
 * An option of a mount is unknown, malformed, in conflict with another one, or not implemented. The
 * message is one sentence that names the option.
 */
public final class MountOptionException extends Exception {
  private static final long serialVersionUID = 1L;

  /** An exception with a message. */
  public MountOptionException(String message) {
    super(message);
  }

  /**
   * For an option or a value that another union file system has and Plyfs does not implement yet.
   */
  static MountOptionException notImplemented(GivenOption option) {
    return new MountOptionException("option '" + option + "' is not implemented yet");
  }

  /** For two options that exclude each other. */
  static MountOptionException contradiction(String one, String other) {
    return new MountOptionException(
        "options '" + one + "' and '" + other + "' contradict each other");
  }
}
