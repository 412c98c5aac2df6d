package plyfs.cli;

/** A command cannot do its work; the message is one sentence for a person. */
final class CommandFailure extends Exception {
  private static final long serialVersionUID = 1L;

  /** Exit code of every command but mount. */
  static final int FAILED = 1;

  /** Exit code of every command but mount for wrong usage. */
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
