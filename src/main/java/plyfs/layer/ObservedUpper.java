package plyfs.layer;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.StatFs;

/**
 * The upper layer of a mount of another process, for reading. This class, and the read-only clone
 * below it, refuse every change with EROFS.
 */
final class ObservedUpper implements UpperLayer {
  private final Layer layer;
  private final @Nullable Layer index;

  /** The upper layer of a plan; null if it has none. */
  static @Nullable ObservedUpper open(MountPlan plan, int descriptors)
      throws MountRefusedException {
    byte[] path = plan.upper();
    if (path == null) {
      return null;
    }
    Layer upper = LayerStack.openLower("upper directory", path, 0, descriptors, plan.override());
    try {
      Layer index = plan.index() ? openIndex(plan, descriptors) : null;
      return new ObservedUpper(upper, index);
    } catch (Throwable e) {
      upper.close();
      throw e;
    }
  }

  /** The index of a mount; null before its first mount. */
  private static @Nullable Layer openIndex(MountPlan plan, int descriptors)
      throws MountRefusedException {
    byte[] path = IndexDirectory.pathIn(Objects.requireNonNull(plan.work()));
    try {
      Fd.open(path, Linux.O_PATH | Linux.O_DIRECTORY).close();
      return LayerStack.openLower("index", path, 0, descriptors, OverrideAttribute.NONE);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOENT) {
        return null;
      }
      throw LayerStack.refused("index", path, e);
    }
  }

  /**
   * A view.
   *
   * @param layer the upper directory, closed with this
   * @param index the index directory, closed with this; null if there is none
   */
  private ObservedUpper(Layer layer, @Nullable Layer index) {
    this.layer = layer;
    this.index = index;
  }

  private static ErrnoException refused() {
    return ErrnoException.of(Errno.EROFS);
  }

  @Override
  public @Nullable LayerRef indexDirectory() {
    return index == null ? null : index.root();
  }

  @Override
  public LayerRef root() {
    return layer.root();
  }

  @Override
  public int index() {
    return layer.index();
  }

  @Override
  public long device() {
    return layer.device();
  }

  @Override
  public boolean stat(LayerRef object, Stat out) throws ErrnoException {
    return object.layer().stat(object, out);
  }

  @Override
  public byte[] readLink(LayerRef link) throws ErrnoException {
    return link.layer().readLink(link);
  }

  @Override
  public LayerFile open(LayerRef file) throws ErrnoException {
    return file.layer().open(file);
  }

  @Override
  public void list(LayerRef directory, DirVisitor visitor) throws ErrnoException {
    directory.layer().list(directory, visitor);
  }

  @Override
  public byte @Nullable [] xattr(LayerRef object, byte[] name) throws ErrnoException {
    return object.layer().xattr(object, name);
  }

  @Override
  public byte[] xattrNames(LayerRef object) throws ErrnoException {
    return object.layer().xattrNames(object);
  }

  @Override
  public byte @Nullable [] handle(LayerRef object) throws ErrnoException {
    return object.layer().handle(object);
  }

  @Override
  public byte @Nullable [] fileSystemUuid() throws ErrnoException {
    return layer.fileSystemUuid();
  }

  @Override
  public boolean statByHandle(byte[] handle, Stat out) throws ErrnoException {
    return layer.statByHandle(handle, out);
  }

  @Override
  public void statFs(StatFs out) throws ErrnoException {
    layer.statFs(out);
  }

  @Override
  public void keep(LayerRef object) throws ErrnoException {
    object.layer().keep(object);
  }

  @Override
  public void forget(LayerRef object) {
    object.layer().forget(object);
  }

  @Override
  public void close() {
    layer.close();
    if (index != null) {
      index.close();
    }
  }

  @Override
  public LayerRef prepareFile(int mode) throws ErrnoException {
    throw refused();
  }

  @Override
  public boolean preparesAs(int uid, int gid) {
    return false;
  }

  @Override
  public LayerRef prepareDirectory() throws ErrnoException {
    throw refused();
  }

  @Override
  public LayerRef prepareSymlink(byte[] target) throws ErrnoException {
    throw refused();
  }

  @Override
  public LayerRef prepareNode(int type, int rdev) throws ErrnoException {
    throw refused();
  }

  @Override
  public boolean makesAs(int uid, int gid) {
    return false;
  }

  @Override
  public @Nullable LayerFile makeInPlace(
      LayerRef object, int type, int mode, int rdev, byte @Nullable [] target)
      throws ErrnoException {
    throw refused();
  }

  @Override
  public void discard(LayerRef prepared) {
    throw new UnsupportedOperationException("looked at only"); // only called after a change
  }

  @Override
  public void publish(LayerRef prepared, LayerRef directory, Name name) throws ErrnoException {
    throw refused();
  }

  @Override
  public void publishOver(LayerRef prepared, LayerRef directory, Name name) throws ErrnoException {
    throw refused();
  }

  @Override
  public void publishExchanged(LayerRef prepared, LayerRef directory, Name name)
      throws ErrnoException {
    throw refused();
  }

  @Override
  public void link(LayerRef object, LayerRef directory, Name name) throws ErrnoException {
    throw refused();
  }

  @Override
  public void linkOver(LayerRef object, LayerRef directory, Name name) throws ErrnoException {
    throw refused();
  }

  @Override
  public void whiteout(LayerRef directory, Name name) throws ErrnoException {
    throw refused();
  }

  @Override
  public void replaceByWhiteout(LayerRef directory, Name name) throws ErrnoException {
    throw refused();
  }

  @Override
  public void replaceDirectoryByWhiteout(LayerRef directory, Name name) throws ErrnoException {
    throw refused();
  }

  @Override
  public void unlink(LayerRef directory, Name name) throws ErrnoException {
    throw refused();
  }

  @Override
  public boolean removeBareDirectory(LayerRef directory, Name name) throws ErrnoException {
    throw refused();
  }

  @Override
  public void removeDirectory(LayerRef directory, Name name) throws ErrnoException {
    throw refused();
  }

  @Override
  public void move(LayerRef object, LayerRef directory, Name name, int flags)
      throws ErrnoException {
    throw refused();
  }

  @Override
  public void exchange(LayerRef one, LayerRef other) throws ErrnoException {
    throw refused();
  }

  @Override
  public void rename(LayerRef object, LayerRef directory, Name name) {
    throw new UnsupportedOperationException("looked at only"); // only called after a change
  }

  @Override
  public LayerFile openWritable(LayerRef file) throws ErrnoException {
    throw refused();
  }

  @Override
  public void chown(LayerRef object, int uid, int gid) throws ErrnoException {
    throw refused();
  }

  @Override
  public void chmod(LayerRef object, int mode) throws ErrnoException {
    throw refused();
  }

  @Override
  public void setTimes(LayerRef object, long atime, long atimeNanos, long mtime, long mtimeNanos)
      throws ErrnoException {
    throw refused();
  }

  @Override
  public void setXattr(LayerRef object, byte[] name, byte[] value, int flags)
      throws ErrnoException {
    throw refused();
  }

  @Override
  public void removeXattr(LayerRef object, byte[] name) throws ErrnoException {
    throw refused();
  }

  @Override
  public void sync(LayerRef object) throws ErrnoException {
    throw refused();
  }
}
