package plyfs.options;

import com.google.common.collect.ImmutableList;
import plyfs.sys.Linux;

/**
 * The options for mount(2).
 *
 * @param flags {@code MS_*}
 * @param labels {@code context=...} and similar options, passed on unchanged
 * @param source shown in the mount table
 * @param subtype the type in the mount table is {@code fuse.} followed by this
 * @param allowOther whether users other than the mounting user can use the mount
 * @param byFusermount whether fusermount3 mounts, because this user must not call mount(2)
 * @param propagation {@code MS_*}, one call of mount(2) for each after the mount exists
 * @param autoUnmount whether to unmount when the daemon has died
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
  /** Whether the mount is read-only. */
  public boolean isReadOnly() {
    return (flags & Linux.MS_RDONLY) != 0;
  }

  /** Whether the mount leaves access times unchanged. */
  boolean isNoatime() {
    return (flags & Linux.MS_NOATIME) != 0;
  }

  /** These options with another source. */
  VfsOptions withSource(byte[] newSource) {
    return new VfsOptions(
        flags, labels, newSource, subtype, allowOther, byFusermount, propagation, autoUnmount);
  }
}
