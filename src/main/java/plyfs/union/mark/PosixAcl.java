package plyfs.union.mark;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * What a new object inherits from the default ACL of its directory.
 *
 * <p>An ACL is stored as {@code [u32 version 2]} and entries {@code [u16 tag][u16 permissions][u32
 * id]}, little-endian.
 *
 * @param mode permission bits of the new object
 * @param access its access ACL; null if the mode says it all
 * @implNote Linux fs/posix_acl.c, posix_acl_create_masq; include/uapi/linux/posix_acl_xattr.h
 */
public record PosixAcl(int mode, byte @Nullable [] access) {
  private static final int HEADER_BYTES = 4;
  private static final int ENTRY_BYTES = 8;
  private static final int VERSION = 2;
  private static final int USER_OBJ = 0x01;
  private static final int GROUP_OBJ = 0x04;
  private static final int MASK = 0x10;
  private static final int OTHER = 0x20;

  /**
   * Applies a default ACL.
   *
   * @param defaultAcl value of {@code system.posix_acl_default}; one that is malformed inherits
   *     nothing
   * @param mode mode that the caller asked for, the umask not applied
   */
  public static PosixAcl inherit(byte[] defaultAcl, int mode) {
    ByteBuffer acl = ByteBuffer.wrap(defaultAcl.clone()).order(ByteOrder.LITTLE_ENDIAN);
    if (acl.capacity() < HEADER_BYTES
        || acl.getInt(0) != VERSION
        || (acl.capacity() - HEADER_BYTES) % ENTRY_BYTES != 0) {
      return new PosixAcl(mode, null);
    }
    int result = mode;
    int groupAt = -1;
    int maskAt = -1;
    boolean needsAcl = false;
    for (int at = HEADER_BYTES; at < acl.capacity(); at += ENTRY_BYTES) {
      switch (acl.getShort(at)) {
        case USER_OBJ -> result = limit(acl, at, result, 6);
        case OTHER -> result = limit(acl, at, result, 0);
        case GROUP_OBJ -> groupAt = at;
        case MASK -> {
          maskAt = at;
          needsAcl = true;
        }
        default -> needsAcl = true;
      }
    }
    int groupClass = maskAt >= 0 ? maskAt : groupAt;
    if (groupClass >= 0) {
      result = limit(acl, groupClass, result, 3);
    }
    return new PosixAcl(result, needsAcl ? acl.array() : null);
  }

  /** Limits an entry to what the mode grants, and the mode to what the entry grants. */
  private static int limit(ByteBuffer acl, int entry, int mode, int shift) {
    int permissions = acl.getShort(entry + 2) & mode >> shift & 7;
    acl.putShort(entry + 2, (short) permissions);
    return mode & ~(7 << shift) | permissions << shift;
  }
}
