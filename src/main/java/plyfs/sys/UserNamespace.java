package plyfs.sys;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * The ids of the user namespace of this process. A file whose owner has no id there appears with
 * the overflow id, and that owner cannot be given to another file.
 */
public final class UserNamespace {
  private static final byte[] OVERFLOW_UID = "/proc/sys/kernel/overflowuid".getBytes(US_ASCII);
  private static final byte[] OVERFLOW_GID = "/proc/sys/kernel/overflowgid".getBytes(US_ASCII);
  private static final int DEFAULT_OVERFLOW_ID = 65534;

  private final boolean isFirst = Capabilities.isInFirstUserNamespace();
  private final int overflowUid = isFirst ? -1 : number(OVERFLOW_UID);
  private final int overflowGid = isFirst ? -1 : number(OVERFLOW_GID);

  /**
   * Whether the real owner or group may differ from the shown one. A file that really has the
   * overflow id looks the same as one without an id.
   */
  public boolean mayBeUnknown(Stat stat) {
    return !isFirst && (stat.uid() == overflowUid || stat.gid() == overflowGid);
  }

  private static int number(byte[] path) {
    try (Fd file = Fd.open(path, Linux.O_RDONLY)) {
      Scratch scratch = Scratch.get();
      long count = FileSyscalls.read(file, scratch.structAddress, 16);
      int number = 0;
      for (int i = 0; i < count && Character.isDigit(scratch.struct.get(i)); i++) {
        number = number * 10 + scratch.struct.get(i) - '0';
      }
      return count > 0 ? number : DEFAULT_OVERFLOW_ID;
    } catch (ErrnoException e) {
      return DEFAULT_OVERFLOW_ID; // /proc has no sysctls
    }
  }
}
