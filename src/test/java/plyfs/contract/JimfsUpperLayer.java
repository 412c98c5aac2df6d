package plyfs.contract;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerFile;
import plyfs.layer.LayerRef;
import plyfs.layer.UpperLayer;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.StatFiller;

/**
 * An upper layer in memory. It also makes the content of a {@link JimfsLayer} on the same
 * directory.
 */
public final class JimfsUpperLayer extends JimfsLayer implements UpperLayer {
  private static final Name WHITEOUT = Name.of("#whiteout");

  private long nextName;
  private boolean hasIndex;

  /**
   * A layer.
   *
   * @param directory made if it is not there; its workdir is a sibling of it
   * @param device what {@link #device} says
   */
  public JimfsUpperLayer(Path directory, long device) {
    super(directory, 0, device);
  }

  /** Takes an index from now on. */
  public void keepIndex() {
    hasIndex = true;
    tree.makeIndex();
  }

  @Override
  public @Nullable LayerRef indexDirectory() {
    return hasIndex ? index : null;
  }

  private interface Maker {
    void make(Path path) throws ErrnoException;
  }

  private LayerRef fresh() {
    return new LayerRef(work, Name.of("#" + Long.toHexString(++nextName)));
  }

  private LayerRef prepare(Maker maker) throws ErrnoException {
    synchronized (monitor) {
      LayerRef prepared = fresh();
      maker.make(path(prepared));
      return prepared;
    }
  }

  @Override
  public boolean makesAs(int uid, int gid) {
    return false;
  }

  @Override
  public @Nullable LayerFile makeInPlace(
      LayerRef object, int type, int mode, int rdev, byte @Nullable [] target) {
    throw new UnsupportedOperationException("this layer makes objects as nobody");
  }

  @Override
  public LayerRef prepareFile(int mode) throws ErrnoException {
    return prepare(path -> tree.make(path, Linux.S_IFREG | mode & 0777 | 0600, 0));
  }

  @Override
  public boolean preparesAs(int uid, int gid) {
    return false;
  }

  @Override
  public LayerRef prepareDirectory() throws ErrnoException {
    return prepare(path -> tree.make(path, Linux.S_IFDIR | 0700, 0));
  }

  @Override
  public LayerRef prepareSymlink(byte[] target) throws ErrnoException {
    return prepare(
        path -> {
          tree.make(path, Linux.S_IFLNK | 0777, 0);
          JimfsTree.call(() -> Files.write(path, target));
        });
  }

  @Override
  public LayerRef prepareNode(int type, int rdev) throws ErrnoException {
    return prepare(path -> tree.make(path, type | 0600, rdev));
  }

  @Override
  public void discard(LayerRef prepared) {
    synchronized (monitor) {
      try {
        tree.deleteTree(path(prepared));
      } catch (ErrnoException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private void place(LayerRef prepared, LayerRef directory, Name name, int flags)
      throws ErrnoException {
    changing("place");
    synchronized (monitor) {
      tree.rename(existing(prepared), path(directory, name), flags);
      prepared.relocate(new LayerRef.Place(directory, name));
    }
  }

  @Override
  public void publish(LayerRef prepared, LayerRef directory, Name name) throws ErrnoException {
    place(prepared, directory, name, Linux.RENAME_NOREPLACE);
  }

  @Override
  public void publishOver(LayerRef prepared, LayerRef directory, Name name) throws ErrnoException {
    place(prepared, directory, name, 0);
  }

  @Override
  public void publishExchanged(LayerRef prepared, LayerRef directory, Name name)
      throws ErrnoException {
    synchronized (monitor) {
      Path aside = existing(prepared);
      place(prepared, directory, name, Linux.RENAME_EXCHANGE);
      removeWithWhiteouts(aside);
    }
  }

  private void removeWithWhiteouts(Path path) throws ErrnoException {
    if (JimfsTree.isDirectory(path)) {
      for (Path child : JimfsTree.children(path)) {
        tree.remove(child);
      }
    }
    tree.remove(path);
  }

  @Override
  public void link(LayerRef object, LayerRef directory, Name name) throws ErrnoException {
    synchronized (monitor) {
      tree.link(existing(object), path(directory, name));
    }
  }

  @Override
  public void linkOver(LayerRef object, LayerRef directory, Name name) throws ErrnoException {
    synchronized (monitor) {
      LayerRef second = fresh();
      tree.link(existing(object), path(second));
      publishOverOnce(second, directory, name);
    }
  }

  /** A rename of one name of an object over another one does nothing. */
  private void publishOverOnce(LayerRef prepared, LayerRef directory, Name name)
      throws ErrnoException {
    Path aside = path(prepared);
    publishOver(prepared, directory, name);
    if (JimfsTree.exists(aside)) {
      tree.remove(aside);
    }
  }

  private void linkWhiteout(Path name) throws ErrnoException {
    Path whiteout = path(work, WHITEOUT);
    if (!JimfsTree.exists(whiteout)) {
      tree.make(whiteout, Linux.S_IFCHR, 0);
    }
    tree.link(whiteout, name);
  }

  @Override
  public void whiteout(LayerRef directory, Name name) throws ErrnoException {
    synchronized (monitor) {
      linkWhiteout(path(directory, name));
    }
  }

  @Override
  public void replaceByWhiteout(LayerRef directory, Name name) throws ErrnoException {
    synchronized (monitor) {
      publishOverOnce(prepare(this::linkWhiteout), directory, name);
    }
  }

  @Override
  public void replaceDirectoryByWhiteout(LayerRef directory, Name name) throws ErrnoException {
    synchronized (monitor) {
      publishExchanged(prepare(this::linkWhiteout), directory, name);
    }
  }

  @Override
  public void unlink(LayerRef directory, Name name) throws ErrnoException {
    synchronized (monitor) {
      Path path = path(directory, name);
      if (JimfsTree.isDirectory(path)) {
        throw ErrnoException.of(Errno.EISDIR);
      }
      tree.remove(path);
    }
  }

  @Override
  public boolean removeBareDirectory(LayerRef directory, Name name) throws ErrnoException {
    synchronized (monitor) {
      Path path = path(directory, name);
      JimfsTree.ino(path);
      if (JimfsTree.isDirectory(path) && !JimfsTree.children(path).isEmpty()) {
        return false;
      }
      removeDirectory(directory, name);
      return true;
    }
  }

  @Override
  public void removeDirectory(LayerRef directory, Name name) throws ErrnoException {
    synchronized (monitor) {
      Path path = path(directory, name);
      JimfsTree.ino(path);
      if (!JimfsTree.isDirectory(path)) {
        throw ErrnoException.of(Errno.ENOTDIR);
      }
      removeWithWhiteouts(path);
    }
  }

  @Override
  public void move(LayerRef object, LayerRef directory, Name name, int flags)
      throws ErrnoException {
    place(object, directory, name, flags);
  }

  @Override
  public void exchange(LayerRef one, LayerRef other) throws ErrnoException {
    synchronized (monitor) {
      LayerRef.Place first = one.place();
      LayerRef.Place second = other.place();
      tree.rename(existing(one), existing(other), Linux.RENAME_EXCHANGE);
      one.relocate(second);
      other.relocate(first);
    }
  }

  @Override
  public void rename(LayerRef object, LayerRef directory, Name name) {
    synchronized (monitor) {
      object.relocate(new LayerRef.Place(directory, name));
      letGo(object);
    }
  }

  @Override
  public LayerFile openWritable(LayerRef file) throws ErrnoException {
    return open(file, true);
  }

  private interface Change {
    JimfsInode of(JimfsInode before);
  }

  private void change(LayerRef object, Change change) throws ErrnoException {
    synchronized (monitor) {
      Path path = existing(object);
      change.of(JimfsInode.of(path)).writeTo(path);
    }
  }

  @Override
  public void chown(LayerRef object, int uid, int gid) throws ErrnoException {
    changing("chown");
    change(object, inode -> inode.withOwner(uid, gid));
  }

  @Override
  public void chmod(LayerRef object, int mode) throws ErrnoException {
    changing("chmod");
    synchronized (monitor) {
      if (JimfsInode.of(existing(object)).type() == Linux.S_IFLNK) {
        throw ErrnoException.of(Errno.EOPNOTSUPP);
      }
      change(object, inode -> inode.withMode(mode & 07777));
    }
  }

  private static StatFiller.Time time(long seconds, long nanos, StatFiller.Time old) {
    return nanos == Linux.UTIME_OMIT
        ? old
        : nanos == Linux.UTIME_NOW ? JimfsInode.now() : new StatFiller.Time(seconds, (int) nanos);
  }

  @Override
  public void setTimes(LayerRef object, long atime, long atimeNanos, long mtime, long mtimeNanos)
      throws ErrnoException {
    change(
        object,
        inode ->
            inode.withTimes(
                time(atime, atimeNanos, inode.atime()), time(mtime, mtimeNanos, inode.mtime())));
  }

  @Override
  public void setXattr(LayerRef object, byte[] name, byte[] value, int flags)
      throws ErrnoException {
    changing("setXattr");
    synchronized (monitor) {
      Path path = existing(object);
      if (value.length > Linux.XATTR_SIZE_MAX) {
        throw ErrnoException.of(Errno.E2BIG);
      }
      boolean present = hasAttribute(path, name);
      if (flags == Linux.XATTR_CREATE && present) {
        throw ErrnoException.of(Errno.EEXIST);
      }
      if (flags == Linux.XATTR_REPLACE && !present) {
        throw ErrnoException.of(Errno.ENODATA);
      }
      JimfsTree.call(() -> attributes(path).write(attribute(name), ByteBuffer.wrap(value)));
    }
  }

  @Override
  public void removeXattr(LayerRef object, byte[] name) throws ErrnoException {
    changing("removeXattr");
    synchronized (monitor) {
      Path path = existing(object);
      if (!hasAttribute(path, name)) {
        throw ErrnoException.of(Errno.ENODATA);
      }
      JimfsTree.call(
          () -> {
            attributes(path).delete(attribute(name));
            return path;
          });
    }
  }

  @Override
  public void sync(LayerRef object) throws ErrnoException {
    synchronized (monitor) {
      existing(object);
    }
  }
}
