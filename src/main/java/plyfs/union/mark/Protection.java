package plyfs.union.mark;

import plyfs.sys.FlagsForm;
import plyfs.sys.Stat;

/**
 * The flags that forbid changes, chattr +i and +a, as bits, and as the protattr mark stores them in
 * the upper layer: letters {@code a} and {@code i}. The upper inode itself never gets the flags,
 * since nothing could be linked, marked or created there any more.
 *
 * @implNote Linux fs/overlayfs/util.c, ovl_check_protattr and ovl_set_protattr
 */
public final class Protection {
  public static final int NONE = 0;
  public static final int IMMUTABLE = 1;
  public static final int APPEND_ONLY = 2;

  /** Besides the other bits: the protattr mark has not been read yet. */
  public static final int MARK_UNREAD = 4;

  /** Besides the other bits: they are what statx(2) says of a lower object, and may overstate. */
  public static final int REPORTED = 8;

  /** Bits that say that the others are not all that is to be known. */
  public static final int UNKNOWN = MARK_UNREAD | REPORTED;

  private Protection() {}

  /** What an object's own file system says. */
  public static int of(Stat stat) {
    return (stat.isImmutable() ? IMMUTABLE : NONE) | (stat.isAppendOnly() ? APPEND_ONLY : NONE);
  }

  /** What a value of the ioctls asks for. */
  public static int of(FlagsForm form, byte[] value) {
    int flags = form.flagsOf(value);
    return ((flags & form.immutable()) != 0 ? IMMUTABLE : NONE)
        | ((flags & form.appendOnly()) != 0 ? APPEND_ONLY : NONE);
  }

  /** A value of the ioctls with exactly these of the two flags. */
  public static byte[] put(FlagsForm form, byte[] value, int bits) {
    int flags = form.flagsOf(value) & ~(form.immutable() | form.appendOnly());
    flags |= (bits & IMMUTABLE) != 0 ? form.immutable() : 0;
    flags |= (bits & APPEND_ONLY) != 0 ? form.appendOnly() : 0;
    return form.withFlags(value, flags);
  }

  /** Value of the mark for bits that are not none. */
  public static byte[] encode(int bits) {
    return switch (bits) {
      case IMMUTABLE -> new byte[] {'i'};
      case APPEND_ONLY -> new byte[] {'a'};
      case IMMUTABLE | APPEND_ONLY -> new byte[] {'a', 'i'};
      default -> throw new IllegalArgumentException("protection " + bits);
    };
  }

  /** Bits of a value of the mark; one with another letter says nothing. */
  public static int decode(byte[] mark) {
    int bits = NONE;
    for (byte letter : mark) {
      if (letter != 'i' && letter != 'a') {
        return NONE;
      }
      bits |= letter == 'i' ? IMMUTABLE : APPEND_ONLY;
    }
    return bits;
  }
}
