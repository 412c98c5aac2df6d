package plyfs.union.node;

/**
 * Device and inode number of an object on its own file system.
 *
 * @implNote the two methods are written out because those of a record are put together at run time,
 *     which takes the first caller tens of milliseconds
 */
public record FileKey(long dev, long ino) {
  @Override
  public boolean equals(Object other) {
    return other instanceof FileKey that && dev == that.dev && ino == that.ino;
  }

  @Override
  public int hashCode() {
    return 31 * Long.hashCode(dev) + Long.hashCode(ino);
  }
}
