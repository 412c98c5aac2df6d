package plyfs.image.tree;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Limit;
import plyfs.image.tar.Timestamp;
import plyfs.layer.OverlayXattr;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;

/**
 * The directory that a layer is unpacked into. Paths are resolved from its root and never through a
 * symbolic link, so nothing outside can be reached. Belongs to one thread.
 */
public final class UnpackedTree implements AutoCloseable {
  private static final byte[] YES = {'y'};
  private static final int DIRECTORY = Linux.O_PATH | Linux.O_DIRECTORY | Linux.O_NOFOLLOW;
  private static final int BENEATH = Linux.RESOLVE_BENEATH | Linux.RESOLVE_NO_SYMLINKS;

  /**
   * What a directory gets when everything in it is done.
   *
   * @param mode -1 for none
   * @param implied whether no entry has described it
   */
  private record Finish(
      EntryPath path, int mode, Timestamp atime, Timestamp mtime, boolean implied) {}

  private final Fd root;
  private final byte[] opaqueName;
  private final Map<ByteBuffer, Finish> finishes = new HashMap<>();
  private final Stat stat = new Stat();
  private EntryPath lastPath = EntryPath.ROOT;
  private @Nullable Fd lastDirectory;

  /**
   * A tree below an empty directory, which is lent.
   *
   * @param marks those that the layer gets
   */
  public UnpackedTree(Fd root, OverlayXattr marks) {
    this.root = root;
    this.opaqueName = marks.opaque();
    imply(EntryPath.ROOT);
  }

  private void imply(EntryPath path) {
    finishes.put(
        ByteBuffer.wrap(path.bytes()),
        new Finish(path, -1, Timestamp.EPOCH, Timestamp.EPOCH, true));
  }

  /**
   * Whether a path is a directory of this layer, with no link on the way; it is the next that
   * {@link #directory} gives.
   */
  boolean isDirectory(EntryPath path) {
    if (lastDirectory != null && lastPath.equals(path)) {
      return true;
    }
    try {
      Fd found = Fd.openat2(root, path.bytes(), DIRECTORY, 0, BENEATH);
      forget();
      lastDirectory = found;
      lastPath = path;
      return true;
    } catch (ErrnoException e) {
      return false;
    }
  }

  /**
   * A directory of the tree, opened with O_PATH and lent until the next call; missing ones are made
   * with mode 0755, the time 0 and, as root, the owner 0:0.
   */
  Fd directory(EntryPath path) throws ErrnoException, BadImageException {
    if (path.isRoot()) {
      return root;
    }
    if (isDirectory(path) && lastDirectory != null) {
      return lastDirectory;
    }
    // Missing, or in the way, or openat2 not allowed here: step by step tells which.
    Fd found = walk(path);
    forget();
    lastDirectory = found;
    lastPath = path;
    return found;
  }

  private Fd walk(EntryPath path) throws ErrnoException, BadImageException {
    Fd at = root;
    try {
      for (int i = 0; i < path.names().size(); i++) {
        EntryPath here = new EntryPath(path.names().subList(0, i + 1));
        Fd next = step(at, here);
        if (at != root) {
          at.close();
        }
        at = next;
      }
      return at;
    } catch (ErrnoException | BadImageException e) {
      if (at != root) {
        at.close();
      }
      throw e;
    }
  }

  private Fd step(Fd parent, EntryPath path) throws ErrnoException, BadImageException {
    byte[] name = path.name().bytes();
    int found = Syscalls.statx(parent, name, stat);
    if (found == -Errno.ENOENT) {
      makeDirectory(parent, name);
      imply(path);
      checkNumber();
      if (MountSyscalls.effectiveUser() == 0) {
        // A setgid directory above would give its group on.
        ErrnoException.check(Syscalls.chownat(parent, name, 0, 0));
      }
      ErrnoException.check(Syscalls.chmodat(parent, name, 0755));
    } else {
      ErrnoException.check(found);
      if (!stat.isDirectory()) {
        throw new BadImageException(
            "'"
                + path
                + (stat.isSymlink() ? "', above it, is a symbolic link" : "' is not a directory"));
      }
    }
    return Fd.openat(parent, name, DIRECTORY, 0);
  }

  /**
   * A directory that the tree has already.
   *
   * @throws BadImageException if it is missing, or reached through a symbolic link
   */
  Fd existingDirectory(EntryPath path) throws ErrnoException, BadImageException {
    Fd at = Fd.openat(root, new byte[] {'.'}, DIRECTORY, 0);
    for (Name name : path.names()) {
      try (Fd parent = at) {
        at = Fd.openat(parent, name.bytes(), DIRECTORY, 0);
      } catch (ErrnoException e) {
        if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR || e.errno() == Errno.ELOOP) {
          throw new BadImageException("'" + path + "' is not a directory in this layer", e);
        }
        throw e;
      }
    }
    return at;
  }

  /**
   * Whether a path is a file of this layer, or lies below one. A symbolic link counts as none: what
   * lies below it is refused when it is opened.
   */
  boolean isFile(EntryPath path) throws ErrnoException {
    for (int i = 1; i <= path.names().size(); i++) {
      // Only directories so far, so no link is followed.
      int type = type(root, new EntryPath(path.names().subList(0, i)).bytes());
      if (type != Linux.S_IFDIR) {
        return type != 0 && type != Linux.S_IFLNK;
      }
    }
    return false;
  }

  /**
   * Type of the object with a path that has no link on the way, {@code S_IF*}; 0 where there is
   * none, {@code S_IFREG} also below a file.
   */
  int type(EntryPath path) throws ErrnoException {
    int found = Syscalls.statx(root, path.isRoot() ? Syscalls.SELF : path.bytes(), stat);
    if (found == -Errno.ENOTDIR) {
      return Linux.S_IFREG;
    }
    if (found == -Errno.ENOENT) {
      return 0;
    }
    ErrnoException.check(found);
    return stat.type();
  }

  /** Text of the symbolic link with a path that has no link on the way. */
  byte[] linkTarget(EntryPath path) throws ErrnoException {
    return Syscalls.readlink(root, path.bytes());
  }

  /** Type of an object, {@code S_IF*}; 0 where the name is free. */
  int type(Fd parent, byte[] name) throws ErrnoException {
    int found = Syscalls.statx(parent, name, stat);
    if (found == -Errno.ENOENT) {
      return 0;
    }
    ErrnoException.check(found);
    return stat.type();
  }

  static void makeDirectory(Fd parent, byte[] name) throws ErrnoException {
    ErrnoException.check(Syscalls.mkdirat(parent, name, 0700));
  }

  /** Takes out whatever has this path, with all below. */
  void replace(Fd parent, EntryPath path, LayerRecording recording) throws ErrnoException {
    recording.replace(parent, path.name().bytes());
    if (lastDirectory == parent) {
      return;
    }
    forget();
  }

  /** Hides the layers below a directory of this one. */
  void markOpaque(Fd directory) throws ErrnoException {
    ErrnoException.check(XattrSyscalls.set(directory, Syscalls.SELF, opaqueName, YES, 0));
  }

  /** Hides one name of the layers below; the name is free. Its time is 0: loads are repeatable. */
  static void makeWhiteout(Fd parent, byte[] name) throws ErrnoException {
    ErrnoException.check(Syscalls.mknodat(parent, name, Linux.S_IFCHR, 0));
    ErrnoException.check(setTimes(parent, name, Timestamp.EPOCH, Timestamp.EPOCH));
  }

  /**
   * Notes times, and a mode that would keep us out, for {@link #finish}.
   *
   * @param mode -1 where it has been set already
   */
  void finishLater(EntryPath path, int mode, Timestamp atime, Timestamp mtime)
      throws BadImageException {
    finishes.put(ByteBuffer.wrap(path.bytes()), new Finish(path, mode, atime, mtime, false));
    checkNumber();
  }

  private void checkNumber() throws BadImageException {
    Limit.DIRECTORIES.check("the layer", finishes.size());
  }

  /** Directories that were made because something lies in them, but that no entry has described. */
  List<EntryPath> impliedDirectories() {
    return finishes.values().stream().filter(Finish::implied).map(Finish::path).toList();
  }

  /**
   * Sets what was noted. Last of all, because each name that is made changes a directory's time.
   */
  void finish() throws ErrnoException {
    forget();
    var deepestFirst =
        finishes.values().stream()
            .sorted((a, b) -> Integer.compare(b.path.names().size(), a.path.names().size()))
            .toList();
    for (Finish finish : deepestFirst) {
      byte[] path = finish.path.isRoot() ? new byte[] {'.'} : finish.path.bytes();
      try (Fd directory = Fd.openat2(root, path, DIRECTORY, 0, BENEATH)) {
        if (finish.mode >= 0) {
          ErrnoException.check(Syscalls.chmodat(directory, Syscalls.SELF, finish.mode));
        }
        ErrnoException.check(setTimes(directory, Syscalls.SELF, finish.atime, finish.mtime));
      } catch (ErrnoException e) {
        // Replaced by a file later in the archive, or removed with a directory above it.
        if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR && e.errno() != Errno.ELOOP) {
          throw e;
        }
      }
    }
  }

  static int setTimes(Fd dir, byte[] path, Timestamp atime, Timestamp mtime) {
    return Syscalls.utimensat(
        dir, path, atime.seconds(), atime.nanos(), mtime.seconds(), mtime.nanos());
  }

  private void forget() {
    if (lastDirectory != null) {
      lastDirectory.close();
      lastDirectory = null;
    }
  }

  @Override
  public void close() {
    forget();
  }
}
