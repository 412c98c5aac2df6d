package plyfs.sys;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.function.IntSupplier;

/** The privileges of this process beyond those of an ordinary user. */
public final class Capabilities {
  private static final byte[] USER_NAMESPACE = "/proc/self/ns/user".getBytes(US_ASCII);

  /** Inode number of the initial user namespace: {@code PROC_USER_INIT_INO} of the kernel. */
  private static final long FIRST_USER_NAMESPACE = 0xEFFFFFFDL;

  private static final int VERSION_3 = 0x20080522;
  private static final int SYS_ADMIN = 21;
  private static final int FSETID = 4;
  private static final int HEADER_BYTES = 8;

  /** Two of {@code [u32 effective][u32 permitted][u32 inheritable]}, in longs. */
  private static final int DATA_WORDS = 3;

  private Capabilities() {}

  /** Whether this is the initial user namespace, in which user ids are those of the machine. */
  public static boolean isInFirstUserNamespace() {
    return isFirst(Fd.CWD, USER_NAMESPACE);
  }

  /** As {@link #isInFirstUserNamespace()}, for another process; false if it has ended. */
  public static boolean isInFirstUserNamespace(int pid) {
    byte[] process = ProcessStatus.name(pid, "");
    return Syscalls.statxFollowing(Syscalls.PROC, process, new Stat()) == 0
        && isFirst(Syscalls.PROC, ProcessStatus.name(pid, "/ns/user"));
  }

  private static boolean isFirst(Fd directory, byte[] link) {
    Stat stat = new Stat();
    int result = Syscalls.statxFollowing(directory, link, stat);
    return result == -Errno.ENOENT // a kernel without user namespaces
        || result == 0 && stat.ino() == FIRST_USER_NAMESPACE;
  }

  /**
   * Whether CAP_SYS_ADMIN is effective in the user namespace of this process, which permits
   * mount(2) in a mount namespace that the user namespace owns.
   *
   * @implNote {@code struct __user_cap_header_struct}: {@code [u32 version][s32 pid]}; data: two of
   *     {@code [u32 effective][u32 permitted][u32 inheritable]}
   */
  public static boolean mayMount() {
    Scratch scratch = Scratch.get();
    scratch.struct.putInt(0, VERSION_3).putInt(4, 0);
    int result = Syscalls.LIBC.capget(scratch.structAddress, scratch.structAddress + HEADER_BYTES);
    return result == 0 && (scratch.struct.getInt(HEADER_BYTES) >> SYS_ADMIN & 1) != 0;
  }

  /**
   * Runs an action in this thread without CAP_FSETID. A file that the thread lends to the kernel
   * meanwhile loses setuid and setgid when it is written, as if an ordinary user wrote.
   */
  public static int withoutKeepingSetuid(IntSupplier action) {
    Scratch scratch = Scratch.get();
    scratch.struct.putInt(0, VERSION_3).putInt(4, 0);
    if (Syscalls.LIBC.capget(scratch.structAddress, scratch.structAddress + HEADER_BYTES) != 0) {
      return action.getAsInt();
    }
    long[] data = new long[DATA_WORDS];
    for (int i = 0; i < DATA_WORDS; i++) {
      data[i] = scratch.struct.getLong(HEADER_BYTES + i * Long.BYTES);
    }
    putCapabilities(data, (int) data[0] & ~(1 << FSETID));
    try {
      return action.getAsInt();
    } finally {
      putCapabilities(data, (int) data[0]);
    }
  }

  private static void putCapabilities(long[] data, int effective) {
    Scratch scratch = Scratch.get();
    scratch.struct.putInt(0, VERSION_3).putInt(4, 0);
    for (int i = 0; i < DATA_WORDS; i++) {
      scratch.struct.putLong(HEADER_BYTES + i * Long.BYTES, data[i]);
    }
    scratch.struct.putInt(HEADER_BYTES, effective);
    Syscalls.LIBC.capset(scratch.structAddress, scratch.structAddress + HEADER_BYTES);
  }
}
