package plyfs.union.api;

import plyfs.sys.Fd;

/**
 * The borrower of files of layers, which reads and writes them itself: the kernel, with
 * passthrough.
 */
public interface FileLending {
  /**
   * Lends a file.
   *
   * @return an id, at least 1; 0 if the borrower does not accept this file
   */
  int lend(Fd file);

  /** Ends a loan. */
  void end(int id);
}
