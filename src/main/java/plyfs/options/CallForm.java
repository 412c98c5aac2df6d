package plyfs.options;

/** How a mount was called. The form decides about unknown options and about some defaults. */
public enum CallForm {
  /** {@code plyfs mount}: an unknown option is an error. */
  PLYFS,
  /**
   * mount(8) and fstab: as {@link #PLYFS}, but a known option that Plyfs does not support does not
   * stop the mount.
   */
  MOUNT_HELPER,
  /**
   * {@code plyfs -o OPTIONS MOUNTPOINT}, or under the name fuse-overlayfs: an unknown option is
   * ignored, and by default Plyfs writes nothing that fuse-overlayfs cannot read.
   */
  FUSE_OVERLAYFS;

  /** Whether an option without effect only gets a line in the log. */
  boolean passesOver() {
    return this != PLYFS;
  }
}
