package plyfs.options;

/** Kinds of mount options, in the order in which a person reads of them. */
public enum OptionGroup {
  LAYERS("Layers"),
  UNION("Union"),
  OWNERS("Owners"),
  REQUESTS("Requests"),
  MOUNT_TABLE("Mount table"),
  /** Flags of mount(2): their order counts. */
  VFS("Flags, as of mount(8); of two that contradict the last one holds"),
  /** A call of mount(2) each, once the mount is there: their order counts, too. */
  PROPAGATION("Propagation of mounts below"),
  /** The kernel's overlayfs can do what fuse-overlayfs and Plyfs cannot. */
  KERNEL_ONLY("Of the kernel's overlayfs; only values that ask for nothing are taken"),
  /** For mount(8) and fstab, or flags that ask FUSE for nothing. */
  PASSED_OVER("For mount(8) and fstab; they ask for nothing here"),
  /** Tunes libfuse, which is not used. */
  LIBFUSE("Without effect: they tune libfuse"),
  /** Known, and refused. */
  NOT_THERE("Not implemented, and refused");

  private final String title;

  OptionGroup(String title) {
    this.title = title;
  }

  /** For people. */
  public String title() {
    return title;
  }

  /** Whether each option is worth a sentence; else a list of them says enough. */
  public boolean isExplained() {
    return compareTo(MOUNT_TABLE) <= 0;
  }

  /** Whether an option of this group changes something. */
  public boolean hasEffect() {
    return compareTo(PROPAGATION) <= 0;
  }
}
