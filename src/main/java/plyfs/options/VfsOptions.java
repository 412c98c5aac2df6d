package plyfs.options;

import com.google.common.collect.ImmutableList;
import plyfs.sys.Linux;

/**
 * What mount(2) is told.
 *
 * @param flags {@code MS_*}
 * @param labels {@code context=...} and its like, handed on unchanged
 * @param source shown in the mount table
 * @param subtype the type in the mount table is {@code fuse.} and this
 * @param allowOther whether others than the mounting user may use the mount
 * @param byFusermount whether fusermount3 mounts, because this user may not
 * @param propagation {@code MS_*}, for one call of mount(2) each once the mount is there
 * @param autoUnmount whether a mount whose daemon has died is taken away
 */
public record VfsOptions(
    long flags,
    ImmutableList<byte[]> labels,
    byte[] source,
    byte[] subtype,
    boolean allowOther,
    boolean byFusermount,
    ImmutableList<Long> propagation,
    boolean autoUnmount) {
  /** Whether the mount was asked to be read-only. */
  public boolean isReadOnly() {
    return (flags & Linux.MS_RDONLY) != 0;
  }

  /** Whether the mount was asked to leave access times as they are. */
  boolean isNoatime() {
    return (flags & Linux.MS_NOATIME) != 0;
  }

  /** These options with another source. */
  VfsOptions withSource(byte[] newSource) {
    return new VfsOptions(
        flags, labels, newSource, subtype, allowOther, byFusermount, propagation, autoUnmount);
  }
}
