package plyfs.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;

/**
 * Files of a jimfs with the behaviour of Linux: error numbers, rename flags, and objects that live
 * on without a name while someone has a pin on them. Used under the lock of its {@link JimfsLayer}.
 */
final class JimfsTree {
  private final Path root;
  private final @Nullable Path work;
  private final Path index;
  private final Path grave;
  private final Map<Long, Integer> pins = new HashMap<>();

  JimfsTree(Path root, @Nullable Path work) {
    this.root = root;
    this.work = work;
    this.index = root.resolveSibling(".index-of-" + root.getFileName());
    this.grave = root.resolveSibling(".grave-of-" + root.getFileName());
    io(() -> Files.createDirectories(root));
    io(() -> Files.createDirectories(grave));
    if (work != null) {
      io(() -> Files.createDirectories(work));
    }
  }

  /** The index directory, if {@link #makeIndex} was called. */
  Path index() {
    return index;
  }

  void makeIndex() {
    io(() -> Files.createDirectories(index));
  }

  /** Something that jimfs does. */
  interface Io<T> {
    T run() throws IOException;
  }

  /** Does what cannot fail in a correct test. */
  static <T> T io(Io<T> io) {
    try {
      return io.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Does what can fail, with the error number of Linux. */
  static <T> T call(Io<T> io) throws ErrnoException {
    try {
      return io.run();
    } catch (NoSuchFileException e) {
      throw ErrnoException.of(Errno.ENOENT);
    } catch (FileAlreadyExistsException e) {
      throw ErrnoException.of(Errno.EEXIST);
    } catch (DirectoryNotEmptyException e) {
      throw ErrnoException.of(Errno.ENOTEMPTY);
    } catch (NotDirectoryException e) {
      throw ErrnoException.of(Errno.ENOTDIR);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static boolean exists(Path path) {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
  }

  static boolean isDirectory(Path path) {
    return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
  }

  static long ino(Path path) throws ErrnoException {
    return call(() -> number(path, "unix:ino"));
  }

  private static long number(Path path, String attribute) throws IOException {
    return ((Number) Files.getAttribute(path, attribute, LinkOption.NOFOLLOW_LINKS)).longValue();
  }

  int nlink(Path path) throws ErrnoException {
    return path.startsWith(grave) ? 0 : (int) (long) call(() -> number(path, "unix:nlink"));
  }

  static List<Path> children(Path directory) throws ErrnoException {
    return call(
        () -> {
          List<Path> children = new ArrayList<>();
          try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(children::add);
          }
          return children;
        });
  }

  static byte[] nameOf(Path path) {
    return path.getFileName().toString().getBytes(ISO_8859_1);
  }

  void pin(long ino) {
    pins.merge(ino, 1, Integer::sum);
  }

  void unpin(long ino) throws ErrnoException {
    if (pins.merge(ino, -1, Integer::sum) == 0) {
      pins.remove(ino);
      Path left = findBelow(grave, ino);
      if (left != null) {
        deleteTree(left);
      }
    }
  }

  /** Where an inode is; null if it is gone. */
  @Nullable Path find(long ino) throws ErrnoException {
    for (Path top :
        new Path[] {root, work == null ? grave : work, exists(index) ? index : grave, grave}) {
      Path found = findBelow(top, ino);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private static @Nullable Path findBelow(Path top, long ino) throws ErrnoException {
    if (ino(top) == ino) {
      return top;
    }
    if (!isDirectory(top)) {
      return null;
    }
    for (Path child : children(top)) {
      Path found = findBelow(child, ino);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /** Takes a name away; a pinned object moves to the grave with its last name. */
  void remove(Path path) throws ErrnoException {
    long ino = ino(path);
    boolean last = isDirectory(path) || nlink(path) == 1;
    if (last && pins.containsKey(ino)) {
      call(() -> Files.move(path, grave.resolve(Long.toString(ino))));
    } else {
      call(
          () -> {
            Files.delete(path);
            return path;
          });
    }
    touchParent(path);
  }

  void deleteTree(Path path) throws ErrnoException {
    if (isDirectory(path)) {
      for (Path child : children(path)) {
        deleteTree(child);
      }
    }
    call(() -> Files.deleteIfExists(path));
  }

  /** Tells a directory that its entries changed. */
  static void touch(Path directory) {
    JimfsInode.of(directory).modified().writeTo(directory);
  }

  private static void touchParent(Path path) {
    Path parent = path.getParent();
    if (parent != null) {
      touch(parent);
    }
  }

  /** renameat2(2). */
  void rename(Path from, Path to, int flags) throws ErrnoException {
    long ino = ino(from);
    if (to.startsWith(from) && !to.equals(from)) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    if ((flags & Linux.RENAME_EXCHANGE) != 0) {
      exchange(from, to);
      return;
    }
    if (exists(to)) {
      if ((flags & Linux.RENAME_NOREPLACE) != 0) {
        throw ErrnoException.of(Errno.EEXIST);
      }
      if (ino(to) == ino) {
        return; // two names of one object: nothing happens
      }
      requireReplaceable(from, to);
      remove(to);
    }
    call(() -> Files.move(from, to));
    if ((flags & Linux.RENAME_WHITEOUT) != 0) {
      make(from, Linux.S_IFCHR, 0);
    }
    touchParent(from);
    touchParent(to);
  }

  private static void exchange(Path one, Path other) throws ErrnoException {
    ino(other);
    Path aside = one.resolveSibling(".exchange");
    call(() -> Files.move(one, aside));
    call(() -> Files.move(other, one));
    call(() -> Files.move(aside, other));
    touchParent(one);
    touchParent(other);
  }

  private static void requireReplaceable(Path from, Path to) throws ErrnoException {
    if (isDirectory(to) && !isDirectory(from)) {
      throw ErrnoException.of(Errno.EISDIR);
    }
    if (!isDirectory(to) && isDirectory(from)) {
      throw ErrnoException.of(Errno.ENOTDIR);
    }
    if (isDirectory(to) && !children(to).isEmpty()) {
      throw ErrnoException.of(Errno.ENOTEMPTY);
    }
  }

  /** Makes an object of a type other than a symbolic link. */
  void make(Path path, int mode, int rdev) throws ErrnoException {
    boolean directory = (mode & Linux.S_IFMT) == Linux.S_IFDIR;
    call(() -> directory ? Files.createDirectory(path) : Files.createFile(path));
    JimfsInode.made(mode, rdev).writeTo(path);
    touchParent(path);
  }

  void link(Path existing, Path name) throws ErrnoException {
    if (exists(name)) {
      throw ErrnoException.of(Errno.EEXIST);
    }
    call(() -> Files.createLink(name, existing));
    touchParent(name);
  }
}
