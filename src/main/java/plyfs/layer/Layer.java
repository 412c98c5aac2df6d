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
 * anything: that a lower layer is never written (law L1) is a matter of types.
 *
 * <p>Objects are named by a {@link LayerRef}. An object that is not there is a value (false or
 * null); any other failure is thrown.
 */
public interface Layer extends AutoCloseable {
  /** The directory that the layer is. */
  LayerRef root();

  /**
   * Place of the layer in its union: 0 for the upper one, 1 for the topmost lower one, and so on
   * downwards.
   */
  int index();

  /** Device number of the file system that holds the layer, as {@link Stat#dev}. */
  long device();

  /**
   * Attributes of an object itself; links are not followed.
   *
   * @return false if there is no such object
   * @throws ErrnoException EIO, EACCES, ENAMETOOLONG
   */
  boolean stat(LayerRef object, Stat out) throws ErrnoException;

  /**
   * Whether the flags i and a of a {@link #stat} may be those of its whole file system, as EROFS
   * has them, which forbid nothing: then only {@link LayerFile#flags} tells what chattr(1) set.
   */
  default boolean overstatesFlags() {
    return false;
  }

  /**
   * Whether a directory of a lower layer, which was found just now, has an entry. As a {@link
   * #stat} of the entry, but the directory need not be opened for it.
   *
   * @param probe overwritten
   */
  default boolean holds(LayerRef directory, Name entry, Stat probe) throws ErrnoException {
    return stat(new LayerRef(directory, entry), probe);
  }

  /** Target of a symbolic link. */
  byte[] readLink(LayerRef link) throws ErrnoException;

  /**
   * Opens a regular file for reading, or a directory for its flags.
   *
   * @throws ErrnoException ENOENT, EMFILE, EIO
   */
  LayerFile open(LayerRef file) throws ErrnoException;

  /**
   * Calls back for each entry of a directory except {@code .} and {@code ..}, in the order of the
   * file system.
   */
  void list(LayerRef directory, DirVisitor visitor) throws ErrnoException;

  /** Value of an extended attribute; null where the object lacks it or can have none. */
  byte @Nullable [] xattr(LayerRef object, byte[] name) throws ErrnoException;

  /** Names of all extended attributes, each with a final NUL, as listxattr(2) gives them. */
  byte[] xattrNames(LayerRef object) throws ErrnoException;

  /**
   * Which of some extended attributes an object may have: bit i is not set where it certainly lacks
   * {@code names[i]}. One system call, however many they are.
   */
  default int xattrsAmong(LayerRef object, byte[][] names) throws ErrnoException {
    byte[] all = xattrNames(object);
    return XattrSyscalls.among(ByteBuffer.wrap(all), all.length, names);
  }

  /**
   * File handle of an object: {@code [u32 length][s32 type][bytes]}, in the CPU's byte order; null
   * where the file system has none.
   */
  byte @Nullable [] handle(LayerRef object) throws ErrnoException;

  /**
   * UUID of the file system that holds the layer, 16 bytes; empty where it has none, and null where
   * that is not known.
   *
   * @throws ErrnoException EIO, ENOMEM: it could not be asked
   */
  byte @Nullable [] fileSystemUuid() throws ErrnoException;

  /**
   * Attributes of the object that a file handle stands for.
   *
   * @param handle as {@link #handle} gives it
   * @return false if this file system has no such object, or the process may not ask
   * @throws ErrnoException EIO, EMFILE, ENFILE, ENOMEM: whether there is one is not known
   */
  boolean statByHandle(byte[] handle, Stat out) throws ErrnoException;

  /** Sizes of the file system that holds the layer. */
  void statFs(StatFs out) throws ErrnoException;

  /**
   * Keeps an object reachable through {@code object} when its name goes. Does nothing if it is kept
   * already.
   *
   * @throws ErrnoException ENOENT, EMFILE
   */
  void keep(LayerRef object) throws ErrnoException;

  /** Gives up what {@link #keep} and caches hold for a reference that nobody will use again. */
  void forget(LayerRef object);

  /** Closes every descriptor. */
  @Override
  void close();
}
