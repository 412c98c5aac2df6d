package plyfs.copy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import plyfs.image.tar.MemberSink;
import plyfs.image.tar.TarMember;
import plyfs.layer.LayerRef;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;
import plyfs.union.UnionFs;
import plyfs.union.inspect.Inspection;

/**
 * Reads objects of a union as a program at its mount would see them, and hands them to a sink: the
 * topmost object of each name, data of metacopy files from below, hard links as such, no mark of
 * overlayfs. Belongs to one thread.
 */
final class UnionReader {
  private static final int CHUNK_BYTES = 1 << 18;

  private final UnionFs union;
  private final MemberSink sink;
  private final Consumer<String> notices;
  private final Map<Inode, byte[]> links = new HashMap<>();
  private final byte[] heap = new byte[CHUNK_BYTES];
  private final ByteBuffer direct = ByteBuffer.allocateDirect(CHUNK_BYTES);
  private final long address = Syscalls.addressOf(direct);

  /** A file of a layer, by what no other file has. */
  private record Inode(long dev, long ino) {}

  /**
   * Reads from a union.
   *
   * @param notices hears sentences about what could not be kept
   */
  UnionReader(UnionFs union, MemberSink sink, Consumer<String> notices) {
    this.union = union;
    this.sink = sink;
    this.notices = notices;
  }

  /**
   * Hands over a directory with all below it, sorted by name.
   *
   * @param path what it is called
   */
  void tree(UnionEntry directory, byte[] path) throws IOException, ErrnoException {
    object(directory, path);
    below(directory, path);
  }

  private void below(UnionEntry directory, byte[] path) throws IOException, ErrnoException {
    for (Name name : names(directory)) {
      UnionEntry entry = UnionEntry.lookup(union, directory, name);
      if (entry == null) {
        continue; // removed meanwhile
      }
      try {
        byte[] at = Members.child(path, name);
        if (object(entry, at) && entry.stat().isDirectory()) {
          below(entry, at);
        }
      } finally {
        UnionEntry.forget(union, entry);
      }
    }
  }

  Collection<Name> names(UnionEntry directory) throws ErrnoException {
    TreeSet<Name> names = new TreeSet<>();
    UnionNames.add(union, directory, names);
    return names;
  }

  /**
   * Hands over one object, a file with its data.
   *
   * @return whether it was handed over: sockets are not
   */
  boolean object(UnionEntry entry, byte[] path) throws IOException, ErrnoException {
    Stat stat = entry.stat();
    if (stat.type() == Linux.S_IFSOCK) {
      notices.accept(
          "left out the socket '" + Name.printable(path) + "', for which tar has no type");
      return false;
    }
    byte[] target = stat.isSymlink() ? union.readLink(entry.node()) : new byte[0];
    TarMember member = Members.of(stat, path, target, xattrs(entry, path));
    byte[] first = stat.isDirectory() ? null : otherName(entry, path);
    if (first != null) {
      sink.begin(Members.link(member, first));
    } else {
      sink.begin(member);
      if (stat.isRegular()) {
        data(entry, path);
      }
    }
    sink.end();
    return true;
  }

  /** The path under which the same file was handed over; null if this is the first. */
  private byte @Nullable [] otherName(UnionEntry entry, byte[] path) throws ErrnoException {
    Stat real = new Stat();
    if (!Inspection.stat(top(entry), real) || real.nlink() < 2) {
      return null;
    }
    return links.putIfAbsent(new Inode(real.dev(), real.ino()), path);
  }

  /** The topmost object in the layers. */
  LayerRef top(UnionEntry entry) throws ErrnoException {
    return parts(entry).get(0);
  }

  List<LayerRef> parts(UnionEntry entry) throws ErrnoException {
    return union.inspection().sources(entry.node()).parts();
  }

  /** Those attributes that belong to the object, by name in ISO-8859-1. */
  SortedMap<String, byte[]> xattrs(UnionEntry entry, byte[] path) throws ErrnoException {
    SortedMap<String, byte[]> found = new TreeMap<>();
    XattrSyscalls.forEachName(
        union.listXattrs(entry.node(), () -> true),
        name -> {
          byte[] value = Members.isPortable(name) ? union.getXattr(entry.node(), name) : null;
          String text = new String(name, ISO_8859_1);
          if (value != null && text.indexOf('=') >= 0) {
            notices.accept(
                "left out the extended attribute '"
                    + Name.printable(name)
                    + "' of '"
                    + Name.printable(path)
                    + "': a tar cannot hold a name with '='");
          } else if (value != null) {
            found.put(text, value);
          }
        });
    return found;
  }

  private void data(UnionEntry entry, byte[] path) throws IOException, ErrnoException {
    long size = entry.stat().size();
    long at = 0;
    boolean isShort = false;
    while (at < size && !isShort) {
      long data = Math.min(size, seek(entry, at, Linux.SEEK_DATA, size));
      if (data > at) {
        sink.hole(data - at);
        at = data;
      }
      long hole = at < size ? Math.min(size, seek(entry, at, Linux.SEEK_HOLE, size)) : at;
      while (at < hole && !isShort) {
        int wanted = (int) Math.min(CHUNK_BYTES, hole - at);
        int read = union.read(entry.node(), address, wanted, at);
        isShort = read == 0;
        direct.get(0, heap, 0, read);
        sink.data(heap, read);
        at += read;
      }
    }
    if (isShort) {
      sink.hole(size - at);
    }
    if (isShort || changedSince(entry)) {
      notices.accept(
          "'"
              + Name.printable(path)
              + "' was written to while it was read: what was read may be a mixture of old and new");
    }
  }

  private long seek(UnionEntry entry, long offset, int whence, long size) throws ErrnoException {
    try {
      return union.seek(entry.node(), offset, whence);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENXIO) {
        return size; // no data any more
      }
      if (e.errno() == Errno.EINVAL || e.errno() == Errno.EOPNOTSUPP) {
        return whence == Linux.SEEK_DATA ? offset : size; // the file system tells of no holes
      }
      throw e;
    }
  }

  private boolean changedSince(UnionEntry entry) throws ErrnoException {
    Stat now = new Stat();
    Stat then = entry.stat();
    LayerRef top = top(entry);
    return top.layer().index() == 0
        && Inspection.stat(top, now)
        && (now.size() != then.size()
            || now.mtimeSeconds() != then.mtimeSeconds()
            || now.mtimeNanos() != then.mtimeNanos());
  }
}
