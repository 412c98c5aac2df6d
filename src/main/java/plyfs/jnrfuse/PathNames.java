package plyfs.jnrfuse;

import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;

/**
 * Converts text of libfuse to bytes. jnr-fuse passes paths as text in the default character set,
 * which {@link JnrFuseTransport} requires to be ISO-8859-1: one character for each byte.
 */
final class PathNames {
  private PathNames() {}

  /**
   * The bytes of a text.
   *
   * @throws ErrnoException EILSEQ for a character that is not a byte
   */
  static byte[] bytes(String text) throws ErrnoException {
    byte[] bytes = new byte[text.length()];
    for (int i = 0; i < bytes.length; i++) {
      char c = text.charAt(i);
      if (c > 0xff) {
        throw ErrnoException.of(Errno.EILSEQ);
      }
      bytes[i] = (byte) c;
    }
    return bytes;
  }

  /**
   * One component of a path.
   *
   * @throws ErrnoException ENAMETOOLONG, EILSEQ; EINVAL if it is not a name
   */
  static Name name(String component) throws ErrnoException {
    byte[] bytes = bytes(component);
    if (bytes.length > Name.MAX_BYTES) {
      throw ErrnoException.of(Errno.ENAMETOOLONG);
    }
    if (!Name.isComponent(bytes)) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return Name.of(bytes);
  }

  /** The part after the last slash. */
  static String last(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** The part before the last slash; empty for an entry of the root. */
  static String parent(String path) {
    return path.substring(0, Math.max(path.lastIndexOf('/'), 0));
  }
}
