package plyfs.layer;

import org.jspecify.annotations.Nullable;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;

/**
 * The layer that receives all changes, with its workdir on the same mount.
 *
 * <p>New objects are <em>prepared</em> in the workdir, where no program sees them, with their final
 * owner, mode, attributes and times. One system call then gives them their name in the upper tree:
 * {@link #publish}, {@link #publishOver} or {@link #publishExchanged}. The next mount removes what
 * a crash left in the workdir.
 */
public interface UpperLayer extends Layer {
  /**
   * The directory {@code index} of the workdir. It contains a further hard link of each object that
   * was copied up from a lower file with several names; null in a mount without an index.
   */
  @Nullable LayerRef indexDirectory();

  /**
   * Prepares an empty regular file, without a name if the file system supports that.
   *
   * @param mode permission bits; read and write for the owner are added
   */
  LayerRef prepareFile(int mode) throws ErrnoException;

  /** As {@link #prepareFile(int)}, mode 0600. */
  default LayerRef prepareFile() throws ErrnoException {
    return prepareFile(0600);
  }

  /**
   * Whether, as far as is known, prepared objects belong to this owner and group and have the mode
   * with which they are created.
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
   * Whether objects of {@link #makeInPlace} get this owner, and this group or that of a setgid
   * directory.
   */
  boolean makesAs(int uid, int gid);

  /**
   * Creates an object under a free name by one system call, with its final owner and mode. The file
   * system applies what the object inherits from its directory: the group, setgid, a default ACL.
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

  /** Removes a prepared object that will not be published. */
  void discard(LayerRef prepared);

  /**
   * Gives a prepared object its name. Afterwards {@code prepared} refers to it under this name.
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
   * Exchanges a prepared object with the object that has the name, and removes the latter. This is
   * the only way to replace a whiteout by a directory, or a directory by a whiteout. The removed
   * directory may contain only whiteouts.
   */
  void publishExchanged(LayerRef prepared, LayerRef directory, Name name) throws ErrnoException;

  /**
   * Creates another hard link of an existing object, whose names must not change meanwhile. The
   * reference keeps the old name.
   */
  void link(LayerRef object, LayerRef directory, Name name) throws ErrnoException;

  /** As {@link #link}, replacing the whiteout of the name. */
  void linkOver(LayerRef object, LayerRef directory, Name name) throws ErrnoException;

  /**
   * Creates a whiteout at a free name. A whiteout of the form {@link WhiteoutForm#FILE} is beside
   * the name. The two methods that replace an object, and a move that leaves a whiteout, create it
   * first: a crash in between leaves the object as it was.
   *
   * @throws ErrnoException EEXIST if the name is taken; ENAMETOOLONG where the name of a file would
   *     exceed 255 bytes
   */
  void whiteout(LayerRef directory, Name name) throws ErrnoException;

  /** Replaces a non-directory by a whiteout; atomically if the whiteout is a device. */
  void replaceByWhiteout(LayerRef directory, Name name) throws ErrnoException;

  /**
   * Replaces a directory that shows no entries, not even of lower layers, by a whiteout; atomically
   * if the whiteout is a device.
   */
  void replaceDirectoryByWhiteout(LayerRef directory, Name name) throws ErrnoException;

  /** unlink(2). */
  void unlink(LayerRef directory, Name name) throws ErrnoException;

  /** rmdir(2); false if the directory contains anything, such as a whiteout (ENOTEMPTY). */
  boolean removeBareDirectory(LayerRef directory, Name name) throws ErrnoException;

  /** Removes a directory that contains only whiteouts, so that no program sees it without them. */
  void removeDirectory(LayerRef directory, Name name) throws ErrnoException;

  /**
   * Renames an object atomically. Afterwards {@code object} refers to it under the new name.
   *
   * @param flags {@link plyfs.sys.Linux#RENAME_NOREPLACE} or {@link
   *     plyfs.sys.Linux#RENAME_WHITEOUT}, or 0
   */
  void move(LayerRef object, LayerRef directory, Name name, int flags) throws ErrnoException;

  /** Exchanges two objects atomically. Afterwards each reference has the place of the other. */
  void exchange(LayerRef one, LayerRef other) throws ErrnoException;

  /**
   * Makes a reference use another name of its object: another hard link, or the name that it had
   * before {@link #keep}.
   */
  void rename(LayerRef object, LayerRef directory, Name name);

  /**
   * Opens a regular file for reading and writing, never with O_APPEND: the caller gives every
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

  /** Syncs an object of any type to disk: data and metadata of a file, entries of a directory. */
  void sync(LayerRef object) throws ErrnoException;
}
