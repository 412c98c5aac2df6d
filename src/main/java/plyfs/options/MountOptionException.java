package plyfs.options;

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

  /** For an option, or a value of one, that exists elsewhere or will exist here. */
  static MountOptionException notImplemented(GivenOption option) {
    return new MountOptionException("option '" + option + "' is not implemented yet");
  }

  /** For two options that cannot hold together. */
  static MountOptionException contradiction(String one, String other) {
    return new MountOptionException(
        "options '" + one + "' and '" + other + "' contradict each other");
  }
}
