package plyfs.sys;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** What the kernel lets this process do beyond an ordinary user. */
public final class Capabilities {
  private static final byte[] USER_NAMESPACE = "/proc/self/ns/user".getBytes(US_ASCII);

  /** Inode number of the first user namespace: {@code PROC_USER_INIT_INO} of the kernel. */
  private static final long FIRST_USER_NAMESPACE = 0xEFFFFFFDL;

  private static final int VERSION_3 = 0x20080522;
  private static final int SYS_ADMIN = 21;

  private Capabilities() {}

  /** Whether user ids mean the same as for the machine: this is the first user namespace. */
  public static boolean isInFirstUserNamespace() {
    Stat stat = new Stat();
    int result = Syscalls.statxFollowing(Fd.CWD, USER_NAMESPACE, stat);
    return result == -Errno.ENOENT // a kernel without user namespaces
        || result == 0 && stat.ino() == FIRST_USER_NAMESPACE;
  }

  /**
   * Whether CAP_SYS_ADMIN is in effect, in whatever user namespace this is: leave for mount(2) in a
   * mount namespace of its own.
   *
   * @implNote {@code struct __user_cap_header_struct}: {@code [u32 version][s32 pid]}; data: two of
   *     {@code [u32 effective][u32 permitted][u32 inheritable]}
   */
  public static boolean mayMount() {
    Scratch scratch = Scratch.get();
    scratch.struct.putInt(0, VERSION_3).putInt(4, 0);
    int result = Syscalls.LIBC.capget(scratch.structAddress, scratch.structAddress + 8);
    return result == 0 && (scratch.struct.getInt(8) >> SYS_ADMIN & 1) != 0;
  }
}
