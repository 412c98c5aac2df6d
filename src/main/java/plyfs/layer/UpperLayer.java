package plyfs.layer;

import org.jspecify.annotations.Nullable;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;

/**
 * The layer that takes all changes, with its workdir on the same mount.
 *
 * <p>New objects are <em>prepared</em> in the workdir, where nobody sees them, with their final
 * owner, mode, attributes and times, and get their name in the upper tree by one system call:
 * {@link #publish}, {@link #publishOver} or {@link #publishExchanged}. What is left in the workdir
 * by a crash is removed at the next mount.
 */
public interface UpperLayer extends Layer {
  /**
   * The directory {@code index} of the workdir, which holds a further name of each object that was
   * copied up from a lower one with several names; null in a mount without an index.
   */
  @Nullable LayerRef indexDirectory();

  /**
   * Prepares an empty regular file, without a name where the file system can do that.
   *
   * @param mode permission bits; read and write for the owner are added
   */
  LayerRef prepareFile(int mode) throws ErrnoException;

  /** As {@link #prepareFile(int)}, mode 0600. */
  default LayerRef prepareFile() throws ErrnoException {
    return prepareFile(0600);
  }

  /**
   * Whether prepared objects belong to this owner and group, and have the mode with which they are
   * made, as far as is known.
   */
  boolean preparesAs(int uid, int gid);

  /** Prepares a directory, mode 0700. */
  LayerRef prepareDirectory() throws ErrnoException;

  /** Prepares a symbolic link. */
  LayerRef prepareSymlink(byte[] target) throws ErrnoException;

  /**
   * Prepares a device, FIFO or socket, mode 0600.
   *
   * @param type {@code S_IF*}
   * @param rdev as {@link plyfs.sys.Stat#rdev}; 0 for a FIFO or a socket
   */
  LayerRef prepareNode(int type, int rdev) throws ErrnoException;

  /**
   * Whether {@link #makeInPlace} gives its objects this owner, or the group of a setgid directory.
   */
  boolean makesAs(int uid, int gid);

  /**
   * Makes an object under its free name by one system call, with its final owner and mode; the file
   * system gives it what its directory has it inherit: the group, setgid, a default ACL.
   *
   * @param object the name
   * @param type {@code S_IF*}
   * @param rdev device number of a device
   * @param target of a symbolic link
   * @return a regular file, open for reading and writing; null for anything else
   * @throws ErrnoException EEXIST
   */
  @Nullable LayerFile makeInPlace(
      LayerRef object, int type, int mode, int rdev, byte @Nullable [] target)
      throws ErrnoException;

  /** Throws a prepared object away that will not be published. */
  void discard(LayerRef prepared);

  /**
   * Gives a prepared object its name. Afterwards {@code prepared} refers to it there.
   *
   * @throws ErrnoException EEXIST if the name is taken, also by a whiteout
   */
  void publish(LayerRef prepared, LayerRef directory, Name name) throws ErrnoException;

  /**
   * As {@link #publish}, replacing a whiteout or another non-directory; a directory replaces an
   * empty directory.
   */
  void publishOver(LayerRef prepared, LayerRef directory, Name name) throws ErrnoException;

  /**
   * Exchanges a prepared object with what has the name, and removes the latter: the only way to put
   * a directory where a whiteout is, or a whiteout where a directory is. The directory that is
   * removed may hold whiteouts and nothing else.
   */
  void publishExchanged(LayerRef prepared, LayerRef directory, Name name) throws ErrnoException;

  /**
   * Makes another name for an existing object, none of whose names changes meanwhile. The reference
   * stays with the old name.
   */
  void link(LayerRef object, LayerRef directory, Name name) throws ErrnoException;

  /** As {@link #link}, replacing the whiteout that has the name. */
  void linkOver(LayerRef object, LayerRef directory, Name name) throws ErrnoException;

  /**
   * Puts a whiteout at a free name. Where whiteouts are {@link WhiteoutForm#FILE} it stands beside
   * the name, and the two methods that replace something put it there first: a crash in between
   * leaves what was to be removed, as it was seen before. So does a move that leaves a whiteout.
   *
   * @throws ErrnoException EEXIST if the name is taken; ENAMETOOLONG where the name of a file would
   *     exceed 255 bytes
   */
  void whiteout(LayerRef directory, Name name) throws ErrnoException;

  /** Replaces a non-directory by a whiteout, in one step if that is a device. */
  void replaceByWhiteout(LayerRef directory, Name name) throws ErrnoException;

  /**
   * Replaces a directory that shows nothing, also from below, by a whiteout, in one step if that is
   * a device.
   */
  void replaceDirectoryByWhiteout(LayerRef directory, Name name) throws ErrnoException;

  /** unlink(2). */
  void unlink(LayerRef directory, Name name) throws ErrnoException;

  /** rmdir(2); false if something is in the directory, a whiteout for example (ENOTEMPTY). */
  boolean removeBareDirectory(LayerRef directory, Name name) throws ErrnoException;

  /** Removes a directory that holds nothing but whiteouts: nobody ever sees it without them. */
  void removeDirectory(LayerRef directory, Name name) throws ErrnoException;

  /**
   * Moves an object to another name, in one step. Afterwards {@code object} refers to it there.
   *
   * @param flags {@link plyfs.sys.Linux#RENAME_NOREPLACE} or {@link
   *     plyfs.sys.Linux#RENAME_WHITEOUT}, or 0
   */
  void move(LayerRef object, LayerRef directory, Name name, int flags) throws ErrnoException;

  /** Exchanges two objects, in one step. Afterwards each reference has the other's place. */
  void exchange(LayerRef one, LayerRef other) throws ErrnoException;

  /**
   * Lets a reference stand for another name of its own object: another hard link, or the name that
   * it had before {@link #keep}.
   */
  void rename(LayerRef object, LayerRef directory, Name name);

  /**
   * Opens a regular file for reading and writing. Never with O_APPEND: the caller gives every
   * offset.
   */
  LayerFile openWritable(LayerRef file) throws ErrnoException;

  /**
   * chown(2) of the object itself.
   *
   * @param uid or -1
   * @param gid or -1
   */
  void chown(LayerRef object, int uid, int gid) throws ErrnoException;

  /** chmod(2); not for symbolic links. */
  void chmod(LayerRef object, int mode) throws ErrnoException;

  /**
   * Sets both times, in seconds and nanoseconds; the latter may be {@code UTIME_NOW} or {@code
   * UTIME_OMIT}.
   */
  void setTimes(LayerRef object, long atime, long atimeNanos, long mtime, long mtimeNanos)
      throws ErrnoException;

  /**
   * setxattr(2) of the object itself.
   *
   * @param flags 0, {@link plyfs.sys.Linux#XATTR_CREATE} or {@link plyfs.sys.Linux#XATTR_REPLACE}
   */
  void setXattr(LayerRef object, byte[] name, byte[] value, int flags) throws ErrnoException;

  /**
   * removexattr(2) of the object itself.
   *
   * @throws ErrnoException ENODATA
   */
  void removeXattr(LayerRef object, byte[] name) throws ErrnoException;

  /**
   * Makes an object durable, whatever its type: data and metadata of a file, entries of a
   * directory.
   */
  void sync(LayerRef object) throws ErrnoException;
}
