package plyfs.sys;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Mounts of what is mounted already, with other ids: mount_setattr(2) and move_mount(2). */
public final class IdmappedMounts {
  private static final long NR_MOVE_MOUNT = 429;
  private static final long NR_MOUNT_SETATTR = 442;
  private static final long MOUNT_ATTR_IDMAP = 0x00100000;
  private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
  private static final int MOVE_MOUNT_T_EMPTY_PATH = 0x40;
  private static final int ATTRIBUTE_BYTES = 32;

  private IdmappedMounts() {}

  /**
   * Mounts a directory at another place too.
   *
   * @param userNamespace file of the user namespace, {@code /proc/PID/ns/user}, whose mapping says
   *     how ids are shown
   */
  public static void mount(String directory, String at, String userNamespace)
      throws ErrnoException {
    try (Fd from = Fd.open(directory.getBytes(UTF_8), Linux.O_PATH | Linux.O_DIRECTORY);
        Fd to = Fd.open(at.getBytes(UTF_8), Linux.O_PATH | Linux.O_DIRECTORY);
        Fd namespace = Fd.open(userNamespace.getBytes(UTF_8), Linux.O_RDONLY);
        Fd clone = MountSyscalls.cloneMount(from, Syscalls.SELF)) {
      Scratch scratch = Scratch.get();
      scratch
          .struct
          .putLong(0, MOUNT_ATTR_IDMAP)
          .putLong(8, 0)
          .putLong(16, 0)
          .putLong(24, namespace.number());
      long empty = scratch.path(Syscalls.SELF);
      check(
          Syscalls.LIBC.syscall(
              NR_MOUNT_SETATTR,
              clone.number(),
              empty,
              Linux.AT_EMPTY_PATH,
              scratch.structAddress,
              ATTRIBUTE_BYTES));
      check(
          Syscalls.LIBC.syscall(
              NR_MOVE_MOUNT,
              clone.number(),
              empty,
              to.number(),
              empty,
              MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
    }
  }

  private static void check(long result) throws ErrnoException {
    ErrnoException.check(Syscalls.result(result));
  }
}
