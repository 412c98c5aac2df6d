package plyfs.union;

import plyfs.sys.ErrnoException;

/** One step of a change, which may fail. */
@FunctionalInterface
interface Step {
  void run() throws ErrnoException;
}
