package plyfs.layer;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Name;

/**
 * Refers to one object of one layer: by a name in the directory that another reference stands for,
 * or, for a root and for an object that is kept without a name, by an open descriptor.
 *
 * <p>What it refers to never changes; where that is may change, when the object or a directory
 * above it moves. A reference costs no descriptor: a directory's is opened when it is needed and
 * cached by {@link DirDescriptors}.
 */
public final class LayerRef {
  /** No descriptor is open. */
  static final int CLOSED = -1;

  private static final AtomicIntegerFieldUpdater<LayerRef> USERS =
      AtomicIntegerFieldUpdater.newUpdater(LayerRef.class, "users");

  private final Layer layer;
  private volatile @Nullable Place place;

  /** Users of {@link #descriptor}, or {@link #CLOSED}. */
  private volatile int users = CLOSED;

  private @Nullable Fd descriptor;

  /** Whether {@link #descriptor} is a regular file's, open for reading and writing. */
  private boolean writable;

  /** Set at each use, cleared by the clock of {@link DirDescriptors}. */
  boolean recentlyUsed;

  /** Place in the table of {@link DirDescriptors}, guarded by its lock; -1 if it is not there. */
  int slot = -1;

  /** See {@link #maySayXattrWhiteouts}. */
  private boolean lacksXattrWhiteouts;

  /** Where an object is. Compared by identity: an object that moves away and back has a new one. */
  public static final class Place {
    private final LayerRef directory;
    private final Name name;

    /** A name in a directory. */
    public Place(LayerRef directory, Name name) {
      this.directory = directory;
      this.name = name;
    }

    /** The directory. */
    public LayerRef directory() {
      return directory;
    }

    /** The name in it. */
    public Name name() {
      return name;
    }
  }

  /** An object by its name; it need not exist. */
  public LayerRef(LayerRef directory, Name name) {
    this.layer = directory.layer;
    this.place = new Place(directory, name);
  }

  /** A layer's root, or an object without a name. */
  LayerRef(Layer layer, @Nullable Fd ownedDescriptor) {
    this.layer = layer;
    this.descriptor = ownedDescriptor;
    this.users = ownedDescriptor == null ? CLOSED : 1;
  }

  /** The root of a layer that keeps its objects elsewhere than in open descriptors. */
  public static LayerRef rootWithoutDescriptor(Layer layer) {
    return new LayerRef(layer, null);
  }

  /** A regular file without a name, open for reading and writing. */
  static LayerRef prepared(Layer layer, Fd ownedDescriptor) {
    LayerRef file = new LayerRef(layer, ownedDescriptor);
    file.writable = true;
    return file;
  }

  /**
   * Whether the mark of a directory may announce whiteouts made of an attribute; false only where
   * the marks were read and do not.
   */
  public boolean maySayXattrWhiteouts() {
    return !lacksXattrWhiteouts;
  }

  /**
   * Notes that the marks of a directory of a lower layer were read, and announce no whiteouts made
   * of an attribute: they do not change.
   */
  public void saysNoXattrWhiteouts() {
    lacksXattrWhiteouts = true;
  }

  /** The layer of the object. */
  public Layer layer() {
    return layer;
  }

  /** Where the object is now; null for a root and for an object without a name. */
  public @Nullable Place place() {
    return place;
  }

  /**
   * As {@link #place}.
   *
   * @throws ErrnoException ENOENT for a root and for an object without a name
   */
  Place placeOrAbsent() throws ErrnoException {
    Place now = place;
    if (now == null) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    return now;
  }

  /**
   * Tells where the object is from now on; null if it has lost its name and is kept. Only its layer
   * may call this.
   */
  public void relocate(@Nullable Place newPlace) {
    place = newPlace;
  }

  /** Makes this stand for an object that is kept open. */
  void keep(Fd ownedDescriptor) {
    descriptor = ownedDescriptor;
    users = 1;
    place = null;
  }

  /**
   * As {@link #tryAcquire}, the descriptor of a regular file that is open for reading and writing;
   * null for anything else.
   */
  @Nullable Fd tryAcquireWritable() {
    Fd own = tryAcquire();
    if (own != null && !writable) {
      release();
      return null;
    }
    return own;
  }

  /** The descriptor, if one is open, counted as used until {@link #release}. */
  @Nullable Fd tryAcquire() {
    int now = users;
    while (now != CLOSED) {
      if (USERS.compareAndSet(this, now, now + 1)) {
        recentlyUsed = true;
        return descriptor;
      }
      now = users;
    }
    return null;
  }

  void release() {
    USERS.decrementAndGet(this);
  }

  /**
   * Installs the descriptor of a file that is open for reading and writing, with one user. Called
   * under the lock of {@link DirDescriptors}.
   */
  void installWritable(Fd ownedDescriptor) {
    writable = true;
    install(ownedDescriptor);
  }

  /** Installs a descriptor with one user. Called under the lock of {@link DirDescriptors}. */
  void install(Fd ownedDescriptor) {
    descriptor = ownedDescriptor;
    recentlyUsed = true;
    users = 1;
  }

  /**
   * Closes the descriptor unless someone uses it. Called under the lock of {@link DirDescriptors}.
   */
  boolean closeIfUnused() {
    if (!USERS.compareAndSet(this, 0, CLOSED)) {
      return false;
    }
    closeDescriptor();
    return true;
  }

  /** Closes the descriptor of a root or of a kept object. */
  void closeKept() {
    users = CLOSED;
    closeDescriptor();
  }

  private void closeDescriptor() {
    Fd last = descriptor;
    descriptor = null;
    writable = false; // the next descriptor is another one
    if (last != null) {
      last.close();
    }
  }

  /** Whether this was forgotten: it has neither a name nor a descriptor. */
  boolean isForgotten() {
    return users == CLOSED && place == null;
  }

  boolean hasDescriptor() {
    return users != CLOSED;
  }

  @Override
  public String toString() {
    Place at = place;
    return at == null ? "layer " + layer.index() : at.directory() + "/" + at.name();
  }
}
