package plyfs.image.tree;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import plyfs.image.disk.StoreFiles;
import plyfs.image.tar.TarEntry;
import plyfs.image.tar.Timestamp;
import plyfs.layer.AufsNames;
import plyfs.layer.OverlayXattr;
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
 * Writes a layer directory in overlay form as the tar of an OCI layer: a character device 0:0
 * becomes {@code .wh.NAME}, an opaque directory gets {@code .wh..wh..opq}, other marks of union
 * file systems are left out. Names, targets and extended attributes are written as the bytes they
 * are, times to the nanosecond; names are sorted, so the same tree always gives the same tar. Holes
 * are written as zeros; sockets cannot be written.
 */
public final class LayerTarWriter {
  /** The library wants room for a final NUL, which tar does not need. */
  private static final int NAME_BYTES = 99;

  private static final long MAX_OCTAL_8 = 07777777L;
  private static final long MAX_OCTAL_12 = 077777777777L;
  private static final int COPY_BYTES = 1 << 18;

  private final TarArchiveOutputStream tar;
  private final Map<String, String> links = new HashMap<>();
  private final byte[] heap = new byte[COPY_BYTES];
  private final ByteBuffer direct = ByteBuffer.allocateDirect(COPY_BYTES);
  private final long address = Syscalls.addressOf(direct);

  private LayerTarWriter(TarArchiveOutputStream tar) {
    this.tar = tar;
  }

  /**
   * Writes a whole layer.
   *
   * @param layer directory in overlay form
   * @param out stays open
   */
  public static void write(Path layer, OutputStream out) throws IOException {
    TarArchiveOutputStream tar = new TarArchiveOutputStream(out, "ISO-8859-1");
    try (Fd root = StoreFiles.openDirectory(layer)) {
      new LayerTarWriter(tar).directory(root, "");
    } catch (ErrnoException e) {
      throw new IOException("cannot read the layer " + layer + ": " + e.getMessage(), e);
    }
    tar.finish();
    tar.flush();
  }

  /** Paths are ISO-8859-1 here: one char for each byte. */
  private void directory(Fd dir, String path) throws IOException, ErrnoException {
    Stat stat = new Stat();
    ErrnoException.check(Syscalls.statx(dir, Syscalls.SELF, stat));
    String prefix = path.isEmpty() ? "" : path + "/";
    header('5', path.isEmpty() ? "./" : prefix, "", stat, xattrs(dir, Syscalls.SELF));
    tar.closeArchiveEntry();
    if (isOpaque(dir)) {
      mark(prefix + AufsNames.OPAQUE, stat);
    }
    TreeMap<String, byte[]> names = new TreeMap<>();
    Getdents entries = new Getdents();
    while (entries.advance(dir)) {
      names.put(new String(entries.name(), ISO_8859_1), entries.name());
    }
    for (Map.Entry<String, byte[]> name : names.entrySet()) {
      entry(dir, name.getValue(), prefix + name.getKey());
    }
  }

  private void entry(Fd dir, byte[] name, String path) throws IOException, ErrnoException {
    Stat stat = new Stat();
    ErrnoException.check(Syscalls.statx(dir, name, stat));
    if (stat.isDirectory()) {
      int flags = Linux.O_RDONLY | Linux.O_DIRECTORY | Linux.O_NOFOLLOW;
      try (Fd child = Fd.openat(dir, name, flags, 0)) {
        directory(child, path);
      }
      return;
    }
    if (stat.isWhiteout()) {
      int slash = path.lastIndexOf('/') + 1;
      mark(path.substring(0, slash) + AufsNames.markOf(path.substring(slash)), stat);
      return;
    }
    String object = stat.dev() + ":" + stat.ino();
    String first = stat.nlink() > 1 ? links.putIfAbsent(object, path) : null;
    if (first != null) {
      header('1', path, first, stat, Map.of());
      tar.closeArchiveEntry();
      return;
    }
    Map<String, byte[]> xattrs = xattrs(dir, name);
    String target = stat.isSymlink() ? new String(Syscalls.readlink(dir, name), ISO_8859_1) : "";
    header(type(stat, path), path, target, stat, xattrs);
    if (stat.isRegular()) {
      try (Fd file = Fd.openat(dir, name, Linux.O_RDONLY | Linux.O_NOFOLLOW, 0)) {
        copy(file, stat.size(), path);
      }
    }
    tar.closeArchiveEntry();
  }

  private static char type(Stat stat, String path) throws IOException {
    return switch (stat.type()) {
      case Linux.S_IFREG -> TarEntry.FILE;
      case Linux.S_IFLNK -> TarEntry.SYMLINK;
      case Linux.S_IFCHR -> TarEntry.CHARACTER_DEVICE;
      case Linux.S_IFBLK -> TarEntry.BLOCK_DEVICE;
      case Linux.S_IFIFO -> TarEntry.FIFO;
      default ->
          throw new IOException(
              "'" + Name.printable(path.getBytes(ISO_8859_1)) + "' is a socket, not for a tar");
    };
  }

  private static boolean isOpaque(Fd dir) throws ErrnoException {
    for (OverlayXattr marks : OverlayXattr.ALL) {
      byte[] value = XattrSyscalls.get(dir, Syscalls.SELF, marks.opaque());
      if (value != null && value.length == 1 && value[0] == 'y') {
        return true;
      }
    }
    return false;
  }

  private static Map<String, byte[]> xattrs(Fd dir, byte[] name) throws ErrnoException {
    Map<String, byte[]> result = new TreeMap<>();
    XattrSyscalls.forEachName(
        XattrSyscalls.list(dir, name),
        xattr -> {
          String text = new String(xattr, ISO_8859_1);
          byte[] value = EntryAttributes.isMark(text) ? null : XattrSyscalls.get(dir, name, xattr);
          if (value != null) {
            result.put(text, value);
          }
        });
    return result;
  }

  /** An empty file with a meaning; it has the owner and times of what it stands for. */
  private void mark(String path, Stat stat) throws IOException {
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    TarArchiveEntry entry = basic('0', path, stat, records);
    entry.setMode(0600);
    put(entry, records);
    tar.closeArchiveEntry();
  }

  private void header(char type, String path, String target, Stat stat, Map<String, byte[]> xattrs)
      throws IOException {
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    TarArchiveEntry entry = basic(type, path, stat, records);
    entry.setLinkName(shortened(target));
    if (!fits(target)) {
      record(records, "linkpath", target.getBytes(ISO_8859_1));
    }
    if (type == TarEntry.FILE) {
      entry.setSize(stat.size());
      if (stat.size() > MAX_OCTAL_12) {
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_STAR);
      }
    }
    if (type == TarEntry.CHARACTER_DEVICE || type == TarEntry.BLOCK_DEVICE) {
      entry.setDevMajor(Linux.major(stat.rdev()));
      entry.setDevMinor(Linux.minor(stat.rdev()));
    }
    xattrs.forEach((name, value) -> record(records, "SCHILY.xattr." + name, value));
    put(entry, records);
  }

  private static TarArchiveEntry basic(
      char type, String path, Stat stat, ByteArrayOutputStream records) {
    TarArchiveEntry entry = new TarArchiveEntry(shortened(path), (byte) type, true);
    entry.setMode(stat.mode() & 07777);
    if (!fits(path)) {
      record(records, "path", path.getBytes(ISO_8859_1));
    }
    long uid = stat.uid() & 0xffffffffL;
    long gid = stat.gid() & 0xffffffffL;
    entry.setUserId(Math.min(uid, MAX_OCTAL_8));
    entry.setGroupId(Math.min(gid, MAX_OCTAL_8));
    if (uid > MAX_OCTAL_8) {
      record(records, "uid", Long.toString(uid).getBytes(ISO_8859_1));
    }
    if (gid > MAX_OCTAL_8) {
      record(records, "gid", Long.toString(gid).getBytes(ISO_8859_1));
    }
    Timestamp mtime = new Timestamp(stat.mtimeSeconds(), stat.mtimeNanos());
    entry.setModTime(Math.max(0, Math.min(mtime.seconds(), MAX_OCTAL_12)) * 1000);
    if (mtime.nanos() != 0 || mtime.seconds() < 0 || mtime.seconds() > MAX_OCTAL_12) {
      record(records, "mtime", mtime.toDecimal().getBytes(ISO_8859_1));
    }
    return entry;
  }

  private static boolean fits(String text) {
    return text.length() <= NAME_BYTES && text.chars().allMatch(c -> c >= 0x20 && c < 0x7f);
  }

  private static String shortened(String text) {
    return text.length() <= NAME_BYTES ? text : text.substring(0, NAME_BYTES - 1) + "_";
  }

  private void put(TarArchiveEntry entry, ByteArrayOutputStream records) throws IOException {
    if (records.size() > 0) {
      TarArchiveEntry extension = new TarArchiveEntry("PaxHeaders/entry", (byte) 'x');
      extension.setSize(records.size());
      extension.setModTime(0);
      tar.putArchiveEntry(extension);
      records.writeTo(tar);
      tar.closeArchiveEntry();
    }
    tar.putArchiveEntry(entry);
  }

  /** {@code <length of all this> <key>=<value><newline>}. */
  private static void record(ByteArrayOutputStream records, String key, byte[] value) {
    int rest = key.length() + value.length + 3;
    int length = rest + 1;
    while (Integer.toString(length).length() + rest != length) {
      length++;
    }
    records.writeBytes((length + " " + key + "=").getBytes(ISO_8859_1));
    records.writeBytes(value);
    records.write('\n');
  }

  private void copy(Fd file, long size, String path) throws IOException, ErrnoException {
    long at = 0;
    while (at < size) {
      int wanted = (int) Math.min(COPY_BYTES, size - at);
      int read = (int) ErrnoException.check(FileSyscalls.pread(file, address, wanted, at));
      if (read == 0) {
        throw new IOException(
            "'" + Name.printable(path.getBytes(ISO_8859_1)) + "' became shorter while it was read");
      }
      direct.get(0, heap, 0, read);
      tar.write(heap, 0, read);
      at += read;
    }
  }
}
