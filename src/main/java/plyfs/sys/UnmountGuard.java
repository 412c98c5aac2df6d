package plyfs.sys;

import java.util.List;

/**
 * A shell that waits for any end of this process and then unmounts the dead mount, like {@code
 * auto_unmount} of libfuse. It detects the end by its socket, which the kernel closes.
 */
public final class UnmountGuard implements AutoCloseable {
  /**
   * The script tests the mount with statfs(2), for which the kernel always sends a request; it
   * caches attributes. A statfs(2) that fails proves that the connection has ended.
   */
  private static final String SCRIPT =
      "exec >/dev/null 2>&1; trap '' HUP INT TERM; cd /; cat <&3; stat -f \"$1\" || exec $2 \"$1\"";

  private final ChildProgram shell;

  private UnmountGuard(ChildProgram ownedShell) {
    shell = ownedShell;
  }

  /**
   * Starts the shell.
   *
   * @param path of the mount, absolute and without symbolic links
   * @param byFusermount whether fusermount3 has to unmount, because this user must not
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

  /** Called when the mount has ended: the shell has nothing to do, and ends. */
  @Override
  public void close() {
    shell.close();
  }
}
