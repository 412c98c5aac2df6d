package plyfs.union.mark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;

/**
 * The value of a redirect mark: where the lower part of a directory is. A single component means
 * another name in the same parent; a value that begins with {@code /} is a path from the root of
 * the stack.
 *
 * @implNote Linux fs/overlayfs/namei.c, ovl_check_redirect; util.c, ovl_get_redirect_xattr
 */
public final class Redirect {
  /** Longest absolute value that is written, bytes; the kernel's limit too. */
  public static final int MAX_BYTES = 256;

  private Redirect() {}

  public static boolean isAbsolute(byte[] value) {
    return value.length > 0 && value[0] == '/';
  }

  /**
   * The components of a value.
   *
   * @throws ErrnoException EINVAL if the value is empty, ends with a slash, or holds a component
   *     that is none
   */
  public static List<Name> components(byte[] value) throws ErrnoException {
    boolean absolute = isAbsolute(value);
    List<Name> names = new ArrayList<>();
    int start = absolute ? 1 : 0;
    for (int i = start; i <= value.length; i++) {
      if (i == value.length || value[i] == '/') {
        byte[] component = Arrays.copyOfRange(value, start, i);
        if (!Name.isComponent(component) || component.length > Name.MAX_BYTES) {
          throw ErrnoException.of(Errno.EINVAL);
        }
        names.add(Name.of(component));
        start = i + 1;
      }
    }
    if (!absolute && names.size() != 1) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return names;
  }

  /** The absolute value of a list of components. */
  public static byte[] absolute(List<Name> names) {
    int length = names.stream().mapToInt(name -> 1 + name.length()).sum();
    byte[] value = new byte[length];
    int at = 0;
    for (Name name : names) {
      value[at] = '/';
      System.arraycopy(name.bytes(), 0, value, at + 1, name.length());
      at += 1 + name.length();
    }
    return value;
  }
}
