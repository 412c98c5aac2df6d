package plyfs.union.api;

import plyfs.sys.Fd;

/** Somebody who reads and writes files of layers himself while they are lent to him. */
public interface FileLending {
  /**
   * Lends a file.
   *
   * @return an id, at least 1; 0 if he does not take this one
   */
  int lend(Fd file);

  /** Ends a loan. */
  void end(int id);
}
