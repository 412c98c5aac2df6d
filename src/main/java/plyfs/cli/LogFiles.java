package plyfs.cli;

import com.google.common.primitives.Bytes;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Syscalls;

/** The log files of mounts. */
public final class LogFiles {
  private static final byte[] SLASH = {'/'};

  /** What the launcher calls the log of the mount before. */
  private static final byte[] OLD = {'.', 'o', 'l', 'd'};

  private LogFiles() {}

  /**
   * Removes those of a mount point, if this user has any.
   *
   * @param mountpoint absolute, without symbolic links
   * @throws ErrnoException one is there and cannot be removed
   */
  public static void remove(byte[] mountpoint) throws ErrnoException {
    byte[] name = LogName.of(mountpoint);
    for (byte[] directory : LogDirectories.ofThisUser()) {
      byte[] file = Bytes.concat(directory, SLASH, name);
      removeIfThere(file);
      removeIfThere(Bytes.concat(file, OLD));
    }
  }

  private static void removeIfThere(byte[] file) throws ErrnoException {
    int result = Syscalls.unlinkat(Fd.CWD, file, 0);
    if (result != -Errno.ENOENT) {
      ErrnoException.check(result);
    }
  }
}
