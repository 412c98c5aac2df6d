package plyfs.copy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import plyfs.image.tar.MemberSink;
import plyfs.image.tar.TarMember;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Getdents;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;

/**
 * Reads objects of a directory of this machine and hands them to a sink. No link is followed.
 * Belongs to one thread.
 */
final class HostReader {
  private static final int CHUNK_BYTES = 1 << 18;
  private static final int OBJECT = Linux.O_PATH | Linux.O_NOFOLLOW;

  private final MemberSink sink;
  private final Consumer<String> notices;
  private final Map<Inode, byte[]> links = new HashMap<>();
  private final byte[] heap = new byte[CHUNK_BYTES];
  private final ByteBuffer direct = ByteBuffer.allocateDirect(CHUNK_BYTES);
  private final long address = Syscalls.addressOf(direct);

  private record Inode(long dev, long ino) {}

  HostReader(MemberSink sink, Consumer<String> notices) {
    this.sink = sink;
    this.notices = notices;
  }

  /**
   * Hands over an object with all below it, sorted by name.
   *
   * @param object opened with O_PATH, lent
   * @param path what it is called
   */
  void tree(Fd object, byte[] path) throws IOException, ErrnoException {
    Stat stat = new Stat();
    ErrnoException.check(Syscalls.statx(object, Syscalls.SELF, stat));
    object(object, stat, path);
    if (!stat.isDirectory()) {
      return;
    }
    TreeSet<Name> names = new TreeSet<>();
    try (Fd directory = Syscalls.reopen(object, Linux.O_RDONLY | Linux.O_DIRECTORY)) {
      new Getdents().names(directory).forEach(name -> names.add(Name.of(name)));
    }
    for (Name name : names) {
      Fd child = Fd.openIfPresent(object, name.bytes(), OBJECT);
      if (child != null) { // else removed meanwhile
        try (child) {
          tree(child, Members.child(path, name));
        }
      }
    }
  }

  private void object(Fd object, Stat stat, byte[] path) throws IOException, ErrnoException {
    if (stat.type() == Linux.S_IFSOCK) {
      notices.accept(
          "left out the socket '" + Name.printable(path) + "', for which tar has no type");
      return;
    }
    byte[] target = stat.isSymlink() ? Syscalls.readlink(object, Syscalls.SELF) : new byte[0];
    TarMember member = Members.of(stat, path, target, xattrs(object));
    byte[] first =
        stat.isDirectory() || stat.nlink() < 2
            ? null
            : links.putIfAbsent(new Inode(stat.dev(), stat.ino()), path);
    if (first != null) {
      sink.begin(Members.link(member, first));
    } else if (stat.isRegular()) {
      try (Fd file = Syscalls.reopen(object, Linux.O_RDONLY | Linux.O_NONBLOCK)) {
        sink.begin(member);
        data(file, stat.size(), path);
      }
    } else {
      sink.begin(member);
    }
    sink.end();
  }

  private static SortedMap<String, byte[]> xattrs(Fd object) throws ErrnoException {
    SortedMap<String, byte[]> found = new TreeMap<>();
    XattrSyscalls.forEachName(
        XattrSyscalls.list(object, Syscalls.SELF),
        name -> {
          boolean taken = Members.isPortable(name) && new String(name, ISO_8859_1).indexOf('=') < 0;
          byte[] value = taken ? XattrSyscalls.get(object, Syscalls.SELF, name) : null;
          if (value != null) {
            found.put(new String(name, ISO_8859_1), value);
          }
        });
    return found;
  }

  private void data(Fd file, long size, byte[] path) throws IOException, ErrnoException {
    long at = 0;
    while (at < size) {
      long data = seek(file, at, Linux.SEEK_DATA, size);
      if (data > at) {
        sink.hole(data - at);
        at = data;
      }
      long hole = at < size ? seek(file, at, Linux.SEEK_HOLE, size) : at;
      while (at < hole) {
        int wanted = (int) Math.min(CHUNK_BYTES, hole - at);
        int read = (int) ErrnoException.check(FileSyscalls.pread(file, address, wanted, at));
        if (read == 0) {
          sink.hole(size - at);
          notices.accept(
              "'" + Name.printable(path) + "' became shorter while it was read: zeros follow");
          return;
        }
        direct.get(0, heap, 0, read);
        sink.data(heap, read);
        at += read;
      }
    }
  }

  private static long seek(Fd file, long offset, int whence, long size) throws ErrnoException {
    long found = FileSyscalls.lseek(file, offset, whence);
    if (found == -Errno.ENXIO) {
      return size; // no data any more
    }
    if (found == -Errno.EINVAL || found == -Errno.EOPNOTSUPP) {
      return whence == Linux.SEEK_DATA ? offset : size; // the file system tells of no holes
    }
    return Math.min(size, ErrnoException.check(found));
  }
}
