package plyfs.cli;

import org.jspecify.annotations.Nullable;
import plyfs.daemon.Readiness;
import plyfs.sys.ErrnoException;
import plyfs.sys.MountSyscalls;

/** Tells the caller of mount how it goes: through the launcher, or directly in the foreground. */
final class MountReport {
  /** Number of the descriptor that the launcher waits at. */
  private static final String READY_PROPERTY = "plyfs.ready";

  private final @Nullable Readiness launcher;

  private MountReport(@Nullable Readiness launcher) {
    this.launcher = launcher;
  }

  /** To the launcher if there is one; this process is then in the background from now on. */
  static MountReport open() throws CommandFailure {
    Integer descriptor = Integer.getInteger(READY_PROPERTY);
    if (descriptor == null) {
      return new MountReport(null);
    }
    MountSyscalls.newSession();
    try {
      return new MountReport(Readiness.inherited(descriptor));
    } catch (ErrnoException e) {
      throw new CommandFailure(
          MountArguments.SYSTEM, "the launcher cannot be told: " + e.getMessage());
    }
  }

  boolean isBackground() {
    return launcher != null;
  }

  /** A line of the result. */
  void out(String text) {
    if (launcher != null) {
      launcher.out(text);
    } else {
      Console.OUT.println(text);
      Console.OUT.flush();
    }
  }

  /** A sentence that does not end the mount. */
  void notice(String sentence) {
    if (launcher != null) {
      launcher.err("plyfs: " + sentence);
    } else {
      Console.complain(sentence);
    }
  }

  /** The mount can be used. */
  void ready() {
    if (launcher != null) {
      launcher.ready();
    }
  }

  /** There is no mount; the exit code. */
  int error(int code, String sentence) {
    if (launcher != null) {
      launcher.error(code, "plyfs: " + sentence);
    } else {
      Console.complain(sentence);
    }
    return code;
  }
}
