package plyfs.layer;

import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/**
 * Types of entries that their directory does not tell. One whose object cannot be read is listed
 * all the same, as in a plain file system: its name is certain, and whoever looks at it gets the
 * error.
 */
final class EntryTypes {
  /** The entry is not there any more. */
  static final int GONE = -1;

  private EntryTypes() {}

  /**
   * Asks the object of an entry for its type.
   *
   * @param scratch overwritten
   * @return {@code DT_*}; {@link Linux#DT_UNKNOWN} if the object cannot be read; or {@link #GONE}
   * @throws ErrnoException ENOMEM, EMFILE, ENFILE: nothing is known of the object
   */
  static int ask(Fd directory, byte[] name, Stat scratch) throws ErrnoException {
    int result = Syscalls.statx(directory, name, scratch);
    if (result == 0) {
      return Linux.direntType(scratch.mode());
    }
    if (Errno.isShortage(-result)) {
      throw ErrnoException.of(-result);
    }
    return result == -Errno.ENOENT ? GONE : Linux.DT_UNKNOWN;
  }
}
