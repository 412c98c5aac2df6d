package plyfs.layer;

import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FreeName;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;

/**
 * A directory on a file system of the machine, as the upper layer, with its workdir.
 *
 * <p>A change of an object goes through a descriptor of the object. The descriptor is opened by
 * name, and the layer verifies that the object did not move, so the change cannot affect another
 * object that got the name.
 */
final class HostUpperLayer extends HostLayer implements UpperLayer {
  private static final int OWN_UID = MountSyscalls.effectiveUser();
  private static final int OWN_GID = MountSyscalls.effectiveGroup();

  private final Workdir work;
  private boolean whiteoutsAreFiles; // set before the layer is used
  private @Nullable LayerRef index; // likewise
  private @Nullable UpperMount mount; // likewise

  /**
   * An upper layer.
   *
   * @param ownedRoot an {@code O_PATH} descriptor of the directory
   * @param ownedWork an {@code O_PATH} descriptor of the emptied directory for prepared objects, in
   *     the same mount
   */
  HostUpperLayer(
      Fd ownedRoot, Fd ownedWork, int descriptors, Reach reach, @Nullable StatOverride override)
      throws ErrnoException {
    super(ownedRoot, 0, descriptors, reach, override, false);
    this.work = new Workdir(this, ownedWork);
  }

  /** Makes the layer close its clone when it is closed. */
  void keepMount(@Nullable UpperMount ownedMount) {
    mount = ownedMount;
  }

  /** The clone that contains this layer; null if there is none. */
  @Nullable UpperMount mount() {
    return mount;
  }

  /**
   * Stores whiteouts as {@link WhiteoutForm#FILE} from now on. Call this before the first change.
   */
  void storeWhiteoutsAsFiles() throws ErrnoException {
    Whiteouts.forgetShared(work.fd()); // the shared whiteout may have the other form
    whiteoutsAreFiles = true;
  }

  /**
   * Uses an index from now on. Call this before the first change.
   *
   * @param ownedIndex an {@code O_PATH} descriptor of the directory, in the same mount
   */
  void keepIndexIn(Fd ownedIndex) {
    index = new LayerRef(this, ownedIndex);
  }

  @Override
  public @Nullable LayerRef indexDirectory() {
    return index;
  }

  @Override
  public LayerRef prepareFile(int mode) throws ErrnoException {
    // An override stores the mode beside the inode; the inode keeps the mode of the daemon.
    return work.file(override == null ? mode & 0777 | 0600 : 0600);
  }

  @Override
  public boolean preparesAs(int uid, int gid) {
    return override == null && work.makesAs(uid, gid);
  }

  @Override
  public LayerRef prepareDirectory() throws ErrnoException {
    return work.directory();
  }

  @Override
  public LayerRef prepareSymlink(byte[] target) throws ErrnoException {
    return work.symlink(target);
  }

  @Override
  public LayerRef prepareNode(int type, int rdev) throws ErrnoException {
    if (override != null) {
      return override.prepareNode(this, type, rdev);
    }
    return work.node(type, rdev);
  }

  @Override
  public boolean makesAs(int uid, int gid) {
    return override == null && uid == OWN_UID && gid == OWN_GID;
  }

  @Override
  public @Nullable LayerFile makeInPlace(
      LayerRef object, int type, int mode, int rdev, byte @Nullable [] target)
      throws ErrnoException {
    LayerRef.Place place = object.placeOrAbsent();
    Name name = place.name();
    Fd to = directories.acquire(place.directory());
    try {
      switch (type) {
        case Linux.S_IFREG -> {
          int flags = Linux.O_CREAT | Linux.O_EXCL | Linux.O_RDWR | Linux.O_NOFOLLOW;
          return shared(object, Fd.openat(to, name.bytes(), flags, mode));
        }
        case Linux.S_IFDIR -> ErrnoException.check(Syscalls.mkdirat(to, name.bytes(), mode));
        case Linux.S_IFLNK ->
            ErrnoException.check(
                Syscalls.symlinkat(target == null ? Syscalls.SELF : target, to, name.bytes()));
        default -> ErrnoException.check(Syscalls.mknodat(to, name.bytes(), type | mode, rdev));
      }
      return null;
    } finally {
      place.directory().release();
    }
  }

  @Override
  public void discard(LayerRef prepared) {
    work.discard(prepared);
  }

  @Override
  public void publish(LayerRef prepared, LayerRef directory, Name name) throws ErrnoException {
    Fd to = directories.acquire(directory);
    try {
      Fd nameless = prepared.place() == null ? prepared.tryAcquire() : null;
      if (nameless != null) {
        int result = Syscalls.linkat(nameless, Syscalls.SELF, to, name.bytes());
        prepared.release();
        ErrnoException.check(result);
        directories.named(prepared, new LayerRef.Place(directory, name));
      } else {
        ErrnoException.check(
            FreeName.rename(work.fd(), Workdir.bytesOf(prepared), to, name.bytes()));
        prepared.relocate(new LayerRef.Place(directory, name));
      }
    } finally {
      directory.release();
    }
  }

  @Override
  public void publishOver(LayerRef prepared, LayerRef directory, Name name) throws ErrnoException {
    if (prepared.place() == null) {
      publish(prepared, work.ref(), work.freshName());
    }
    Fd to = directories.acquire(directory);
    try {
      ErrnoException.check(
          Syscalls.renameat2(work.fd(), Workdir.bytesOf(prepared), to, name.bytes(), 0));
      prepared.relocate(new LayerRef.Place(directory, name));
    } finally {
      directory.release();
    }
  }

  @Override
  public void publishExchanged(LayerRef prepared, LayerRef directory, Name name)
      throws ErrnoException {
    byte[] temporary = Workdir.bytesOf(prepared);
    Fd to = directories.acquire(directory);
    try {
      ErrnoException.check(
          Syscalls.renameat2(work.fd(), temporary, to, name.bytes(), Linux.RENAME_EXCHANGE));
      prepared.relocate(new LayerRef.Place(directory, name));
    } finally {
      directory.release();
    }
    work.remove(Name.of(temporary));
  }

  @Override
  public void link(LayerRef object, LayerRef directory, Name name) throws ErrnoException {
    Fd to = directories.acquire(directory);
    try {
      LayerRef.Place place = object.place();
      if (place == null) {
        linkKept(object, to, name);
      } else {
        linkPlace(place, to, name);
      }
    } finally {
      directory.release();
    }
  }

  private void linkPlace(LayerRef.Place place, Fd to, Name name) throws ErrnoException {
    Fd from = directories.acquire(place.directory());
    try {
      ErrnoException.check(Syscalls.linkat(from, place.name().bytes(), to, name.bytes()));
    } finally {
      place.directory().release();
    }
  }

  private static void linkKept(LayerRef object, Fd to, Name name) throws ErrnoException {
    Fd own = object.tryAcquire();
    if (own == null) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    try {
      ErrnoException.check(Syscalls.linkat(own, Syscalls.SELF, to, name.bytes()));
    } finally {
      object.release();
    }
  }

  @Override
  public void linkOver(LayerRef object, LayerRef directory, Name name) throws ErrnoException {
    LayerRef second = work.fresh();
    link(object, work.ref(), Name.of(Workdir.bytesOf(second)));
    publishOverOrDiscard(second, directory, name);
  }

  private void publishOverOrDiscard(LayerRef prepared, LayerRef directory, Name name)
      throws ErrnoException {
    byte[] temporary = Workdir.bytesOf(prepared);
    try {
      publishOver(prepared, directory, name);
      // A rename over another hard link of the same inode does nothing, and both names stay.
      int left = Syscalls.unlinkat(work.fd(), temporary, 0);
      ErrnoException.check(left == -Errno.ENOENT ? 0 : left);
    } catch (ErrnoException e) {
      discard(prepared);
      throw e;
    }
  }

  @Override
  public void whiteout(LayerRef directory, Name name) throws ErrnoException {
    Fd to = directories.acquire(directory);
    try {
      Whiteouts.put(whiteoutsAreFiles, work.fd(), to, name);
    } finally {
      directory.release();
    }
  }

  @Override
  public void replaceByWhiteout(LayerRef directory, Name name) throws ErrnoException {
    if (whiteoutsAreFiles) {
      whiteout(directory, name); // has no effect while the name exists
      unlink(directory, name);
      return;
    }
    publishOverOrDiscard(work.whiteout(), directory, name);
  }

  @Override
  public void replaceDirectoryByWhiteout(LayerRef directory, Name name) throws ErrnoException {
    if (whiteoutsAreFiles) {
      whiteout(directory, name); // the directory shows no lower name that this could hide
      removeDirectory(directory, name);
      return;
    }
    LayerRef whiteout = work.whiteout();
    try {
      publishExchanged(whiteout, directory, name);
    } catch (ErrnoException e) {
      discard(whiteout);
      throw e;
    }
  }

  @Override
  public void unlink(LayerRef directory, Name name) throws ErrnoException {
    Fd from = directories.acquire(directory);
    try {
      ErrnoException.check(Syscalls.unlinkat(from, name.bytes(), 0));
    } finally {
      directory.release();
    }
  }

  @Override
  public boolean removeBareDirectory(LayerRef directory, Name name) throws ErrnoException {
    Fd from = directories.acquire(directory);
    try {
      int result = Syscalls.unlinkat(from, name.bytes(), Linux.AT_REMOVEDIR);
      if (result == -Errno.ENOTEMPTY) {
        return false;
      }
      ErrnoException.check(result);
      return true;
    } finally {
      directory.release();
    }
  }

  @Override
  public void removeDirectory(LayerRef directory, Name name) throws ErrnoException {
    if (removeBareDirectory(directory, name)) {
      return;
    }
    Fd from = directories.acquire(directory);
    try {
      // The directory still contains whiteouts: move it out of sight first, so that the names that
      // they hide never become visible.
      Name temporary = work.freshName();
      ErrnoException.check(FreeName.rename(from, name.bytes(), work.fd(), temporary.bytes()));
      work.remove(temporary);
    } finally {
      directory.release();
    }
  }

  @Override
  public void move(LayerRef object, LayerRef directory, Name name, int flags)
      throws ErrnoException {
    LayerRef.Place place = object.placeOrAbsent();
    boolean leavesFile = whiteoutsAreFiles && (flags & Linux.RENAME_WHITEOUT) != 0;
    if (leavesFile) {
      whiteout(place.directory(), place.name()); // has no effect while the name exists
    }
    Fd from = directories.acquire(place.directory());
    try {
      Fd to = directories.acquire(directory);
      moves.startMove();
      try {
        byte[] old = place.name().bytes();
        ErrnoException.check(
            flags == Linux.RENAME_NOREPLACE
                ? FreeName.rename(from, old, to, name.bytes())
                : Syscalls.renameat2(from, old, to, name.bytes(), leavesFile ? 0 : flags));
        object.relocate(new LayerRef.Place(directory, name));
      } finally {
        moves.endMove();
        directory.release();
      }
    } finally {
      place.directory().release();
    }
  }

  @Override
  public void exchange(LayerRef one, LayerRef other) throws ErrnoException {
    LayerRef.Place first = one.placeOrAbsent();
    LayerRef.Place second = other.placeOrAbsent();
    Fd from = directories.acquire(first.directory());
    try {
      Fd to = directories.acquire(second.directory());
      moves.startMove();
      try {
        ErrnoException.check(
            Syscalls.renameat2(
                from, first.name().bytes(), to, second.name().bytes(), Linux.RENAME_EXCHANGE));
        one.relocate(second);
        other.relocate(first);
      } finally {
        moves.endMove();
        second.directory().release();
      }
    } finally {
      first.directory().release();
    }
  }

  @Override
  public void rename(LayerRef object, LayerRef directory, Name name) {
    moves.startMove();
    try {
      directories.rename(object, new LayerRef.Place(directory, name));
    } finally {
      moves.endMove();
    }
  }

  @Override
  public LayerFile openWritable(LayerRef file) throws ErrnoException {
    Fd own = file.tryAcquireWritable();
    if (own != null) {
      return new HostFile(directories, file, own, shortReads);
    }
    int flags = Linux.O_RDWR | Linux.O_NONBLOCK;
    try {
      return shared(file, openContent(file, flags));
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EPERM || !isAppendOnly(file)) {
        throw e;
      }
      return HostFile.appendOnly(openContent(file, flags | Linux.O_APPEND), shortReads);
    }
  }

  /** Whether the upper file itself has the flag of chattr +a. */
  private boolean isAppendOnly(LayerRef file) throws ErrnoException {
    Stat stat = new Stat();
    return statInode(file, stat) && stat.isAppendOnly();
  }

  /**
   * Shares the descriptor: while a file is open for writing, all other operations on it use this
   * descriptor.
   */
  private HostFile shared(LayerRef file, Fd owned) {
    return directories.share(file, owned)
        ? new HostFile(directories, file, owned, shortReads)
        : new HostFile(owned, shortReads);
  }

  /** The object by a descriptor of its own, so that a change cannot affect another object. */
  private HeldObject held(LayerRef object) throws ErrnoException {
    LayerRef.Place place = object.place();
    if (place != null && work.holds(place)) {
      return HeldObject.of(work.fd(), place.name());
    }
    Fd own = object.tryAcquire();
    return own != null
        ? HeldObject.acquired(own, object)
        : HeldObject.opened(openObject(object, Linux.O_PATH));
  }

  @Override
  public void chown(LayerRef object, int uid, int gid) throws ErrnoException {
    if (override == null) {
      chownInode(object, uid, gid);
    } else {
      override.chown(this, object, uid, gid);
    }
  }

  void chownInode(LayerRef object, int uid, int gid) throws ErrnoException {
    try (HeldObject held = held(object)) {
      ErrnoException.check(Syscalls.chownat(held.fd(), held.path(), uid, gid));
    }
  }

  @Override
  public void chmod(LayerRef object, int mode) throws ErrnoException {
    if (override == null) {
      chmodInode(object, mode);
    } else {
      override.chmod(this, object, mode);
    }
  }

  void chmodInode(LayerRef object, int mode) throws ErrnoException {
    try (HeldObject held = held(object)) {
      ErrnoException.check(Syscalls.chmodat(held.fd(), held.path(), mode & 07777));
    }
  }

  @Override
  public void setTimes(LayerRef object, long atime, long atimeNanos, long mtime, long mtimeNanos)
      throws ErrnoException {
    try (HeldObject held = held(object)) {
      ErrnoException.check(
          Syscalls.utimensat(held.fd(), held.path(), atime, atimeNanos, mtime, mtimeNanos));
    }
  }

  @Override
  public void setXattr(LayerRef object, byte[] name, byte[] value, int flags)
      throws ErrnoException {
    setXattrOnDisk(object, onDisk(name), value, flags);
  }

  private byte[] onDisk(byte[] name) throws ErrnoException {
    if (override == null) {
      return name;
    }
    if (StatOverride.hides(name)) {
      throw ErrnoException.of(Errno.EOPNOTSUPP);
    }
    return override.onDisk(name);
  }

  void setXattrOnDisk(LayerRef object, byte[] name, byte[] value, int flags) throws ErrnoException {
    try (HeldObject held = held(object)) {
      ErrnoException.check(XattrSyscalls.set(held.fd(), held.path(), name, value, flags));
    }
  }

  @Override
  public void removeXattr(LayerRef object, byte[] name) throws ErrnoException {
    byte[] onDisk = onDisk(name);
    try (HeldObject held = held(object)) {
      ErrnoException.check(XattrSyscalls.remove(held.fd(), held.path(), onDisk));
    }
  }

  @Override
  public void sync(LayerRef object) throws ErrnoException {
    Durability.sync(this, object);
  }

  @Override
  public void close() {
    super.close();
    work.close();
    if (index != null) {
      index.closeKept();
    }
    if (mount != null) {
      mount.close();
    }
  }
}
