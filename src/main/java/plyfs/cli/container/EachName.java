package plyfs.cli.container;

import java.io.IOException;
import java.util.List;
import plyfs.cli.CommandFailure;
import plyfs.cli.Console;
import plyfs.cli.FailureText;
import plyfs.container.BadArgumentException;
import plyfs.sys.ErrnoException;

/** A command for several names: what fails is told, and the others are tried. */
final class EachName {
  private EachName() {}

  /** What is done with one. */
  @FunctionalInterface
  interface Action {
    /** The line to print; empty for none. */
    String of(String name) throws CommandFailure, BadArgumentException, IOException, ErrnoException;
  }

  /** Does it; the exit code. */
  static int of(List<String> names, Action action) {
    int code = 0;
    for (String name : names) {
      try {
        String line = action.of(name);
        if (!line.isEmpty()) {
          Console.OUT.println(line);
        }
      } catch (CommandFailure | BadArgumentException | IOException | ErrnoException e) {
        Console.OUT.flush();
        Console.complain(FailureText.of(e));
        code = CommandFailure.FAILED;
      }
    }
    return code;
  }
}
