package plyfs.image.disk;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Getdents;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;

/**
 * Copies a tree: owners, modes, times, content, extended attributes, hard links, devices. Symbolic
 * links are copied and not followed. Holes of files stay holes.
 */
public final class TreeCopy {
  private static final int DIRECTORY = Linux.O_RDONLY | Linux.O_DIRECTORY | Linux.O_NOFOLLOW;
  private static final int PERMISSIONS = 07777;
  private static final int PRIVATE = 0700;

  private final Fd top;
  private final Map<Inode, byte[]> links = new HashMap<>();

  private record Inode(long device, long number) {}

  private TreeCopy(Fd top) {
    this.top = top;
  }

  /**
   * Copies what a directory holds into an empty one, with the owner and all other attributes of the
   * directory itself.
   *
   * @param from open for reading, and not read yet
   * @throws ErrnoException a part of it cannot be read or written
   */
  public static void copy(Fd from, Fd to) throws ErrnoException {
    new TreeCopy(to).directory(from, to, new byte[0]);
  }

  /**
   * One directory.
   *
   * @param path of it below the top, with a slash at its end unless it is empty
   */
  private void directory(Fd from, Fd to, byte[] path) throws ErrnoException {
    List<byte[]> names = new ArrayList<>(new Getdents().names(from));
    for (byte[] name : names) {
      Stat stat = new Stat();
      ErrnoException.check(Syscalls.statx(from, name, stat));
      if (stat.isDirectory()) {
        ErrnoException.check(Syscalls.mkdirat(to, name, PRIVATE));
        try (Fd source = Fd.openat(from, name, DIRECTORY, 0);
            Fd target = Fd.openat(to, name, DIRECTORY, 0)) {
          directory(source, target, joined(path, name, true));
        }
      } else {
        leaf(from, to, name, stat, joined(path, name, false));
      }
    }
    Stat stat = new Stat();
    ErrnoException.check(Syscalls.statx(from, Syscalls.SELF, stat));
    attributes(from, to, Syscalls.SELF, stat);
  }

  private static byte[] joined(byte[] path, byte[] name, boolean isDirectory) {
    byte[] all = Arrays.copyOf(path, path.length + name.length + (isDirectory ? 1 : 0));
    System.arraycopy(name, 0, all, path.length, name.length);
    if (isDirectory) {
      all[all.length - 1] = '/';
    }
    return all;
  }

  private void leaf(Fd from, Fd to, byte[] name, Stat stat, byte[] path) throws ErrnoException {
    Inode inode = new Inode(stat.dev(), stat.ino());
    byte[] first = stat.nlink() > 1 ? links.putIfAbsent(inode, path) : null;
    if (first != null) {
      ErrnoException.check(Syscalls.linkat(top, first, to, name));
      return;
    }
    if (stat.isSymlink()) {
      ErrnoException.check(Syscalls.symlinkat(Syscalls.readlink(from, name), to, name));
    } else if (stat.isRegular()) {
      content(from, to, name);
    } else {
      ErrnoException.check(Syscalls.mknodat(to, name, stat.type() | PRIVATE, stat.rdev()));
    }
    attributes(from, to, name, stat);
  }

  private static void content(Fd from, Fd to, byte[] name) throws ErrnoException {
    int flags = Linux.O_WRONLY | Linux.O_CREAT | Linux.O_EXCL | Linux.O_NOFOLLOW;
    try (Fd source = Fd.openat(from, name, Linux.O_RDONLY | Linux.O_NOFOLLOW, 0);
        Fd target = Fd.openat(to, name, flags, PRIVATE)) {
      Stat stat = new Stat();
      ErrnoException.check(Syscalls.statx(source, Syscalls.SELF, stat));
      FilePart.copyAll(source, target, stat.size());
    }
  }

  /** The mode comes after the owner, whose change clears setuid, and the times come last. */
  private static void attributes(Fd from, Fd to, byte[] name, Stat stat) throws ErrnoException {
    ErrnoException.check(Syscalls.chownat(to, name, stat.uid(), stat.gid()));
    if (!stat.isSymlink()) {
      ErrnoException.check(Syscalls.chmodat(to, name, stat.mode() & PERMISSIONS));
    }
    extendedAttributes(from, to, name);
    ErrnoException.check(
        Syscalls.utimensat(
            to,
            name,
            stat.atimeSeconds(),
            stat.atimeNanos(),
            stat.mtimeSeconds(),
            stat.mtimeNanos()));
  }

  private static void extendedAttributes(Fd from, Fd to, byte[] name) throws ErrnoException {
    byte[] names;
    try {
      names = XattrSyscalls.list(from, name);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EOPNOTSUPP) {
        return;
      }
      throw e;
    }
    XattrSyscalls.forEachName(
        names,
        attribute -> {
          byte[] value = XattrSyscalls.get(from, name, attribute);
          if (value != null) {
            ErrnoException.check(XattrSyscalls.set(to, name, attribute, value, 0));
          }
        });
  }
}
