package plyfs.image.disk;

import java.io.IOException;
import java.nio.file.Path;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/** Owner and mode of a directory. */
public final class DirectoryAttributes {
  private DirectoryAttributes() {}

  /**
   * Gives a directory the owner and the mode of another one: the root of a mount shows those of its
   * upper directory.
   */
  public static void copy(byte[] from, byte[] to) throws ErrnoException {
    Stat stat = new Stat();
    try (Fd source = Fd.open(from, Linux.O_PATH | Linux.O_DIRECTORY);
        Fd target = Fd.open(to, Linux.O_RDONLY | Linux.O_DIRECTORY)) {
      ErrnoException.check(Syscalls.statx(source, Syscalls.SELF, stat));
      ErrnoException.check(Syscalls.chownat(target, Syscalls.SELF, stat.uid(), stat.gid()));
      ErrnoException.check(Syscalls.fchmod(target, stat.mode() & 07777));
    }
  }

  /** Gives a directory a mode that does not depend on the umask of the process. */
  public static void setMode(Path directory, int mode) throws IOException {
    try (Fd fd = StoreFiles.openDirectory(directory)) {
      ErrnoException.check(Syscalls.fchmod(fd, mode));
    } catch (ErrnoException e) {
      throw new IOException("cannot set the mode of " + directory + ": " + e.getMessage(), e);
    }
  }
}
