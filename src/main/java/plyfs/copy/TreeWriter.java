package plyfs.copy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import plyfs.image.tar.MemberSink;
import plyfs.image.tar.TarEntry;
import plyfs.image.tar.TarMember;
import plyfs.image.tar.Timestamp;
import plyfs.image.tree.EntryAttributes;
import plyfs.image.tree.EntryPath;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;
import plyfs.sys.TreeRemover;
import plyfs.sys.XattrSyscalls;

/**
 * Puts objects into a directory of this machine. A file replaces a file, and a directory is merged
 * with one that is there; neither replaces the other. Paths are resolved inside a root, so that no
 * symbolic link leads out of it.
 */
public final class TreeWriter implements MemberSink, AutoCloseable {
  private static final int DIRECTORY = Linux.O_PATH | Linux.O_DIRECTORY;
  private static final int NEW_FILE =
      Linux.O_WRONLY | Linux.O_CREAT | Linux.O_EXCL | Linux.O_NOFOLLOW;
  private static final int CHUNK_BYTES = 1 << 18;

  private final Fd root;
  private final byte[] base;
  private final @Nullable Owner owner;
  private final Consumer<String> notices;
  private final boolean isPrivileged = MountSyscalls.effectiveUser() == 0;
  private final ByteBuffer direct = ByteBuffer.allocateDirect(CHUNK_BYTES);
  private final long address = Syscalls.addressOf(direct);
  private final Deque<TarMember> directories = new ArrayDeque<>();
  private @Nullable TarMember member;
  private @Nullable Fd file;
  private long at;
  private long bytes;

  /** A user and a group. */
  public record Owner(long user, long group) {}

  /**
   * Prepares.
   *
   * @param root no path leads out of it; lent
   * @param base path of the directory in the root, whose objects' paths begin there
   * @param owner of all that is written; null for the owners that the objects have
   * @param notices hears sentences about what could not be kept
   */
  public TreeWriter(Fd root, byte[] base, @Nullable Owner owner, Consumer<String> notices) {
    this.root = root;
    this.base = base;
    this.owner = owner;
    this.notices = notices;
  }

  /** Bytes of all files so far. */
  public long bytes() {
    return bytes;
  }

  @Override
  public void begin(TarMember given) throws IOException {
    byte[] named = given.path();
    EntryPath path = EntryPath.parse(named.length == 0 ? new byte[] {'.'} : named);
    TarMember next = given.at(path.bytes());
    if (owner != null) {
      next = next.ownedBy(owner.user(), owner.group());
    }
    member = next;
    try {
      if (!path.isRoot()) {
        try (Fd parent = directory(path.parent().bytes())) {
          make(parent, path.name().bytes(), next);
        }
      }
    } catch (ErrnoException e) {
      throw failure(next, e);
    }
  }

  private IOException failure(TarMember of, ErrnoException e) {
    return new IOException("cannot write '" + shown(of.path()) + "': " + e.getMessage(), e);
  }

  private String shown(byte[] path) {
    return Name.printable(under(path));
  }

  private byte[] under(byte[] path) {
    if (path.length == 0) {
      return base;
    }
    boolean slash = base.length > 0 && base[base.length - 1] == '/';
    byte[] joined = Arrays.copyOf(base, base.length + (slash ? 0 : 1) + path.length);
    joined[joined.length - path.length - 1] = '/';
    System.arraycopy(path, 0, joined, joined.length - path.length, path.length);
    return joined;
  }

  /** A directory, which is made with those above it if it is missing. */
  private Fd directory(byte[] path) throws ErrnoException, IOException {
    try {
      return Fd.openat2(root, under(path), DIRECTORY, 0, Linux.RESOLVE_IN_ROOT);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.ENOENT || path.length == 0) {
        throw e;
      }
    }
    EntryPath missing = EntryPath.parse(path);
    try (Fd parent = directory(missing.parent().bytes())) {
      int made = Syscalls.mkdirat(parent, missing.name().bytes(), 0755);
      if (made != -Errno.EEXIST) {
        ErrnoException.check(made);
      }
    }
    return Fd.openat2(root, under(path), DIRECTORY, 0, Linux.RESOLVE_IN_ROOT);
  }

  private void make(Fd parent, byte[] name, TarMember next) throws ErrnoException, IOException {
    Stat stat = new Stat();
    int found = Syscalls.statx(parent, name, stat);
    if (found != -Errno.ENOENT) {
      ErrnoException.check(found);
    }
    boolean isThere = found >= 0;
    if (next.isDirectory()) {
      if (isThere && !stat.isDirectory()) {
        throw new IOException(
            "cannot overwrite non-directory '" + shown(next.path()) + "' with a directory");
      }
      if (!isThere) {
        ErrnoException.check(Syscalls.mkdirat(parent, name, 0700));
      }
      attributes(parent, name, next);
      directories.push(next);
      return;
    }
    if (isThere && stat.isDirectory()) {
      throw new IOException(
          "cannot overwrite directory '" + shown(next.path()) + "' with a non-directory");
    }
    if (isThere) {
      TreeRemover.remove(parent, name);
    }
    if (next.type() == TarEntry.FILE) {
      file = Fd.openat(parent, name, NEW_FILE, 0600);
      at = 0;
    } else if (next.type() == TarEntry.HARD_LINK) {
      link(parent, name, next);
    } else {
      ErrnoException.check(special(parent, name, next));
      attributes(parent, name, next);
      ErrnoException.check(setTimes(parent, name, next.mtime()));
    }
  }

  private void link(Fd parent, byte[] name, TarMember next) throws ErrnoException, IOException {
    EntryPath target = EntryPath.parse(next.target());
    if (target.isRoot()) {
      throw new IOException("'" + shown(next.path()) + "' is a hard link to a directory");
    }
    try (Fd directory = directory(target.parent().bytes())) {
      ErrnoException.check(Syscalls.linkat(directory, target.name().bytes(), parent, name));
    }
  }

  private static int special(Fd parent, byte[] name, TarMember next) throws IOException {
    return switch (next.type()) {
      case TarEntry.SYMLINK -> Syscalls.symlinkat(next.target(), parent, name);
      case TarEntry.FIFO -> Syscalls.mknodat(parent, name, Linux.S_IFIFO, 0);
      case TarEntry.CHARACTER_DEVICE ->
          Syscalls.mknodat(parent, name, Linux.S_IFCHR, Linux.device(next.major(), next.minor()));
      case TarEntry.BLOCK_DEVICE ->
          Syscalls.mknodat(parent, name, Linux.S_IFBLK, Linux.device(next.major(), next.minor()));
      default ->
          throw new IOException(
              "'" + Name.printable(next.path()) + "' is of type '" + next.type() + "'");
    };
  }

  /** Owner, mode and extended attributes, in this order: a change of owner takes some away. */
  private void attributes(Fd directory, byte[] name, TarMember of) throws ErrnoException {
    int owned = Syscalls.chownat(directory, name, (int) of.uid(), (int) of.gid());
    if (owned == -Errno.EPERM && !isPrivileged) {
      notices.accept("'" + shown(of.path()) + "' got the owner of this process");
    } else {
      ErrnoException.check(owned);
    }
    if (of.type() != TarEntry.SYMLINK) {
      int reachable = of.isDirectory() && !isPrivileged ? 0700 : 0;
      ErrnoException.check(Syscalls.chmodat(directory, name, of.mode() | reachable));
    }
    for (Map.Entry<String, byte[]> xattr : of.xattrs().entrySet()) {
      byte[] key = xattr.getKey().getBytes(ISO_8859_1);
      int set =
          EntryAttributes.isMark(xattr.getKey())
              ? -Errno.EPERM
              : XattrSyscalls.set(directory, name, key, xattr.getValue(), 0);
      if (set < 0) {
        notices.accept(
            "left out the extended attribute '"
                + Name.printable(key)
                + "' of '"
                + shown(of.path())
                + "': "
                + Errno.describe(-set));
      }
    }
  }

  private static int setTimes(Fd directory, byte[] name, Timestamp mtime) {
    return Syscalls.utimensat(
        directory, name, mtime.seconds(), mtime.nanos(), mtime.seconds(), mtime.nanos());
  }

  @Override
  public void data(byte[] content, int length) throws IOException {
    Fd out = open();
    direct.put(0, content, 0, length);
    int done = 0;
    try {
      while (done < length) {
        done +=
            (int)
                ErrnoException.check(
                    FileSyscalls.pwrite(out, address + done, length - done, at + done));
      }
    } catch (ErrnoException e) {
      throw failure(current(), e);
    }
    at += length;
    bytes += length;
  }

  @Override
  public void hole(long length) {
    at += length;
    bytes += length;
  }

  private Fd open() {
    if (file == null) {
      throw new IllegalStateException("no file is open");
    }
    return file;
  }

  private TarMember current() {
    if (member == null) {
      throw new IllegalStateException("no object was begun");
    }
    return member;
  }

  @Override
  public void end() throws IOException {
    Fd out = file;
    if (out == null) {
      return;
    }
    TarMember done = current();
    try {
      ErrnoException.check(FileSyscalls.ftruncate(out, done.size()));
      attributes(out, Syscalls.SELF, done);
      ErrnoException.check(setTimes(out, Syscalls.SELF, done.mtime()));
    } catch (ErrnoException e) {
      throw failure(done, e);
    } finally {
      out.close();
      file = null;
    }
  }

  /** Gives the directories their modes and times, which each new name in them changes. */
  public void finish() throws IOException {
    for (TarMember directory : directories) {
      try (Fd made =
          Fd.openat2(root, under(directory.path()), DIRECTORY, 0, Linux.RESOLVE_IN_ROOT)) {
        if (!isPrivileged) {
          ErrnoException.check(Syscalls.chmodat(made, Syscalls.SELF, directory.mode()));
        }
        ErrnoException.check(setTimes(made, Syscalls.SELF, directory.mtime()));
      } catch (ErrnoException e) {
        throw failure(directory, e);
      }
    }
  }

  @Override
  public void close() {
    if (file != null) {
      file.close();
    }
  }
}
