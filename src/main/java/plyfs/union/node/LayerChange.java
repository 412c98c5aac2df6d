package plyfs.union.node;

import plyfs.sys.ErrnoException;

/** One step of a change, which may fail. */
@FunctionalInterface
public interface LayerChange {
  void run() throws ErrnoException;
}
