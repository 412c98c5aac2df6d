package plyfs.union.mark;

import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;

/**
 * The value of the mark on a regular file whose data is in a layer below: empty, or {@code [u8
 * version][u8 length][u8 flags][u8 digest algorithm][digest]}. Digests are not checked, as with
 * {@code verity=off}.
 *
 * @implNote Linux fs/overlayfs/overlayfs.h, struct ovl_metacopy; util.c, ovl_check_metacopy_xattr
 */
public final class Metacopy {
  private static final int HEADER_BYTES = 4;
  private static final byte[] WITHOUT_DIGEST = {};

  private Metacopy() {}

  /** The value that is written. To be read only. */
  public static byte[] encode() {
    return WITHOUT_DIGEST;
  }

  /**
   * Checks a value that was found.
   *
   * @throws ErrnoException EIO if it is too short to be one
   */
  public static void requireWellFormed(byte[] value) throws ErrnoException {
    if (value.length > 0 && value.length < HEADER_BYTES) {
      throw ErrnoException.of(Errno.EIO);
    }
  }
}
