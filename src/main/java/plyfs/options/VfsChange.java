package plyfs.options;

import plyfs.sys.Linux;

/**
 * The change that an option of mount(8) makes to the flags of mount(2). The option has no value.
 *
 * @param clears {@code MS_*} to clear
 * @param sets {@code MS_*} to set
 */
public record VfsChange(long clears, long sets) implements ValueForm<VfsChange> {
  /** The three modes of access times. */
  private static final long ATIME = Linux.MS_NOATIME | Linux.MS_RELATIME | Linux.MS_STRICTATIME;

  static VfsChange set(long flags) {
    return new VfsChange(0, flags);
  }

  static VfsChange clear(long flags) {
    return new VfsChange(flags, 0);
  }

  /** Selects one of the three modes of access times. */
  static VfsChange accessTimes(long way) {
    return new VfsChange(ATIME, way);
  }

  /** Applies this change to the flags. */
  public long applyTo(long flags) {
    return flags & ~clears | sets;
  }

  @Override
  public boolean fits(GivenOption option) {
    return option.value() == null;
  }

  @Override
  public VfsChange parse(GivenOption option) {
    return this;
  }

  @Override
  public String syntax() {
    return "";
  }

  @Override
  public String[] examples() {
    return new String[] {""};
  }
}
