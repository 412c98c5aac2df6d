package plyfs.layer;

import plyfs.sys.ErrnoException;

/** Takes the entries of one directory of one layer. Must not list another one meanwhile. */
@FunctionalInterface
public interface DirVisitor {
  /**
   * One entry.
   *
   * @param name fresh bytes, without a final NUL
   * @param type {@code DT_*}; DT_UNKNOWN only of an object that cannot be looked at
   * @param ino inode number on the layer's own file system
   */
  void entry(byte[] name, int type, long ino) throws ErrnoException;
}
