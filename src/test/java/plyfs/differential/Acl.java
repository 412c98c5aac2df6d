package plyfs.differential;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Values of {@code system.posix_acl_*}.
 *
 * @implNote {@code [le32 version 2]} and for each entry {@code [le16 tag][le16 perm][le32 id]};
 *     include/uapi/linux/posix_acl_xattr.h
 */
final class Acl {
  private static final int USER_OBJ = 1;
  private static final int USER = 2;
  private static final int GROUP_OBJ = 4;
  private static final int GROUP = 8;
  private static final int MASK = 16;
  private static final int OTHER = 32;
  private static final int UNDEFINED = -1;

  private Acl() {}

  /** A list made of an operation's number; one in eight is not valid. */
  static byte[] of(Op op) {
    if (op.pick(20, 8) == 0) {
      return list(op, USER_OBJ, USER, OTHER);
    }
    return wellFormed(op);
  }

  private static byte[] wellFormed(Op op) {
    return op.pick(21, 3) == 0
        ? list(op, USER_OBJ, GROUP_OBJ, OTHER)
        : list(op, USER_OBJ, USER, GROUP_OBJ, GROUP, MASK, OTHER);
  }

  /** As {@link #of}, always valid; each character a byte. */
  static String valid(Op op) {
    return new String(wellFormed(op), ISO_8859_1);
  }

  private static byte[] list(Op op, int... tags) {
    ByteBuffer value = ByteBuffer.allocate(4 + 8 * tags.length).order(ByteOrder.LITTLE_ENDIAN);
    value.putInt(2);
    for (int tag : tags) {
      boolean named = tag == USER || tag == GROUP;
      value.putShort((short) tag).putShort((short) op.oneOf(22 + tag, 7, 7, 7, 6, 5, 4, 3, 0));
      value.putInt(named ? 1 + op.pick(60, 2) : UNDEFINED);
    }
    return value.array();
  }
}
