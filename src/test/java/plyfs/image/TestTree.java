package plyfs.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.google.common.io.BaseEncoding;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import plyfs.image.disk.StoreFiles;
import plyfs.image.model.Digest;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Getdents;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;

/** A directory tree as sorted text, one line for each object: a difference is readable. */
final class TestTree {
  private final List<String> lines = new ArrayList<>();
  private final boolean withTimes;

  private TestTree(boolean withTimes) {
    this.withTimes = withTimes;
  }

  /** {@code path mode owner [size] [rdev] [target] [content] [xattrs]}. */
  static List<String> of(Path root) throws IOException {
    return new TestTree(false).read(root);
  }

  /** As {@link #of}, of a store, without the times at which images got their names. */
  static List<String> ofStore(Path root) throws IOException {
    return of(root).stream().filter(line -> !line.contains("/lastUpdated ")).toList();
  }

  /** As {@link #of}, with link count and time of modification. */
  static List<String> withTimes(Path root) throws IOException {
    return new TestTree(true).read(root);
  }

  private List<String> read(Path root) throws IOException {
    try (Fd fd = StoreFiles.openDirectory(root)) {
      directory(fd, "");
    } catch (ErrnoException e) {
      throw new IOException(e);
    }
    return lines;
  }

  private void directory(Fd dir, String path) throws ErrnoException {
    line(dir, Syscalls.SELF, path.isEmpty() ? "." : path);
    TreeMap<String, byte[]> names = new TreeMap<>();
    Getdents entries = new Getdents();
    while (entries.advance(dir)) {
      names.put(Name.printable(entries.name()), entries.name());
    }
    Stat stat = new Stat();
    for (var name : names.entrySet()) {
      String inner = path.isEmpty() ? name.getKey() : path + "/" + name.getKey();
      ErrnoException.check(Syscalls.statx(dir, name.getValue(), stat));
      if (stat.isDirectory()) {
        try (Fd child = Fd.openat(dir, name.getValue(), Linux.O_RDONLY | Linux.O_DIRECTORY, 0)) {
          directory(child, inner);
        }
      } else {
        line(dir, name.getValue(), inner);
      }
    }
  }

  private void line(Fd dir, byte[] name, String path) throws ErrnoException {
    Stat stat = new Stat();
    ErrnoException.check(Syscalls.statx(dir, name, stat));
    StringBuilder out = new StringBuilder(path);
    out.append(String.format(" %o %d:%d", stat.mode(), stat.uid(), stat.gid()));
    if (stat.type() == Linux.S_IFCHR || stat.type() == Linux.S_IFBLK) {
      out.append(" dev=").append(stat.rdev());
    }
    if (stat.isSymlink()) {
      out.append(" -> ").append(Name.printable(Syscalls.readlink(dir, name)));
    }
    if (stat.isRegular()) {
      out.append(" ").append(content(dir, name, stat.size()));
    }
    if (withTimes) {
      out.append(" nlink=").append(stat.nlink());
      out.append(String.format(" %d.%09d", stat.mtimeSeconds(), stat.mtimeNanos()));
    }
    TreeMap<String, String> xattrs = new TreeMap<>();
    XattrSyscalls.forEachName(
        XattrSyscalls.list(dir, name),
        xattr -> {
          byte[] value = XattrSyscalls.get(dir, name, xattr);
          xattrs.put(
              new String(xattr, ISO_8859_1),
              value == null ? "gone" : BaseEncoding.base16().lowerCase().encode(value));
        });
    xattrs.forEach((xattr, value) -> out.append(" ").append(xattr).append("=").append(value));
    lines.add(out.toString());
  }

  private static String content(Fd dir, byte[] name, long size) throws ErrnoException {
    ByteBuffer buffer = ByteBuffer.allocateDirect((int) Math.min(size, 1 << 16) + 1);
    try (Fd file = Fd.openat(dir, name, Linux.O_RDONLY, 0)) {
      long read =
          ErrnoException.check(
              FileSyscalls.pread(file, Syscalls.addressOf(buffer), buffer.capacity(), 0));
      byte[] bytes = new byte[(int) read];
      buffer.get(0, bytes);
      return size > 40
          ? size + " bytes " + Digest.sha256(bytes).shortHex()
          : "'" + Name.printable(bytes) + "'";
    }
  }
}
