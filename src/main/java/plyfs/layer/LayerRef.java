package plyfs.layer;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Name;

/**
 * Refers to one object of one layer: by a name in the directory of another reference, or, for a
 * root and for an object that is kept without a name, by an open descriptor.
 *
 * <p>A reference always means the same object; the place of the object changes when the object or a
 * directory above it moves. A reference needs no descriptor: {@link DirDescriptors} opens and
 * caches the descriptor of a directory on demand.
 */
public final class LayerRef {
  /** No descriptor is open. */
  static final int CLOSED = -1;

  private static final AtomicIntegerFieldUpdater<LayerRef> USERS =
      AtomicIntegerFieldUpdater.newUpdater(LayerRef.class, "users");

  private final Layer layer;
  private volatile @Nullable Place place;

  /** Number of users of {@link #descriptor}, or {@link #CLOSED}. */
  private volatile int users = CLOSED;

  private @Nullable Fd descriptor;

  /** Whether {@link #descriptor} is that of a regular file, open for reading and writing. */
  private boolean writable;

  /** Set at each use; cleared by the clock of {@link DirDescriptors}. */
  boolean recentlyUsed;

  /**
   * Position in the table of {@link DirDescriptors}, guarded by its lock; -1 if it is not in the
   * table.
   */
  int slot = -1;

  /** See {@link #maySayXattrWhiteouts}. */
  private boolean lacksXattrWhiteouts;

  /**
   * The place of an object. Compared by identity: an object that moves away and back has a new
   * place.
   */
  public static final class Place {
    private final LayerRef directory;
    private final Name name;

    /** A name in a directory. */
    public Place(LayerRef directory, Name name) {
      this.directory = directory;
      this.name = name;
    }

    /** The directory of the name. */
    public LayerRef directory() {
      return directory;
    }

    /** The name. */
    public Name name() {
      return name;
    }
  }

  /** An object by its name; it may not exist. */
  public LayerRef(LayerRef directory, Name name) {
    this.layer = directory.layer;
    this.place = new Place(directory, name);
  }

  /** The root of a layer, or an object without a name. */
  LayerRef(Layer layer, @Nullable Fd ownedDescriptor) {
    this.layer = layer;
    this.descriptor = ownedDescriptor;
    this.users = ownedDescriptor == null ? CLOSED : 1;
  }

  /** The root of a layer that does not use descriptors. */
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
   * Whether the directory may announce whiteouts in the form of attributes; false only if its marks
   * were read and do not announce them.
   */
  public boolean maySayXattrWhiteouts() {
    return !lacksXattrWhiteouts;
  }

  /**
   * Records that the marks of a directory of a lower layer were read and announce no whiteouts in
   * the form of attributes. Lower layers do not change, so this stays true.
   */
  public void saysNoXattrWhiteouts() {
    lacksXattrWhiteouts = true;
  }

  /** The layer of the object. */
  public Layer layer() {
    return layer;
  }

  /** The current place of the object; null for a root and for an object without a name. */
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
   * Sets the new place of the object; null if it has lost its name and is kept. Only its layer may
   * call this.
   */
  public void relocate(@Nullable Place newPlace) {
    place = newPlace;
  }

  /** Makes this refer to an object that is kept open. */
  void keep(Fd ownedDescriptor) {
    descriptor = ownedDescriptor;
    users = 1;
    place = null;
  }

  /**
   * As {@link #tryAcquire}, but only the descriptor of a regular file that is open for reading and
   * writing; null for any other object.
   */
  @Nullable Fd tryAcquireWritable() {
    Fd own = tryAcquire();
    if (own != null && !writable) {
      release();
      return null;
    }
    return own;
  }

  /** The descriptor if one is open, counted as used until {@link #release}; else null. */
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
   * Sets the descriptor of a file that is open for reading and writing, with one user. Called under
   * the lock of {@link DirDescriptors}.
   */
  void installWritable(Fd ownedDescriptor) {
    writable = true;
    install(ownedDescriptor);
  }

  /** Sets a descriptor with one user. Called under the lock of {@link DirDescriptors}. */
  void install(Fd ownedDescriptor) {
    descriptor = ownedDescriptor;
    recentlyUsed = true;
    users = 1;
  }

  /** Closes the descriptor if it has no user. Called under the lock of {@link DirDescriptors}. */
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

  /** Whether the reference was forgotten: it has neither a name nor a descriptor. */
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
