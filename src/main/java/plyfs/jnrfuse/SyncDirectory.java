package plyfs.jnrfuse;

import jnr.ffi.Pointer;
import jnr.ffi.annotations.Delegate;

/** {@code fsyncdir} as libfuse calls it: jnr-fuse omits the second argument. */
public interface SyncDirectory {
  /** Returns 0, or a negated error number. */
  @Delegate
  int call(Pointer path, int dataOnly, Pointer open);
}
