package plyfs.cli;

/** A command failed; the message is one sentence for a person. */
public final class CommandFailure extends Exception {
  private static final long serialVersionUID = 1L;

  /** Exit code of a failure, for every command but mount. */
  public static final int FAILED = 1;

  /** Exit code of wrong usage, for every command but mount. */
  public static final int USAGE = 2;

  private final int exitCode;

  public CommandFailure(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  public CommandFailure(String message) {
    this(FAILED, message);
  }

  public int exitCode() {
    return exitCode;
  }
}
