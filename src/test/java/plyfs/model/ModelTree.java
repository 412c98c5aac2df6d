package plyfs.model;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;

/**
 * What a union has to look like: one plain tree in memory with the rules of POSIX. It starts as the
 * layers merged, and knows nothing of layers afterwards.
 */
final class ModelTree {
  /** Not known: the clock had a hand in it, or nobody has looked yet. */
  static final long UNKNOWN = Long.MIN_VALUE;

  /** One object. */
  static final class Inode {
    final int type;
    int mode;
    int uid;
    int gid;
    int nlink = 1;
    long mtime = UNKNOWN;
    long ino = UNKNOWN;
    String content = "";
    final Map<String, String> xattrs = new TreeMap<>();
    final Map<String, Inode> children = new TreeMap<>();

    Inode(int type, int mode) {
      this.type = type;
      this.mode = mode;
    }

    boolean isDirectory() {
      return type == Linux.S_IFDIR;
    }

    boolean isRegular() {
      return type == Linux.S_IFREG;
    }

    void changed() {
      mtime = UNKNOWN;
    }

    void write(long offset, String text) {
      int end = (int) offset + text.length();
      char[] bytes = Arrays.copyOf(content.toCharArray(), Math.max(content.length(), end));
      text.getChars(0, text.length(), bytes, (int) offset);
      content = new String(bytes);
      changed();
    }

    void truncate(long size) {
      content = new String(Arrays.copyOf(content.toCharArray(), (int) size));
      changed();
    }
  }

  /** A name in a directory. */
  record Place(Inode parent, String name) {
    @Nullable Inode node() {
      return parent.children.get(name);
    }

    Inode existing() throws ErrnoException {
      Inode node = node();
      if (node == null) {
        throw ErrnoException.of(Errno.ENOENT);
      }
      return node;
    }

    void requireFree() throws ErrnoException {
      if (node() != null) {
        throw ErrnoException.of(Errno.EEXIST);
      }
    }

    void put(Inode node) {
      parent.children.put(name, node);
      parent.changed();
    }

    void remove() {
      parent.children.remove(name);
      parent.changed();
    }
  }

  final Inode root = new Inode(Linux.S_IFDIR, 0755);

  /** Lays one more layer over the tree, in the notation of {@code LayerTree}. */
  void layOver(String... lines) throws ErrnoException {
    for (String line : lines) {
      if (line.contains(" -> ")) {
        int arrow = line.indexOf(" -> ");
        Inode link = put(line.substring(0, arrow), Linux.S_IFLNK);
        link.content = line.substring(arrow + 4);
      } else if (line.endsWith("/ opaque")) {
        directory(line.substring(0, line.length() - 8)).children.clear();
      } else if (line.endsWith("/")) {
        directory(line.substring(0, line.length() - 1));
      } else if (line.endsWith(" !")) {
        place(line.substring(0, line.length() - 2)).remove();
      } else {
        int equals = line.indexOf('=');
        put(line.substring(0, equals), Linux.S_IFREG).content = line.substring(equals + 1);
      }
    }
  }

  private Inode put(String path, int type) throws ErrnoException {
    int slash = path.lastIndexOf('/');
    if (slash > 0) {
      directory(path.substring(0, slash));
    }
    Inode node = new Inode(type, 0);
    place(path).put(node);
    return node;
  }

  private Inode directory(String path) throws ErrnoException {
    Inode at = root;
    for (String name : path.split("/", -1)) {
      Inode next = at.children.get(name);
      if (next == null || !next.isDirectory()) {
        next = new Inode(Linux.S_IFDIR, 0);
        at.children.put(name, next);
      }
      at = next;
    }
    return at;
  }

  /** The place of a path whose parent is there. */
  Place place(String path) throws ErrnoException {
    int slash = path.lastIndexOf('/');
    Inode parent = slash < 0 ? root : get(path.substring(0, slash));
    if (!parent.isDirectory()) {
      throw ErrnoException.of(Errno.ENOTDIR);
    }
    return new Place(parent, path.substring(slash + 1));
  }

  Inode get(String path) throws ErrnoException {
    Inode at = root;
    for (String name : path.isEmpty() ? new String[0] : path.split("/", -1)) {
      if (!at.isDirectory()) {
        throw ErrnoException.of(Errno.ENOTDIR);
      }
      Inode next = at.children.get(name);
      if (next == null) {
        throw ErrnoException.of(Errno.ENOENT);
      }
      at = next;
    }
    return at;
  }

  // Changes

  Inode make(String path, int type, int mode) throws ErrnoException {
    Place at = place(path);
    at.requireFree();
    Inode made = makeNameless(at.parent, type, mode);
    made.nlink = 1;
    at.put(made);
    return made;
  }

  /** An object that takes its group from a setgid directory. */
  static Inode makeNameless(Inode directory, int type, int mode) {
    Inode made = new Inode(type, mode);
    made.nlink = 0;
    if ((directory.mode & Linux.S_ISGID) != 0) {
      made.gid = directory.gid;
      made.mode |= made.isDirectory() ? Linux.S_ISGID : 0;
    }
    return made;
  }

  void unlink(String path) throws ErrnoException {
    Place at = place(path);
    Inode node = at.existing();
    if (node.isDirectory()) {
      throw ErrnoException.of(Errno.EISDIR);
    }
    node.nlink--;
    at.remove();
  }

  void rmdir(String path) throws ErrnoException {
    Place at = place(path);
    Inode node = at.existing();
    if (!node.isDirectory()) {
      throw ErrnoException.of(Errno.ENOTDIR);
    }
    if (!node.children.isEmpty()) {
      throw ErrnoException.of(Errno.ENOTEMPTY);
    }
    node.nlink = 0;
    at.remove();
  }

  void link(Inode node, String path) throws ErrnoException {
    Place at = place(path);
    if (node.isDirectory()) {
      throw ErrnoException.of(Errno.EPERM);
    }
    at.requireFree();
    at.put(node);
    node.nlink++;
  }

  void rename(String from, String to, int flags) throws ErrnoException {
    Place source = place(from);
    Place target = place(to);
    Inode moving = source.existing();
    Inode replaced = target.node();
    boolean exchange = flags == Linux.RENAME_EXCHANGE;
    if (exchange) {
      replaced = target.existing();
    }
    if (flags == Linux.RENAME_NOREPLACE) {
      target.requireFree();
    }
    if (contains(moving, target.parent)) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (replaced != null && contains(replaced, source.parent)) {
      throw ErrnoException.of(exchange ? Errno.EINVAL : Errno.ENOTEMPTY);
    }
    if (replaced != null && replaced != moving && !exchange) {
      requireReplaceable(moving, replaced);
    }
    if (replaced == moving) {
      return;
    }
    if (exchange && replaced != null) {
      source.put(replaced);
    } else {
      source.remove();
      if (replaced != null) {
        replaced.nlink = replaced.isDirectory() ? 0 : replaced.nlink - 1;
      }
    }
    target.put(moving);
  }

  private static void requireReplaceable(Inode moving, Inode replaced) throws ErrnoException {
    if (moving.isDirectory() && !replaced.isDirectory()) {
      throw ErrnoException.of(Errno.ENOTDIR);
    }
    if (!moving.isDirectory() && replaced.isDirectory()) {
      throw ErrnoException.of(Errno.EISDIR);
    }
    if (!replaced.children.isEmpty()) {
      throw ErrnoException.of(Errno.ENOTEMPTY);
    }
  }

  private static boolean contains(Inode directory, Inode other) {
    return directory == other
        || directory.children.values().stream()
            .anyMatch(child -> child.isDirectory() && contains(child, other));
  }
}
