package plyfs.differential;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Other processes, one of each user, that work on the same mount; started when first needed. */
final class Shells implements AutoCloseable {
  private static final int USERS = 3;

  /** {@code @} stands for the path, {@code %} for a second one; modes for what a list gives. */
  private static final String[] COMMANDS = {
    "cat @ >> %",
    "mv -f -T @ %",
    "ln @ %",
    "rm -f @",
    "mkdir -m 2775 %",
    "chmod g+s @",
    "chmod u+s @",
    "chgrp 2 @",
    "chgrp 1 @",
    "truncate -s 100 @",
    "cp -T @ %",
    "touch -c @",
  };

  private final String mountPoint;
  private final List<Shell> all = new ArrayList<>();

  Shells(String mountPoint) {
    this.mountPoint = mountPoint;
  }

  Outcome run(Op op) throws IOException {
    while (all.size() < USERS) {
      all.add(new Shell(all.size()));
    }
    String path = quoted(op.path());
    String command =
        op.kind() == Op.Kind.SHELL_APPEND
            ? "printf %s shell" + op.number() + " >> " + path
            : command(op).replace("@", path).replace("%", quoted(op.other()));
    // A FIFO would block.
    String fit = "[ -f " + path + " ] && [ ! -p " + quoted(op.other()) + " ] || exit 99; ";
    String answer = all.get(op.user()).run(fit + command);
    String text = answer.replace(mountPoint, "");
    if (text.equals("= 99")) {
      return new Outcome(Outcome.Sort.NOTHING_TO_DO, "no file");
    }
    return new Outcome(text.endsWith("= 0") ? Outcome.Sort.DONE : Outcome.Sort.FAILED, text);
  }

  /** What a SHELL_COMMAND does. */
  static String command(Op op) {
    return COMMANDS[op.pick(70, COMMANDS.length)];
  }

  private String quoted(String path) {
    return "'" + mountPoint + "/" + path + "'";
  }

  @Override
  public void close() throws IOException {
    for (Shell shell : all) {
      shell.close();
    }
    all.clear();
  }
}
