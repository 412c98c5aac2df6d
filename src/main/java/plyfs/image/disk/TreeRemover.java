package plyfs.image.disk;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Getdents;
import plyfs.sys.Linux;
import plyfs.sys.Syscalls;

/** Removes an object with everything below it. No symbolic link is followed. */
public final class TreeRemover {
  private TreeRemover() {}

  /**
   * Removes a name of a directory, whatever it is; nothing happens where it is absent.
   *
   * @implNote depth is bounded by the longest path that an entry may have, since each level here
   *     costs one descriptor and one frame
   */
  public static void remove(Fd dir, byte[] name) throws ErrnoException {
    remove(dir, name, null);
  }

  private static void remove(Fd dir, byte[] name, @Nullable Getdents reader) throws ErrnoException {
    int result = Syscalls.unlinkat(dir, name, 0);
    if (result == 0 || result == -Errno.ENOENT) {
      return;
    }
    // POSIX allows EPERM for a directory; Linux says EISDIR.
    if (result != -Errno.EISDIR && result != -Errno.EPERM) {
      throw ErrnoException.of(-result);
    }
    try (Fd child = openReadable(dir, name)) {
      Getdents entries = reader != null ? reader : new Getdents();
      for (byte[] inner : names(child, entries)) {
        remove(child, inner, entries);
      }
    }
    ErrnoException.check(Syscalls.unlinkat(dir, name, Linux.AT_REMOVEDIR));
  }

  private static Fd openReadable(Fd dir, byte[] name) throws ErrnoException {
    int flags = Linux.O_DIRECTORY | Linux.O_NOFOLLOW;
    try (Fd child = Fd.openat(dir, name, Linux.O_PATH | flags, 0)) {
      // Its mode, as an archive says it, may deny even us the listing; it goes away anyway.
      ErrnoException.check(Syscalls.chmodat(child, Syscalls.SELF, 0700));
    }
    return Fd.openat(dir, name, Linux.O_RDONLY | flags, 0);
  }

  private static List<byte[]> names(Fd dir, Getdents entries) throws ErrnoException {
    List<byte[]> names = new ArrayList<>();
    entries.reset();
    while (entries.advance(dir)) {
      names.add(entries.name());
    }
    return names;
  }
}
