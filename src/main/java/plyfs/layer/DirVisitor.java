package plyfs.layer;

import plyfs.sys.ErrnoException;

/**
 * Receives the entries of one directory of one layer. It must not list another directory meanwhile.
 */
@FunctionalInterface
public interface DirVisitor {
  /**
   * One entry.
   *
   * @param name a new array, without a final NUL
   * @param type {@code DT_*}; DT_UNKNOWN only if the object cannot be read
   * @param ino inode number on the layer's own file system
   */
  void entry(byte[] name, int type, long ino) throws ErrnoException;
}
