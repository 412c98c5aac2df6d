package plyfs.sys;

/**
 * A copy of a mount, with the mounts below it, that is in no directory yet: open_tree(2),
 * mount_setattr(2) and move_mount(2). What it shows lives until it is closed and taken away from
 * where it was attached.
 */
public final class DetachedMount implements AutoCloseable {
  private static final long NR_OPEN_TREE = 428;
  private static final long NR_MOVE_MOUNT = 429;
  private static final long NR_MOUNT_SETATTR = 442;
  private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
  private static final int MOVE_MOUNT_T_EMPTY_PATH = 0x40;
  private static final int SIZE_OF_ATTRIBUTES = 32;

  private final Fd tree;

  private DetachedMount(Fd tree) {
    this.tree = tree;
  }

  /**
   * A copy of what a descriptor leads to, a directory or a file.
   *
   * @throws ErrnoException EPERM without CAP_SYS_ADMIN; ENOSYS before Linux 5.2
   */
  public static DetachedMount of(Fd object) throws ErrnoException {
    int flags = Linux.OPEN_TREE_CLONE | Linux.O_CLOEXEC | Linux.AT_EMPTY_PATH | Linux.AT_RECURSIVE;
    long empty = Scratch.get().path(Syscalls.SELF);
    return new DetachedMount(
        Fd.adopt(
            (int)
                Syscalls.result(
                    Syscalls.LIBC.syscall(NR_OPEN_TREE, object.number(), empty, flags))));
  }

  /**
   * Makes it private, so that mounts below its source and below it do not follow each other, and
   * perhaps read-only.
   *
   * @throws ErrnoException ENOSYS before Linux 5.12
   * @implNote {@code struct mount_attr}: {@code [u64 set][u64 clear][u64 propagation][u64
   *     userns_fd]}
   */
  public void makePrivate(boolean isReadOnly) throws ErrnoException {
    Scratch scratch = Scratch.get();
    long set = isReadOnly ? Linux.MOUNT_ATTR_RDONLY : 0;
    scratch.struct.putLong(0, set).putLong(8, 0).putLong(16, Linux.MS_PRIVATE).putLong(24, 0);
    long empty = scratch.path(Syscalls.SELF);
    ErrnoException.check(
        (int)
            Syscalls.result(
                Syscalls.LIBC.syscall(
                    NR_MOUNT_SETATTR,
                    tree.number(),
                    empty,
                    Linux.AT_EMPTY_PATH | Linux.AT_RECURSIVE,
                    scratch.structAddress,
                    SIZE_OF_ATTRIBUTES)));
  }

  /**
   * Mounts it over what a descriptor leads to.
   *
   * @param target a directory for a directory, a file for a file
   * @throws ErrnoException ENOTDIR if the two are of different kinds
   */
  public void attach(Fd target) throws ErrnoException {
    Scratch scratch = Scratch.get();
    long empty = scratch.path(Syscalls.SELF);
    long alsoEmpty = scratch.secondPath(Syscalls.SELF);
    ErrnoException.check(
        (int)
            Syscalls.result(
                Syscalls.LIBC.syscall(
                    NR_MOVE_MOUNT,
                    tree.number(),
                    empty,
                    target.number(),
                    alsoEmpty,
                    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH)));
  }

  @Override
  public void close() {
    tree.close();
  }
}
