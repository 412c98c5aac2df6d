package plyfs.layer;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.StatFs;
import plyfs.sys.XattrSyscalls;

/**
 * One directory tree that takes part in a union, for reading. It has no method that changes
 * anything, so the type system guarantees that a lower layer is never written (law L1).
 *
 * <p>A {@link LayerRef} identifies an object. A missing object is reported by a result (false or
 * null); every other failure is an exception.
 */
public interface Layer extends AutoCloseable {
  /** The root directory of the layer. */
  LayerRef root();

  /**
   * Index of the layer in its union: 0 for the upper layer, 1 for the topmost lower layer, and so
   * on downwards.
   */
  int index();

  /** Device number of the layer's file system, as {@link Stat#dev}. */
  long device();

  /**
   * Attributes of the object itself; symbolic links are not followed.
   *
   * @return false if there is no such object
   * @throws ErrnoException EIO, EACCES, ENAMETOOLONG
   */
  boolean stat(LayerRef object, Stat out) throws ErrnoException;

  /**
   * Whether the flags i and a in a {@link #stat} may be those of the whole file system, as with
   * EROFS, and forbid nothing. Then only {@link LayerFile#flags} reports the flags of chattr(1).
   */
  default boolean overstatesFlags() {
    return false;
  }

  /**
   * Whether a directory of a lower layer, which was found just now, has an entry. Like a {@link
   * #stat} of the entry, but without opening the directory.
   *
   * @param probe overwritten
   */
  default boolean holds(LayerRef directory, Name entry, Stat probe) throws ErrnoException {
    return stat(new LayerRef(directory, entry), probe);
  }

  /** Target of a symbolic link. */
  byte[] readLink(LayerRef link) throws ErrnoException;

  /**
   * Opens a regular file for reading, or a directory to access its flags.
   *
   * @throws ErrnoException ENOENT, EMFILE, EIO
   */
  LayerFile open(LayerRef file) throws ErrnoException;

  /**
   * Calls the visitor for each entry of a directory except {@code .} and {@code ..}, in the order
   * of the file system.
   */
  void list(LayerRef directory, DirVisitor visitor) throws ErrnoException;

  /**
   * Value of an extended attribute; null if the object does not have it or cannot have attributes.
   */
  byte @Nullable [] xattr(LayerRef object, byte[] name) throws ErrnoException;

  /** Names of all extended attributes, each with a final NUL, as from listxattr(2). */
  byte[] xattrNames(LayerRef object) throws ErrnoException;

  /**
   * Which of some extended attributes an object may have: bit i is clear if it certainly does not
   * have {@code names[i]}. One system call for any number of names.
   */
  default int xattrsAmong(LayerRef object, byte[][] names) throws ErrnoException {
    byte[] all = xattrNames(object);
    return XattrSyscalls.among(ByteBuffer.wrap(all), all.length, names);
  }

  /**
   * File handle of an object: {@code [u32 length][s32 type][bytes]}, in the CPU's byte order; null
   * if the file system has no handles.
   */
  byte @Nullable [] handle(LayerRef object) throws ErrnoException;

  /**
   * UUID of the layer's file system, 16 bytes; empty if it has none, null if unknown.
   *
   * @throws ErrnoException EIO, ENOMEM: it could not be read
   */
  byte @Nullable [] fileSystemUuid() throws ErrnoException;

  /**
   * Attributes of the object of a file handle.
   *
   * @param handle a result of {@link #handle}
   * @return false if this file system has no such object, or the process may not open handles
   * @throws ErrnoException EIO, EMFILE, ENFILE, ENOMEM: it is unknown whether the object exists
   */
  boolean statByHandle(byte[] handle, Stat out) throws ErrnoException;

  /** Sizes of the layer's file system. */
  void statFs(StatFs out) throws ErrnoException;

  /**
   * Keeps an object reachable through {@code object} after its name is removed. Has no effect if it
   * is already kept.
   *
   * @throws ErrnoException ENOENT, EMFILE
   */
  void keep(LayerRef object) throws ErrnoException;

  /**
   * Releases everything that {@link #keep} and caches hold for a reference that is no longer used.
   */
  void forget(LayerRef object);

  /** Closes all descriptors. */
  @Override
  void close();
}
