package plyfs.options;

/** How a mount was called. It decides about unknown words and about some defaults. */
public enum CallForm {
  /** {@code plyfs mount}: a word that is not known is an error. */
  PLYFS,
  /** mount(8) and fstab: as {@link #PLYFS}, but what a known word cannot do here stops no mount. */
  MOUNT_HELPER,
  /**
   * {@code plyfs -o OPTIONS MOUNTPOINT}, or under the name fuse-overlayfs: an unknown word is
   * passed over, and by default nothing is written that fuse-overlayfs cannot read.
   */
  FUSE_OVERLAYFS;

  /** Whether a word without effect is worth a line in the log only. */
  boolean passesOver() {
    return this != PLYFS;
  }
}
