package plyfs.sys;

/**
 * System calls on mounts, processes and limits. Results are zero or more, or a negated error
 * number.
 */
public final class MountSyscalls {
  private static final long NR_OPEN_TREE = 428;
  private static final long NR_MOUNT_SETATTR = 442;
  private static final long NR_PIDFD_OPEN = 434;

  private MountSyscalls() {}

  /**
   * mount(2).
   *
   * @param flags {@code MS_*}
   */
  public static int mount(byte[] source, byte[] target, byte[] type, long flags, byte[] options) {
    Scratch scratch = Scratch.get();
    long targetAddress = scratch.path(target);
    long sourceAddress = scratch.secondPath(source);
    // The options and the type share the value area: [options NUL][type NUL].
    if (targetAddress == 0
        || sourceAddress == 0
        || options.length + type.length + 2 > Linux.XATTR_SIZE_MAX) {
      return Syscalls.NAME_TOO_LONG;
    }
    scratch.value.put(0, options).put(options.length, (byte) 0);
    int typeAt = options.length + 1;
    scratch.value.put(typeAt, type).put(typeAt + type.length, (byte) 0);
    return Syscalls.result(
        Syscalls.LIBC.mount(
            sourceAddress,
            targetAddress,
            scratch.valueAddress + typeAt,
            flags,
            scratch.valueAddress));
  }

  /**
   * umount2(2).
   *
   * @param flags 0 or {@link Linux#MNT_DETACH}
   */
  public static int umount(byte[] target, int flags) {
    long address = Scratch.get().path(target);
    return address == 0
        ? Syscalls.NAME_TOO_LONG
        : Syscalls.result(Syscalls.LIBC.umount2(address, flags));
  }

  /** Binds the calling thread to one CPU; on failure it stays unbound. */
  public static void pinThread(int cpu) {
    Scratch scratch = Scratch.get();
    int bytes = (cpu / Long.SIZE + 1) * Long.BYTES;
    for (int i = 0; i < bytes; i += Long.BYTES) {
      scratch.value.putLong(i, i == bytes - Long.BYTES ? 1L << (cpu % Long.SIZE) : 0);
    }
    Syscalls.LIBC.sched_setaffinity(0, bytes, scratch.valueAddress);
  }

  /** How many CPUs the machine may ever have; their numbers are below this. */
  public static int possibleCpus() {
    return Syscalls.LIBC.get_nprocs_conf();
  }

  /**
   * A private clone of the mount at a path, invisible to other processes: open_tree(2) with
   * OPEN_TREE_CLONE, not recursive.
   *
   * @throws ErrnoException EPERM without CAP_SYS_ADMIN, ENOSYS before Linux 5.2
   */
  public static Fd cloneMount(Fd dir, byte[] path) throws ErrnoException {
    long address = Scratch.get().path(path);
    int flags =
        Linux.OPEN_TREE_CLONE | Linux.O_CLOEXEC | (path.length == 0 ? Linux.AT_EMPTY_PATH : 0);
    return Fd.adopt(
        address == 0
            ? Syscalls.NAME_TOO_LONG
            : (int)
                Syscalls.result(Syscalls.LIBC.syscall(NR_OPEN_TREE, dir.number(), address, flags)));
  }

  /**
   * Changes the attributes of a mount by a descriptor of its root: mount_setattr(2).
   *
   * @param set {@code MOUNT_ATTR_*}
   * @param clear {@code MOUNT_ATTR_*}
   * @implNote {@code struct mount_attr}: {@code [u64 set][u64 clear][u64 propagation][u64
   *     userns_fd]}, 32 bytes
   */
  public static int setMountAttributes(Fd mount, long set, long clear) {
    Scratch scratch = Scratch.get();
    scratch.struct.putLong(0, set).putLong(8, clear).putLong(16, 0).putLong(24, 0);
    long empty = scratch.path(Syscalls.SELF);
    return (int)
        Syscalls.result(
            Syscalls.LIBC.syscall(
                NR_MOUNT_SETATTR,
                mount.number(),
                empty,
                Linux.AT_EMPTY_PATH,
                scratch.structAddress,
                32));
  }

  /** Path under which other processes with the privilege find a descriptor of this one. */
  public static String pathOf(Fd fd) {
    return "/proc/" + processId() + "/fd/" + fd.number();
  }

  /** geteuid(2). */
  public static int effectiveUser() {
    return Syscalls.LIBC.geteuid();
  }

  /** Effective group id of this process. */
  public static int effectiveGroup() {
    return Syscalls.LIBC.getegid();
  }

  /** getpagesize(2): bytes. */
  public static int pageSize() {
    return Syscalls.LIBC.getpagesize();
  }

  /** getpid(2). */
  public static int processId() {
    return Syscalls.LIBC.getpid();
  }

  /** umask(2); returns the old mask. */
  public static int umask(int mask) {
    return Syscalls.LIBC.umask(mask);
  }

  /**
   * setsid(2): detaches this process from the terminal and from signals to the jobs of the caller.
   * A process that already leads a group stays as it is.
   */
  public static void newSession() {
    int result = Syscalls.result(Syscalls.LIBC.setsid());
    if (result < 0 && result != -Errno.EPERM) {
      throw new IllegalStateException("setsid: " + Errno.describe(-result));
    }
  }

  /** chdir(2). */
  public static int chdir(byte[] path) {
    long address = Scratch.get().path(path);
    return address == 0 ? Syscalls.NAME_TOO_LONG : Syscalls.result(Syscalls.LIBC.chdir(address));
  }

  /**
   * kill(2).
   *
   * @param signal 0 only tests whether the process exists
   */
  public static int kill(int pid, int signal) {
    return Syscalls.result(Syscalls.LIBC.kill(pid, signal));
  }

  /**
   * A descriptor for a process, for {@link #awaitReadable}, readable once the process has ended:
   * pidfd_open(2).
   *
   * @throws ErrnoException ESRCH no such process; ENOSYS before Linux 5.3
   */
  public static Fd processDescriptor(int pid) throws ErrnoException {
    return Fd.adopt((int) Syscalls.result(Syscalls.LIBC.syscall(NR_PIDFD_OPEN, pid, 0, 0)));
  }

  /** Raises the soft limit of open descriptors to the hard limit; returns the limit. */
  public static long raiseDescriptorLimit() {
    Scratch scratch = Scratch.get();
    if (Syscalls.LIBC.getrlimit(Linux.RLIMIT_NOFILE, scratch.structAddress) != 0) {
      return 1024;
    }
    long soft = scratch.struct.getLong(0);
    long hard = scratch.struct.getLong(8);
    if (soft == hard) {
      return soft;
    }
    scratch.struct.putLong(0, hard);
    return Syscalls.LIBC.setrlimit(Linux.RLIMIT_NOFILE, scratch.structAddress) == 0 ? hard : soft;
  }

  /**
   * Makes the kernel enlarge the descriptor table of the process in advance, before an open(2)
   * needs it.
   *
   * @param descriptors at most the limit
   * @throws ErrnoException EINVAL, EMFILE, ENOMEM: the table is unchanged
   */
  public static void growDescriptorTable(int descriptors) throws ErrnoException {
    try (Fd any = Fd.open(new byte[] {'/'}, Linux.O_PATH)) {
      long last = descriptors - 1L;
      Fd.adopt(Syscalls.result(Syscalls.LIBC.fcntl(any.number(), Linux.F_DUPFD_CLOEXEC, last)))
          .close();
    }
  }

  /**
   * Takes ownership of an inherited descriptor, such as the one on which the daemon reports that
   * the mount is ready.
   */
  public static Fd inherited(int number) throws ErrnoException {
    return Fd.adopt(number);
  }

  /** Waits until a descriptor is readable; false after the timeout. */
  public static boolean awaitReadable(Fd fd, int milliseconds) throws ErrnoException {
    Scratch scratch = Scratch.get();
    scratch.struct.putInt(0, fd.number()).putShort(4, (short) 1).putShort(6, (short) 0);
    int result = Syscalls.result(Syscalls.LIBC.poll(scratch.structAddress, 1, milliseconds));
    return !Syscalls.interrupted(result) && ErrnoException.check(result) > 0;
  }
}
