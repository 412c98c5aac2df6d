package plyfs.layer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.Loggers;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;
import plyfs.sys.TreeRemover;

/**
 * The directory {@code work} of a workdir, where objects are prepared before they are published.
 *
 * <p>Their names are {@code #} and a hexadecimal counter. An existing object is never reused; the
 * mount emptied the directory.
 */
final class Workdir {
  private static final Logger LOG = Loggers.named("plyfs.layer");
  private static final byte[] DOT = {'.'};

  private final HostLayer layer;
  private final LayerRef ref;
  private final AtomicLong nextName = new AtomicLong();
  private volatile boolean noTmpfile;

  /** The owner of the first file; null before the first file. */
  private volatile @Nullable Owner owner;

  private record Owner(int uid, int gid) {
    /**
     * No owner matches: files do not get the requested mode, so the layer sets owner and mode of
     * each file.
     */
    static final Owner UNKNOWN = new Owner(-1, -1);
  }

  /**
   * The directory of an upper layer.
   *
   * @param owned an {@code O_PATH} descriptor of it, in the same mount
   */
  Workdir(HostLayer layer, Fd owned) {
    this.layer = layer;
    this.ref = new LayerRef(layer, owned);
  }

  /** The directory, as one of the upper layer. */
  LayerRef ref() {
    return ref;
  }

  /** Its descriptor, which stays open until {@link #close}. */
  Fd fd() throws ErrnoException {
    Fd fd = ref.tryAcquire();
    if (fd == null) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    ref.release();
    return fd;
  }

  /** Whether an object is in this directory. */
  boolean holds(LayerRef.Place place) {
    return place.directory() == ref;
  }

  /** A name that is not used yet. */
  Name freshName() {
    return Name.of(("#" + Long.toHexString(nextName.incrementAndGet())).getBytes(US_ASCII));
  }

  /** A reference to a new name, for an object to be created. */
  LayerRef fresh() {
    return new LayerRef(ref, freshName());
  }

  /** Name of a prepared object; empty if it has none. */
  static byte[] bytesOf(LayerRef prepared) {
    LayerRef.Place place = prepared.place();
    return place == null ? Syscalls.SELF : place.name().bytes();
  }

  /**
   * As {@link UpperLayer#preparesAs}. New files have the group of the daemon or of the directory,
   * depending on the file system, so this reads the first file.
   */
  boolean makesAs(int uid, int gid) {
    Owner first = owner;
    return first != null && first.uid() == uid && first.gid() == gid;
  }

  private Fd lookedAt(Fd file, int mode) {
    if (owner == null) {
      Stat stat = new Stat();
      boolean known = Syscalls.statx(file, Syscalls.SELF, stat) == 0;
      boolean isExact = known && (stat.mode() & 07777) == mode;
      owner = isExact ? new Owner(stat.uid(), stat.gid()) : Owner.UNKNOWN;
    }
    return file;
  }

  /** As {@link UpperLayer#prepareFile}, but with exactly this mode. */
  LayerRef file(int mode) throws ErrnoException {
    int flags = Linux.O_RDWR | Linux.O_NOFOLLOW;
    if (!noTmpfile) {
      try {
        Fd opened = Fd.openat(fd(), DOT, Linux.O_TMPFILE | flags, mode);
        return LayerRef.prepared(layer, lookedAt(opened, mode));
      } catch (ErrnoException e) {
        if (e.errno() != Errno.EOPNOTSUPP
            && e.errno() != Errno.EISDIR
            && e.errno() != Errno.ENOENT) {
          throw e;
        }
        noTmpfile = true;
      }
    }
    LayerRef file = fresh();
    int create = Linux.O_CREAT | Linux.O_EXCL | flags;
    lookedAt(Fd.openat(fd(), bytesOf(file), create, mode), mode).close();
    return file;
  }

  /** As {@link UpperLayer#prepareDirectory}. */
  LayerRef directory() throws ErrnoException {
    LayerRef directory = fresh();
    ErrnoException.check(Syscalls.mkdirat(fd(), bytesOf(directory), 0700));
    return directory;
  }

  /** As {@link UpperLayer#prepareSymlink}. */
  LayerRef symlink(byte[] target) throws ErrnoException {
    LayerRef link = fresh();
    ErrnoException.check(Syscalls.symlinkat(target, fd(), bytesOf(link)));
    return link;
  }

  /** As {@link UpperLayer#prepareNode}. */
  LayerRef node(int type, int rdev) throws ErrnoException {
    LayerRef node = fresh();
    ErrnoException.check(Syscalls.mknodat(fd(), bytesOf(node), type | 0600, rdev));
    return node;
  }

  /** A whiteout as a character device. */
  LayerRef whiteout() throws ErrnoException {
    LayerRef prepared = fresh();
    Whiteouts.put(false, fd(), fd(), Name.of(bytesOf(prepared)));
    return prepared;
  }

  /** As {@link UpperLayer#discard}. */
  void discard(LayerRef prepared) {
    LayerRef.Place place = prepared.place();
    if (place != null) {
      remove(place.name());
    }
    layer.directories.forget(prepared);
  }

  /**
   * Removes an object and its content. What cannot be removed is harmless and goes at the next
   * mount, so the failure is logged, not thrown.
   */
  void remove(Name name) {
    try {
      Fd work = layer.directories.acquire(ref);
      try {
        TreeRemover.remove(work, name.bytes());
      } finally {
        ref.release();
      }
    } catch (ErrnoException e) {
      LOG.log(Level.WARNING, "cannot remove {0} from the workdir now: {1}", name, e.getMessage());
    }
  }

  void close() {
    ref.closeKept();
  }
}
