package plyfs.cli;

/** A command failed; the message is one sentence for a person. */
final class CommandFailure extends Exception {
  private static final long serialVersionUID = 1L;

  /** Exit code of a failure, for every command but mount. */
  static final int FAILED = 1;

  /** Exit code of wrong usage, for every command but mount. */
  static final int USAGE = 2;

  private final int exitCode;

  CommandFailure(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  CommandFailure(String message) {
    this(FAILED, message);
  }

  int exitCode() {
    return exitCode;
  }
}
