package plyfs.options;

import java.util.List;
import plyfs.sys.Linux;
import plyfs.sys.Name;

/** The options that fusermount3 grants to users who may not call mount(2). */
final class UserMounts {
  /**
   * Without these flags a user could create layers with setuid programs of other users, and with
   * devices.
   */
  static final long DEFAULT_FLAGS = Linux.MS_NOSUID | Linux.MS_NODEV;

  private UserMounts() {}

  /**
   * Refuses options that fusermount3 would ignore or not know.
   *
   * @param flags {@code MS_*}, the result of the options
   * @param labels {@code context=...} and similar options
   */
  static void check(long flags, List<byte[]> labels) throws MountOptionException {
    require((flags & Linux.MS_NOSUID) != 0, "suid");
    require((flags & Linux.MS_NODEV) != 0, "dev");
    require((flags & Linux.MS_RELATIME) == 0, "relatime");
    require((flags & Linux.MS_STRICTATIME) == 0, "strictatime");
    require((flags & Linux.MS_LAZYTIME) == 0, "lazytime");
    require((flags & Linux.MS_NOSYMFOLLOW) == 0, "nosymfollow");
    for (byte[] label : labels) {
      String text = Name.printable(label);
      require(false, text.substring(0, text.indexOf('=') + 1));
    }
  }

  private static void require(boolean isGranted, String option) throws MountOptionException {
    if (!isGranted) {
      throw needsRoot(option);
    }
  }

  static MountOptionException needsRoot(String option) {
    return new MountOptionException(
        "option '" + option + "' needs root: fusermount3 does not grant it to users (EPERM)");
  }
}
