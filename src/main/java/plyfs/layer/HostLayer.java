package plyfs.layer;

import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Getdents;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.StatFs;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;

/**
 * A directory on a file system of the machine, as a lower layer.
 *
 * <p>Each access is one component below the descriptor of a directory, without following symbolic
 * links. An access by name is repeated if something in the layer moved meanwhile, so it always
 * reaches the object of the reference.
 */
sealed class HostLayer implements Layer permits HostUpperLayer {
  /** 64 KiB of native memory each; kept, because a tree walk opens thousands of directories. */
  private static final ThreadLocal<Getdents> ENTRIES = ThreadLocal.withInitial(Getdents::new);

  private static final byte[] DOT = {'.'};

  final MoveCounter moves = new MoveCounter();
  final DirDescriptors directories;
  private final LayerRef root;
  private final int index;
  private final long device;
  private final Reach reach;
  private final boolean overstatesFlags;
  final ShortReads shortReads;
  final @Nullable StatOverride override;

  /** See {@link #fileSystemUuid}; null until it is asked for. It does not change. */
  private volatile byte @Nullable [] uuid;

  /**
   * A layer.
   *
   * @param ownedRoot an {@code O_PATH} descriptor of the directory
   * @param descriptors maximum number of open directories
   * @param reach how {@code ownedRoot} is reached
   * @param override the attribute that replaces owner, mode and type of the inodes; null for none
   * @param overstatesFlags as {@link Layer#overstatesFlags}
   */
  HostLayer(
      Fd ownedRoot,
      int index,
      int descriptors,
      Reach reach,
      @Nullable StatOverride override,
      boolean overstatesFlags)
      throws ErrnoException {
    this.overstatesFlags = overstatesFlags;
    this.override = override;
    this.directories = new DirDescriptors(descriptors, moves, reach);
    this.root = new LayerRef(this, ownedRoot);
    this.index = index;
    this.reach = reach;
    Stat stat = new Stat();
    ErrnoException.check(Syscalls.statx(ownedRoot, Syscalls.SELF, stat));
    this.device = stat.dev();
    this.shortReads = new ShortReads(ownedRoot);
  }

  @Override
  public final LayerRef root() {
    return root;
  }

  @Override
  public final int index() {
    return index;
  }

  @Override
  public final long device() {
    return device;
  }

  @Override
  public final boolean overstatesFlags() {
    return overstatesFlags;
  }

  /** Whether the layer is reached through a mount that other processes see. */
  final boolean isShared() {
    return reach.resolve() != 0;
  }

  /** One system call on an object; returns zero or more, or a negated error number. */
  @FunctionalInterface
  private interface Call {
    long on(Fd directory, byte[] path) throws ErrnoException;
  }

  /**
   * Makes a call on an object, and repeats it if something moved; returns the result, errors
   * negated.
   */
  private long stably(LayerRef object, Call call) throws ErrnoException {
    for (int attempt = 0; ; attempt++) {
      Fd own = object.tryAcquire();
      if (own != null) {
        try {
          return call.on(own, Syscalls.SELF);
        } finally {
          object.release();
        }
      }
      int before = moves.begin(attempt);
      LayerRef.Place place = object.place();
      try {
        if (place == null) {
          requireKept(object); // between the two checks
          continue;
        }
        long result = callAt(place, call);
        if (isStill(object, place, before)) {
          return result;
        }
      } catch (ErrnoException e) {
        if (isStill(object, place, before)) {
          throw e;
        }
      } finally {
        moves.end(attempt);
      }
    }
  }

  private long callAt(LayerRef.Place place, Call call) throws ErrnoException {
    Fd directory = directories.acquire(place.directory());
    try {
      return call.on(directory, place.name().bytes());
    } finally {
      place.directory().release();
    }
  }

  /** Whether an object has stayed at one place since a state of {@link #moves}. */
  private boolean isStill(LayerRef object, LayerRef.@Nullable Place place, int since) {
    return moves.unchangedSince(since) && object.place() == place;
  }

  private static void requireKept(LayerRef object) throws ErrnoException {
    if (object.isForgotten()) {
      throw ErrnoException.of(Errno.ESTALE);
    }
  }

  @Override
  public final boolean stat(LayerRef object, Stat out) throws ErrnoException {
    boolean exists = statInode(object, out);
    if (exists && override != null) {
      override.show(this, object, out);
    }
    return exists;
  }

  /** As {@link #stat}, but of the inode, without the override. */
  final boolean statInode(LayerRef object, Stat out) throws ErrnoException {
    int result = statStably(object, out);
    if (result == -Errno.ENOENT || result == -Errno.ENOTDIR) {
      return false;
    }
    ErrnoException.check(result);
    return true;
  }

  /** {@link #stably} for the only call that must not allocate. */
  private int statStably(LayerRef object, Stat out) throws ErrnoException {
    for (int attempt = 0; ; attempt++) {
      Fd own = object.tryAcquire();
      if (own != null) {
        int result = Syscalls.statx(own, Syscalls.SELF, out);
        object.release();
        return result;
      }
      int before = moves.begin(attempt);
      try {
        LayerRef.Place place = object.place();
        if (place == null) {
          requireKept(object);
          continue;
        }
        int result = statAt(place.directory(), place.name().bytes(), out);
        if (isStill(object, place, before)) {
          return result;
        }
      } finally {
        moves.end(attempt);
      }
    }
  }

  /**
   * {@inheritDoc}
   *
   * @implNote one call with two components, so no mount can be between them. The first component is
   *     a directory and stays one, because lower layers do not change. A user who replaced it by a
   *     symbolic link could at most learn whether a file of that name exists elsewhere.
   */
  @Override
  public final boolean holds(LayerRef directory, Name entry, Stat probe) throws ErrnoException {
    LayerRef.Place place = directory.place();
    if (place == null || isShared() || directory.hasDescriptor()) {
      return statInode(new LayerRef(directory, entry), probe);
    }
    int result = statAt(place.directory(), place.name().slash(entry), probe);
    if (result == -Errno.ENOENT || result == -Errno.ENOTDIR) {
      return false;
    }
    ErrnoException.check(result);
    return true;
  }

  private int statAt(LayerRef directory, byte[] path, Stat out) {
    try {
      Fd open = directories.acquire(directory);
      int result = Syscalls.statx(open, path, out);
      directory.release();
      return result;
    } catch (ErrnoException e) {
      return -e.errno(); // the directory itself does not exist
    }
  }

  @Override
  public final byte[] readLink(LayerRef link) throws ErrnoException {
    byte[][] target = new byte[1][];
    stably(
        link,
        (dir, path) -> {
          target[0] = Syscalls.readlink(dir, path);
          return 0;
        });
    return target[0];
  }

  @Override
  public final LayerFile open(LayerRef file) throws ErrnoException {
    return new HostFile(openContent(file, Linux.O_RDONLY | Linux.O_NONBLOCK), shortReads);
  }

  /** Opens a file for reading its content; access times are updated if they should be. */
  final Fd openContent(LayerRef file, int flags) throws ErrnoException {
    if (reach.noatime()) {
      try {
        return openObject(file, flags | Linux.O_NOATIME);
      } catch (ErrnoException e) {
        requireNotOwned(e);
      }
    }
    return openObject(file, flags);
  }

  /**
   * Requires that O_NOATIME failed because the process does not own the file; the kernel then
   * updates the access time.
   */
  private static void requireNotOwned(ErrnoException e) throws ErrnoException {
    if (e.errno() != Errno.EPERM) {
      throw e;
    }
  }

  /** Opens the object itself; the descriptor certainly belongs to that object. */
  final Fd openObject(LayerRef object, int flags) throws ErrnoException {
    for (int attempt = 0; ; attempt++) {
      int before = moves.begin(attempt);
      LayerRef.Place place = object.place();
      try {
        Fd fd = place == null ? reopenKept(object, flags) : openPlace(place, flags);
        if (isStill(object, place, before)) {
          return fd;
        }
        fd.close();
      } catch (ErrnoException e) {
        if (isStill(object, place, before)) {
          throw e;
        }
      } finally {
        moves.end(attempt);
      }
    }
  }

  private Fd openPlace(LayerRef.Place place, int flags) throws ErrnoException {
    Fd directory = directories.acquire(place.directory());
    try {
      return reach.open(directory, place.name().bytes(), flags);
    } finally {
      place.directory().release();
    }
  }

  private static Fd reopenKept(LayerRef object, int flags) throws ErrnoException {
    Fd own = object.tryAcquire();
    if (own == null) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    try {
      return Syscalls.reopen(own, flags);
    } finally {
      object.release();
    }
  }

  @Override
  public final void list(LayerRef directory, DirVisitor visitor) throws ErrnoException {
    try (Fd fd = openListing(directory)) {
      Getdents entries = ENTRIES.get();
      entries.reset();
      Stat stat = null;
      while (entries.advance(fd)) {
        byte[] name = entries.name();
        int type = entries.type();
        if (type == Linux.DT_UNKNOWN) {
          stat = stat == null ? new Stat() : stat;
          type = EntryTypes.ask(fd, name, stat);
          if (type == EntryTypes.GONE) {
            continue;
          }
        }
        if (override != null) {
          type = override.entryType(fd, name, type);
        }
        visitor.entry(name, type, entries.ino());
      }
    }
  }

  /** Opens a directory for reading: by its name, if no descriptor of it is open. */
  private Fd openListing(LayerRef directory) throws ErrnoException {
    int flags = Linux.O_RDONLY | Linux.O_DIRECTORY;
    Fd own = directory.tryAcquire();
    if (own == null) {
      return openContent(directory, flags);
    }
    try {
      return openListing(own, flags);
    } finally {
      directory.release();
    }
  }

  private Fd openListing(Fd directory, int flags) throws ErrnoException {
    if (reach.noatime()) {
      try {
        return Fd.openat(directory, DOT, flags | Linux.O_NOATIME, 0);
      } catch (ErrnoException e) {
        requireNotOwned(e);
      }
    }
    return Fd.openat(directory, DOT, flags, 0);
  }

  @Override
  public final byte @Nullable [] xattr(LayerRef object, byte[] name) throws ErrnoException {
    if (override == null) {
      return xattrOnDisk(object, name);
    }
    return StatOverride.hides(name) ? null : xattrOnDisk(object, override.onDisk(name));
  }

  /** Value of an attribute under its name on disk. */
  final byte @Nullable [] xattrOnDisk(LayerRef object, byte[] name) throws ErrnoException {
    byte[][] value = new byte[1][];
    stably(
        object,
        (dir, path) -> {
          value[0] = XattrSyscalls.get(dir, path, name);
          return 0;
        });
    return value[0];
  }

  @Override
  public final byte[] xattrNames(LayerRef object) throws ErrnoException {
    byte[][] names = new byte[1][];
    stably(
        object,
        (dir, path) -> {
          names[0] = XattrSyscalls.list(dir, path);
          return 0;
        });
    return override == null ? names[0] : override.shown(names[0]);
  }

  @Override
  public final int xattrsAmong(LayerRef object, byte[][] names) throws ErrnoException {
    if (override != null) {
      return Layer.super.xattrsAmong(object, names);
    }
    long found = stably(object, (dir, path) -> XattrSyscalls.among(dir, path, names));
    return ErrnoException.check((int) found);
  }

  @Override
  public final byte @Nullable [] handle(LayerRef object) throws ErrnoException {
    byte[][] handle = new byte[1][];
    stably(
        object,
        (dir, path) -> {
          handle[0] = Syscalls.nameToHandle(dir, path);
          return 0;
        });
    return handle[0];
  }

  @Override
  public final byte @Nullable [] fileSystemUuid() throws ErrnoException {
    byte[] known = uuid;
    if (known == null) {
      known = readFileSystemUuid();
      uuid = known;
    }
    return known;
  }

  private byte @Nullable [] readFileSystemUuid() throws ErrnoException {
    Fd own = root.tryAcquire();
    if (own == null) {
      return null;
    }
    try (Fd directory = Fd.openat(own, DOT, Linux.O_RDONLY | Linux.O_DIRECTORY, 0)) {
      return Syscalls.fileSystemUuid(directory);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EACCES) {
        throw e;
      }
      return null; // unreadable: then no origin can refer to this file system
    } finally {
      root.release();
    }
  }

  /**
   * Whether a handle could not be opened because it is stale or foreign, or its use is not
   * permitted.
   */
  private static boolean saysNoObject(int errno) {
    return errno == Errno.ESTALE
        || errno == Errno.ENOENT
        || errno == Errno.EINVAL
        || errno == Errno.EPERM
        || errno == Errno.EACCES
        || errno == Errno.EOPNOTSUPP
        || errno == Errno.ENOSYS;
  }

  @Override
  public final boolean statByHandle(byte[] handle, Stat out) throws ErrnoException {
    Fd own = root.tryAcquire();
    if (own == null) {
      return false;
    }
    try (Fd mount = Fd.openat(own, DOT, Linux.O_RDONLY | Linux.O_DIRECTORY, 0);
        Fd object = Fd.openByHandle(mount, handle, Linux.O_PATH)) {
      ErrnoException.check(Syscalls.statx(object, Syscalls.SELF, out));
      if (override != null) {
        override.show(object, out);
      }
      return true;
    } catch (ErrnoException e) {
      if (!saysNoObject(e.errno())) {
        throw e;
      }
      return false; // the origin is unknown
    } finally {
      root.release();
    }
  }

  @Override
  public final void statFs(StatFs out) throws ErrnoException {
    Fd own = directories.acquire(root);
    try {
      ErrnoException.check(FileSyscalls.fstatfs(own, out));
    } finally {
      root.release();
    }
  }

  @Override
  public final void keep(LayerRef object) throws ErrnoException {
    if (object.place() != null && !directories.keepOpen(object)) {
      directories.keep(object, openObject(object, Linux.O_PATH));
    }
  }

  @Override
  public final void forget(LayerRef object) {
    if (object == root) {
      return;
    }
    directories.forget(object);
  }

  @Override
  public void close() {
    directories.close();
    root.closeKept();
  }
}
