package plyfs.options;

import plyfs.sys.Linux;

/**
 * What a word of mount(8) does to the flags of mount(2). The word is its own value.
 *
 * @param clears {@code MS_*} that go
 * @param sets {@code MS_*} that come
 */
public record VfsChange(long clears, long sets) implements ValueForm<VfsChange> {
  /** The three ways to keep access times. */
  private static final long ATIME = Linux.MS_NOATIME | Linux.MS_RELATIME | Linux.MS_STRICTATIME;

  static VfsChange set(long flags) {
    return new VfsChange(0, flags);
  }

  static VfsChange clear(long flags) {
    return new VfsChange(flags, 0);
  }

  /** One of the three ways to keep access times, in place of another. */
  static VfsChange accessTimes(long way) {
    return new VfsChange(ATIME, way);
  }

  /** The flags after this word. */
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
