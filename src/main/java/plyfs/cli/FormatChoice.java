package plyfs.cli;

/** How a command is to print: a choice of one. */
public final class FormatChoice {
  private FormatChoice() {}

  /**
   * Refuses options that contradict each other.
   *
   * @param format of {@code --format}; empty if it was not given
   */
  public static void check(String format, boolean json, boolean quiet) throws CommandFailure {
    int given = (format.isEmpty() ? 0 : 1) + (json ? 1 : 0) + (quiet ? 1 : 0);
    if (given > 1) {
      throw new CommandFailure(
          CommandFailure.USAGE, "of '--format', '--json' and '-q' only one can be given");
    }
  }
}
