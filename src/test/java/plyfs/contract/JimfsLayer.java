package plyfs.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plyfs.layer.DirVisitor;
import plyfs.layer.Layer;
import plyfs.layer.LayerFile;
import plyfs.layer.LayerRef;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.StatFiller;
import plyfs.sys.StatFs;

/**
 * A lower layer in memory, for tests of the engine that need no root and no kernel; {@link
 * LayerContract} holds it to what {@code HostLayer} does. Its content is made through a {@link
 * JimfsUpperLayer} on the same directory.
 *
 * <p>Mode with its type bits, owner, device number and times to the nanosecond are kept in one
 * {@code user} attribute, extended attributes in others whose names start with {@code x.}; names
 * are ISO-8859-1, so every byte is one character. Whatever is no directory is a jimfs file: that of
 * a symbolic link holds the target, so links to it work.
 */
public sealed class JimfsLayer implements Layer permits JimfsUpperLayer {
  private static final String XATTR = "x.";

  final Object monitor = new Object();
  private final int place;
  private final long device;
  private final Path rootPath;
  private final Path workPath;
  final JimfsTree tree;
  private final LayerRef root = LayerRef.rootWithoutDescriptor(this);
  final LayerRef work = LayerRef.rootWithoutDescriptor(this);
  final LayerRef index = LayerRef.rootWithoutDescriptor(this);
  private final Map<LayerRef, Long> kept = new HashMap<>();
  private Reads reads = call -> {};
  private Reads changes = call -> {};

  /** What may fail instead of a call that reads. */
  public interface Reads {
    /**
     * Is told of each.
     *
     * @param call its method
     */
    void before(String call) throws ErrnoException;
  }

  /**
   * A layer.
   *
   * @param directory made if it is not there; its workdir is a sibling of it
   * @param index 1 and up, 0 for an upper layer
   * @param device what {@link #device} says
   */
  public JimfsLayer(Path directory, int index, long device) {
    this.place = index;
    this.device = device;
    this.rootPath = directory;
    this.workPath = directory.resolveSibling(".work-of-" + directory.getFileName());
    this.tree = new JimfsTree(directory, workPath);
  }

  /** Has all that reads the layer, or a file that it opens, asked first. */
  public void setReads(Reads newReads) {
    reads = newReads;
  }

  /** Has all that changes the layer, or a file that it opens, asked first. */
  public void setChanges(Reads newChanges) {
    changes = newChanges;
  }

  final void changing(String call) throws ErrnoException {
    changes.before(call);
  }

  final void reading(String call) throws ErrnoException {
    reads.before(call);
  }

  /** A file system for layers. */
  public static FileSystem newFileSystem() {
    return Jimfs.newFileSystem(
        Configuration.unix().toBuilder()
            .setAttributeViews("basic", "owner", "posix", "unix", "user")
            .build());
  }

  final Path path(LayerRef object) throws ErrnoException {
    if (object == root) {
      return rootPath;
    }
    if (object == work) {
      return workPath;
    }
    if (object == index) {
      return tree.index();
    }
    Long ino = kept.get(object);
    if (ino != null) {
      Path found = tree.find(ino);
      if (found == null) {
        throw ErrnoException.of(Errno.ESTALE);
      }
      return found;
    }
    LayerRef.Place place = object.place();
    if (place == null) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    return path(place.directory(), place.name());
  }

  final Path path(LayerRef directory, Name name) throws ErrnoException {
    if (name.length() > Name.MAX_BYTES) {
      throw ErrnoException.of(Errno.ENAMETOOLONG);
    }
    return path(directory).resolve(new String(name.bytes(), ISO_8859_1));
  }

  final Path existing(LayerRef object) throws ErrnoException {
    Path path = path(object);
    if (!JimfsTree.exists(path)) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    return path;
  }

  @Override
  public final LayerRef root() {
    return root;
  }

  @Override
  public final int index() {
    return place;
  }

  @Override
  public final long device() {
    return device;
  }

  @Override
  public final boolean stat(LayerRef object, Stat out) throws ErrnoException {
    reading("stat");
    synchronized (monitor) {
      Path path = path(object);
      if (!JimfsTree.exists(path)) {
        return false;
      }
      fill(path, out);
      return true;
    }
  }

  void statByIno(long ino, Stat out) throws ErrnoException {
    reading("stat of a file");
    synchronized (monitor) {
      Path path = tree.find(ino);
      if (path == null) {
        throw ErrnoException.of(Errno.ESTALE);
      }
      fill(path, out);
    }
  }

  private void fill(Path path, Stat out) throws ErrnoException {
    JimfsInode inode = JimfsInode.of(path);
    long size = inode.isDirectory() ? 0 : JimfsTree.call(() -> Files.size(path));
    StatFiller.fill(
        out,
        new StatFiller.Fields(
            inode.mode(),
            tree.nlink(path),
            inode.uid(),
            inode.gid(),
            inode.rdev(),
            JimfsTree.ino(path),
            size,
            device),
        inode.atime(),
        inode.mtime(),
        inode.ctime());
  }

  void modified(long ino) throws ErrnoException {
    synchronized (monitor) {
      Path path = tree.find(ino);
      if (path != null) {
        JimfsTree.touch(path);
      }
    }
  }

  void modifiedAt(long ino, StatFiller.Time mtime) throws ErrnoException {
    synchronized (monitor) {
      Path path = tree.find(ino);
      if (path != null) {
        JimfsInode inode = JimfsInode.of(path);
        inode.withTimes(inode.atime(), mtime).writeTo(path);
      }
    }
  }

  @Override
  public final byte[] readLink(LayerRef link) throws ErrnoException {
    reading("readLink");
    synchronized (monitor) {
      Path path = existing(link);
      if (JimfsInode.of(path).type() != Linux.S_IFLNK) {
        throw ErrnoException.of(Errno.EINVAL);
      }
      return JimfsTree.call(() -> Files.readAllBytes(path));
    }
  }

  @Override
  public final LayerFile open(LayerRef file) throws ErrnoException {
    reading("open");
    return open(file, false);
  }

  final LayerFile open(LayerRef file, boolean writable) throws ErrnoException {
    synchronized (monitor) {
      Path path = existing(file);
      if (JimfsInode.of(path).type() == Linux.S_IFLNK) {
        throw ErrnoException.of(Errno.ELOOP);
      }
      if (JimfsTree.isDirectory(path)) {
        // A directory is opened for its flags alone, and has none here.
        throw ErrnoException.of(writable ? Errno.EISDIR : Errno.ENOTTY);
      }
      FileChannel channel =
          writable
              ? JimfsTree.call(
                  () -> FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE))
              : JimfsTree.call(() -> FileChannel.open(path, StandardOpenOption.READ));
      long ino = JimfsTree.ino(path);
      tree.pin(ino);
      return new JimfsFile(this, ino, channel, writable);
    }
  }

  void closed(long ino) {
    synchronized (monitor) {
      unpin(ino);
    }
  }

  private void unpin(long ino) {
    try {
      tree.unpin(ino);
    } catch (ErrnoException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public final void list(LayerRef directory, DirVisitor visitor) throws ErrnoException {
    reading("list");
    record Entry(byte[] name, int type, long ino) {}
    List<Entry> entries = new ArrayList<>();
    synchronized (monitor) {
      Path path = existing(directory);
      if (!JimfsTree.isDirectory(path)) {
        throw ErrnoException.of(Errno.ENOTDIR);
      }
      for (Path child : JimfsTree.children(path)) {
        entries.add(
            new Entry(
                JimfsTree.nameOf(child),
                Linux.direntType(JimfsInode.of(child).mode()),
                JimfsTree.ino(child)));
      }
    }
    for (Entry entry : entries) {
      visitor.entry(entry.name(), entry.type(), entry.ino());
    }
  }

  static UserDefinedFileAttributeView attributes(Path path) {
    return Files.getFileAttributeView(
        path, UserDefinedFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
  }

  static String attribute(byte[] name) {
    return XATTR + new String(name, ISO_8859_1);
  }

  static boolean hasAttribute(Path path, byte[] name) throws ErrnoException {
    return JimfsTree.call(() -> attributes(path).list()).contains(attribute(name));
  }

  @Override
  public final byte @Nullable [] xattr(LayerRef object, byte[] name) throws ErrnoException {
    reading("xattr");
    synchronized (monitor) {
      Path path = existing(object);
      if (!hasAttribute(path, name)) {
        return null;
      }
      return JimfsTree.call(
          () -> {
            UserDefinedFileAttributeView view = attributes(path);
            byte[] value = new byte[view.size(attribute(name))];
            view.read(attribute(name), ByteBuffer.wrap(value));
            return value;
          });
    }
  }

  @Override
  public final byte[] xattrNames(LayerRef object) throws ErrnoException {
    reading("xattrNames");
    ByteArrayOutputStream names = new ByteArrayOutputStream();
    synchronized (monitor) {
      Path path = existing(object);
      for (String name : JimfsTree.call(() -> attributes(path).list())) {
        if (name.startsWith(XATTR)) {
          names.writeBytes(name.substring(XATTR.length()).getBytes(ISO_8859_1));
          names.write(0);
        }
      }
    }
    return names.toByteArray();
  }

  @Override
  public final byte[] handle(LayerRef object) throws ErrnoException {
    reading("handle");
    synchronized (monitor) {
      return ByteBuffer.allocate(16)
          .order(ByteOrder.nativeOrder())
          .putInt(8)
          .putInt(1)
          .putLong(JimfsTree.ino(path(object)))
          .array();
    }
  }

  @Override
  public final byte[] fileSystemUuid() throws ErrnoException {
    reading("fileSystemUuid");
    return ByteBuffer.allocate(16).putLong(0x6a696d6673L).putLong(device).array();
  }

  @Override
  public final boolean statByHandle(byte[] handle, Stat out) throws ErrnoException {
    reading("statByHandle");
    synchronized (monitor) {
      long ino = ByteBuffer.wrap(handle).order(ByteOrder.nativeOrder()).getLong(8);
      try {
        Path path = tree.find(ino);
        if (path == null) {
          return false;
        }
        fill(path, out);
        return true;
      } catch (ErrnoException e) {
        return false;
      }
    }
  }

  @Override
  public final void statFs(StatFs out) throws ErrnoException {
    reading("statFs");
    StatFiller.fill(out);
  }

  @Override
  public final void keep(LayerRef object) throws ErrnoException {
    synchronized (monitor) {
      if (object == root || kept.containsKey(object)) {
        return;
      }
      long ino = JimfsTree.ino(path(object));
      tree.pin(ino);
      kept.put(object, ino);
      object.relocate(null);
    }
  }

  @Override
  public final void forget(LayerRef object) {
    synchronized (monitor) {
      letGo(object);
    }
  }

  final void letGo(LayerRef object) {
    Long ino = kept.remove(object);
    if (ino != null) {
      unpin(ino);
    }
  }

  @Override
  public void close() {
    // Nothing is open but what callers have opened.
  }
}
