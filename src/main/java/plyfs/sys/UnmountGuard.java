package plyfs.sys;

import java.util.List;

/**
 * A shell that waits for the end of this process, however it ends, and takes away the mount that is
 * dead then: the {@code auto_unmount} of libfuse. It sees the end by its socket, which the kernel
 * closes.
 */
public final class UnmountGuard implements AutoCloseable {
  /**
   * The kernel asks the daemon for each statfs(2), and it caches attributes: a dead mount is found
   * by the one alone, once its connection has ended.
   */
  private static final String SCRIPT =
      "exec >/dev/null 2>&1; trap '' HUP INT TERM; cd /; cat <&3; stat -f \"$1\" || exec $2 \"$1\"";

  private final ChildProgram shell;

  private UnmountGuard(ChildProgram ownedShell) {
    shell = ownedShell;
  }

  /**
   * Starts it.
   *
   * @param path of the mount, absolute and without symbolic links
   * @param byFusermount whether fusermount3 has to unmount, because this user may not
   * @throws ErrnoException ENOENT without sh(1), EMFILE
   */
  public static UnmountGuard start(byte[] path, boolean byFusermount) throws ErrnoException {
    String unmount = byFusermount ? "fusermount3 -uz --" : "umount -l --";
    String search = System.getenv("PATH");
    return new UnmountGuard(
        ChildProgram.start(
            List.of(
                ChildProgram.word("sh"),
                ChildProgram.word("-c"),
                ChildProgram.word(SCRIPT),
                ChildProgram.word("plyfs-unmount"),
                path,
                ChildProgram.word(unmount)),
            List.of(ChildProgram.word("PATH=" + (search == null ? "/usr/bin:/bin" : search)))));
  }

  /** The mount is gone: the shell finds nothing to do, and ends. */
  @Override
  public void close() {
    shell.close();
  }
}
