package plyfs.layer;

import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/**
 * Determines the types of entries that their directory does not report. An unreadable object is
 * listed all the same, as in a plain file system: its name exists, and a program that uses it gets
 * the error.
 */
final class EntryTypes {
  /** The entry no longer exists. */
  static final int GONE = -1;

  private EntryTypes() {}

  /**
   * Reads the type of the object of an entry.
   *
   * @param scratch overwritten
   * @return {@code DT_*}; {@link Linux#DT_UNKNOWN} if the object cannot be read; or {@link #GONE}
   * @throws ErrnoException ENOMEM, EMFILE, ENFILE: the type could not be determined
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
