package plyfs.options;

/** Groups of mount options, in the order of the help text. */
public enum OptionGroup {
  LAYERS("Layers"),
  UNION("Union"),
  OWNERS("Owners"),
  REQUESTS("Requests"),
  MOUNT_TABLE("Mount table"),
  /** Flags of mount(2), applied in their order. */
  VFS("Flags, as in mount(8); the last of two contradicting flags applies"),
  /** One call of mount(2) each after the mount exists, in their order. */
  PROPAGATION("Propagation of mounts below the mount point"),
  /** Options that only the kernel's overlayfs implements. */
  KERNEL_ONLY("Options of the kernel's overlayfs; only values without effect are accepted"),
  /** Options for mount(8) and fstab, and flags without effect on FUSE. */
  PASSED_OVER("For mount(8) and fstab; no effect in Plyfs"),
  /** Options that tune libfuse, which Plyfs does not use. */
  LIBFUSE("For libfuse; no effect in Plyfs"),
  /** Known options that Plyfs refuses. */
  NOT_THERE("Not implemented: Plyfs refuses them");

  private final String title;

  OptionGroup(String title) {
    this.title = title;
  }

  /** The title, for a person. */
  public String title() {
    return title;
  }

  /** Whether the help text explains each option; otherwise it lists them. */
  public boolean isExplained() {
    return compareTo(MOUNT_TABLE) <= 0;
  }

  /** Whether the options of this group have an effect. */
  public boolean hasEffect() {
    return compareTo(PROPAGATION) <= 0;
  }
}
