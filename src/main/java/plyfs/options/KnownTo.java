package plyfs.options;

/** The other union file systems that have an option with the same meaning. */
public enum KnownTo {
  PLYFS(false, false),
  KERNEL(true, false),
  FUSE_OVERLAYFS(false, true),
  BOTH(true, true);

  private final boolean kernel;
  private final boolean fuseOverlayfs;

  KnownTo(boolean kernel, boolean fuseOverlayfs) {
    this.kernel = kernel;
    this.fuseOverlayfs = fuseOverlayfs;
  }

  /** Whether the kernel's overlayfs has it. */
  public boolean kernel() {
    return kernel;
  }

  /** Whether fuse-overlayfs has it. */
  public boolean fuseOverlayfs() {
    return fuseOverlayfs;
  }
}
