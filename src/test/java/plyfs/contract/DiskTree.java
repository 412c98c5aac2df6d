package plyfs.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static plyfs.contract.LayerTree.bytes;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Getdents;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;

/**
 * System calls on paths below one directory, which may be a mount, an upper or a lower directory.
 * Paths are relative, each character one byte; the last component is never followed. What fails
 * throws its error number.
 */
public final class DiskTree {
  private final String root;

  /** The tree below a directory. */
  public DiskTree(String root) {
    this.root = root;
  }

  /** The directory itself. */
  public String root() {
    return root;
  }

  /** The path as bytes; empty for the root. */
  private byte[] path(String path) {
    return bytes(path.isEmpty() ? root + "/." : root + "/" + path);
  }

  /**
   * Makes objects in the notation of {@link LayerTree}, and {@code FILE (MODE UID:GID)} for a mode
   * in octal and an owner of what the lines before have made.
   */
  public DiskTree make(String... lines) throws ErrnoException {
    for (String line : lines) {
      makeOne(line);
    }
    return this;
  }

  private void makeOne(String line) throws ErrnoException {
    int equals = line.indexOf('=');
    if (line.contains(" -> ")) {
      int arrow = line.indexOf(" -> ");
      makeParents(line.substring(0, arrow));
      symlink(line.substring(arrow + 4), line.substring(0, arrow));
    } else if (equals > 0) {
      makeParents(line.substring(0, equals));
      write(line.substring(0, equals), line.substring(equals + 1));
    } else if (line.endsWith("/ opaque")) {
      makeDirectories(line.substring(0, line.length() - 8));
      setXattr(line.substring(0, line.length() - 8), "trusted.overlay.opaque", "y");
    } else if (line.endsWith(")")) {
      int at = line.lastIndexOf(" (");
      String[] words = line.substring(at + 2, line.length() - 1).split("[ :]", -1);
      chown(line.substring(0, at), Integer.parseInt(words[1]), Integer.parseInt(words[2]));
      chmod(line.substring(0, at), Integer.parseInt(words[0], 8));
    } else if (line.endsWith("/")) {
      makeDirectories(line.substring(0, line.length() - 1));
    } else if (line.endsWith(" !")) {
      makeParents(line.substring(0, line.length() - 2));
      mknod(line.substring(0, line.length() - 2), Linux.S_IFCHR, 0);
    } else {
      throw new IllegalArgumentException("not a line of a tree: " + line);
    }
  }

  private void makeParents(String path) throws ErrnoException {
    int slash = path.lastIndexOf('/');
    if (slash > 0) {
      makeDirectories(path.substring(0, slash));
    }
  }

  private void makeDirectories(String path) throws ErrnoException {
    if (exists(path)) {
      return;
    }
    makeParents(path);
    mkdir(path, 0755);
  }

  /** Attributes; ENOENT where there is nothing. */
  public Stat stat(String path) throws ErrnoException {
    Stat stat = new Stat();
    ErrnoException.check(Syscalls.statx(Fd.CWD, path(path), stat));
    return stat;
  }

  /** Whether stat finds the name. */
  public boolean exists(String path) {
    return Syscalls.statx(Fd.CWD, path(path), new Stat()) == 0;
  }

  /** Names in a directory, sorted. */
  public List<String> list(String path) throws ErrnoException {
    try (Fd directory = open(path, Linux.O_RDONLY | Linux.O_DIRECTORY)) {
      return list(directory);
    }
  }

  /** What is left to list of an open directory, sorted. */
  static List<String> list(Fd directory) throws ErrnoException {
    List<String> names = new ArrayList<>();
    Getdents entries = new Getdents();
    while (entries.advance(directory)) {
      names.add(new String(entries.name(), ISO_8859_1));
    }
    Collections.sort(names);
    return names;
  }

  /** open(2), final links not followed. */
  public Fd open(String path, int flags) throws ErrnoException {
    return open(path, flags, 0);
  }

  /** open(2), final links not followed. */
  public Fd open(String path, int flags, int mode) throws ErrnoException {
    return Fd.openat(Fd.CWD, path(path), flags | Linux.O_NOFOLLOW, mode);
  }

  /** All bytes of a file. */
  public String read(String path) throws ErrnoException {
    try (Fd file = open(path, Linux.O_RDONLY)) {
      return pread(file, 1 << 20, 0);
    }
  }

  /** One pread(2). */
  static String pread(Fd file, int count, long offset) throws ErrnoException {
    ByteBuffer memory = ByteBuffer.allocateDirect(count);
    long read = FileSyscalls.pread(file, Syscalls.addressOf(memory), count, offset);
    byte[] content = new byte[(int) ErrnoException.check(read)];
    memory.get(0, content);
    return new String(content, ISO_8859_1);
  }

  /** One pwrite(2). */
  static void pwrite(Fd file, String content, long offset) throws ErrnoException {
    ByteBuffer memory = ByteBuffer.allocateDirect(content.length());
    memory.put(0, bytes(content));
    long address = Syscalls.addressOf(memory);
    ErrnoException.check(FileSyscalls.pwrite(file, address, content.length(), offset));
  }

  /** Makes or replaces the content of a file, mode 0644 if it is new. */
  public void write(String path, String content) throws ErrnoException {
    int flags = Linux.O_WRONLY | Linux.O_CREAT | Linux.O_TRUNC;
    try (Fd file = open(path, flags, 0666)) {
      if (!content.isEmpty()) {
        pwrite(file, content, 0);
      }
    }
  }

  /** Appends to a file that exists. */
  public void append(String path, String content) throws ErrnoException {
    try (Fd file = open(path, Linux.O_WRONLY | Linux.O_APPEND)) {
      pwrite(file, content, 0);
    }
  }

  /** ftruncate(2) on a fresh descriptor. */
  public void truncate(String path, long size) throws ErrnoException {
    try (Fd file = open(path, Linux.O_WRONLY)) {
      ErrnoException.check(FileSyscalls.ftruncate(file, size));
    }
  }

  public void mkdir(String path) throws ErrnoException {
    mkdir(path, 0777);
  }

  public void mkdir(String path, int mode) throws ErrnoException {
    ErrnoException.check(Syscalls.mkdirat(Fd.CWD, path(path), mode));
  }

  public void rmdir(String path) throws ErrnoException {
    ErrnoException.check(Syscalls.unlinkat(Fd.CWD, path(path), Linux.AT_REMOVEDIR));
  }

  public void unlink(String path) throws ErrnoException {
    ErrnoException.check(Syscalls.unlinkat(Fd.CWD, path(path), 0));
  }

  /** rm -r. */
  public void removeAll(String path) throws ErrnoException {
    if (stat(path).isDirectory()) {
      for (String name : list(path)) {
        removeAll(path + "/" + name);
      }
      rmdir(path);
    } else {
      unlink(path);
    }
  }

  public void rename(String from, String to) throws ErrnoException {
    rename(from, to, 0);
  }

  public void rename(String from, String to, int flags) throws ErrnoException {
    ErrnoException.check(Syscalls.renameat2(Fd.CWD, path(from), Fd.CWD, path(to), flags));
  }

  public void link(String from, String to) throws ErrnoException {
    ErrnoException.check(Syscalls.linkat(Fd.CWD, path(from), Fd.CWD, path(to)));
  }

  public void symlink(String target, String path) throws ErrnoException {
    ErrnoException.check(Syscalls.symlinkat(bytes(target), Fd.CWD, path(path)));
  }

  public String readLink(String path) throws ErrnoException {
    return new String(Syscalls.readlink(Fd.CWD, path(path)), ISO_8859_1);
  }

  /** mknod(2), mode with its type. */
  public void mknod(String path, int mode, int rdev) throws ErrnoException {
    ErrnoException.check(Syscalls.mknodat(Fd.CWD, path(path), mode, rdev));
  }

  public void chmod(String path, int mode) throws ErrnoException {
    ErrnoException.check(Syscalls.chmodat(Fd.CWD, path(path), mode));
  }

  public void chown(String path, int uid, int gid) throws ErrnoException {
    ErrnoException.check(Syscalls.chownat(Fd.CWD, path(path), uid, gid));
  }

  /** Sets atime and mtime. */
  public void utimens(String path, long atime, long atimeNanos, long mtime, long mtimeNanos)
      throws ErrnoException {
    ErrnoException.check(
        Syscalls.utimensat(Fd.CWD, path(path), atime, atimeNanos, mtime, mtimeNanos));
  }

  public void setXattr(String path, String name, String value) throws ErrnoException {
    setXattr(path, name, value, 0);
  }

  public void setXattr(String path, String name, String value, int flags) throws ErrnoException {
    try (Fd object = object(path)) {
      ErrnoException.check(
          XattrSyscalls.set(object, Syscalls.SELF, bytes(name), bytes(value), flags));
    }
  }

  /** Value of an attribute; null where it is absent. */
  public @Nullable String xattr(String path, String name) throws ErrnoException {
    try (Fd object = object(path)) {
      byte[] value = XattrSyscalls.get(object, Syscalls.SELF, bytes(name));
      return value == null ? null : new String(value, ISO_8859_1);
    }
  }

  /** Names of all attributes, sorted, without labels of a security module. */
  public List<String> xattrNames(String path) throws ErrnoException {
    List<String> names = new ArrayList<>();
    try (Fd object = object(path)) {
      XattrSyscalls.forEachName(
          XattrSyscalls.list(object, Syscalls.SELF),
          name -> names.add(new String(name, ISO_8859_1)));
    }
    names.removeIf(name -> name.equals("security.selinux"));
    Collections.sort(names);
    return names;
  }

  public void removeXattr(String path, String name) throws ErrnoException {
    try (Fd object = object(path)) {
      ErrnoException.check(XattrSyscalls.remove(object, Syscalls.SELF, bytes(name)));
    }
  }

  /** The xattr calls take a descriptor; one of the object itself also serves for a link. */
  private Fd object(String path) throws ErrnoException {
    return open(path, Linux.O_PATH);
  }

  /** The whole tree in the notation of {@link LayerTree}, sorted; marks are not shown. */
  public List<String> render() throws ErrnoException {
    List<String> lines = new ArrayList<>();
    renderBelow("", lines);
    Collections.sort(lines);
    return lines;
  }

  private void renderBelow(String prefix, List<String> lines) throws ErrnoException {
    String directory = prefix.isEmpty() ? "" : prefix.substring(0, prefix.length() - 1);
    for (String name : list(directory)) {
      String path = prefix + name;
      Stat stat = stat(path);
      if (stat.isDirectory()) {
        lines.add(path + "/");
        renderBelow(path + "/", lines);
      } else if (stat.isSymlink()) {
        lines.add(path + " -> " + readLink(path));
      } else if (stat.isWhiteout()) {
        lines.add(path + " !");
      } else if (stat.isRegular()) {
        lines.add(path + "=" + (stat.size() > 200 ? "<" + stat.size() + " bytes>" : read(path)));
      } else {
        lines.add(path + " mode " + Integer.toOctalString(stat.mode()));
      }
    }
  }
}
