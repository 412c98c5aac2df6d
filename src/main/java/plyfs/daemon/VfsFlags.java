package plyfs.daemon;

import plyfs.sys.Linux;

/**
 * The words of the VFS, which mount(2) takes as bits; of two that contradict, the last one wins.
 */
final class VfsFlags {
  /** The three ways to keep access times. */
  private static final long ATIME = Linux.MS_NOATIME | Linux.MS_RELATIME | Linux.MS_STRICTATIME;

  private long flags;

  /**
   * Flags to begin with.
   *
   * @param flags {@code MS_*}
   */
  VfsFlags(long flags) {
    this.flags = flags;
  }

  /** Takes an option if it is one of these words. */
  boolean take(MountOption option) {
    if (option.value() != null) {
      return false;
    }
    switch (option.key()) {
      case "ro" -> set(Linux.MS_RDONLY);
      case "rw" -> clear(Linux.MS_RDONLY);
      case "nosuid" -> set(Linux.MS_NOSUID);
      case "suid" -> clear(Linux.MS_NOSUID);
      case "nodev" -> set(Linux.MS_NODEV);
      case "dev" -> clear(Linux.MS_NODEV);
      case "noexec" -> set(Linux.MS_NOEXEC);
      case "exec" -> clear(Linux.MS_NOEXEC);
      case "noatime" -> accessTimes(Linux.MS_NOATIME);
      case "atime" -> clear(Linux.MS_NOATIME);
      case "relatime" -> accessTimes(Linux.MS_RELATIME);
      case "norelatime" -> clear(Linux.MS_RELATIME);
      case "strictatime" -> accessTimes(Linux.MS_STRICTATIME);
      case "nostrictatime" -> clear(Linux.MS_STRICTATIME);
      case "nodiratime" -> set(Linux.MS_NODIRATIME);
      case "diratime" -> clear(Linux.MS_NODIRATIME);
      case "lazytime" -> set(Linux.MS_LAZYTIME);
      case "nolazytime" -> clear(Linux.MS_LAZYTIME);
      case "sync" -> set(Linux.MS_SYNCHRONOUS);
      case "async" -> clear(Linux.MS_SYNCHRONOUS);
      case "dirsync" -> set(Linux.MS_DIRSYNC);
      case "nosymfollow" -> set(Linux.MS_NOSYMFOLLOW);
      case "symfollow" -> clear(Linux.MS_NOSYMFOLLOW);
      default -> {
        return false;
      }
    }
    return true;
  }

  private void set(long flag) {
    flags |= flag;
  }

  private void clear(long flag) {
    flags &= ~flag;
  }

  private void accessTimes(long way) {
    flags = flags & ~ATIME | way;
  }

  /** {@code MS_*}. */
  long bits() {
    return flags;
  }
}
