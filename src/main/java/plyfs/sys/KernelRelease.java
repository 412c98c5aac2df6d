package plyfs.sys;

/**
 * The release of the running kernel, for system calls that do not report whether they are
 * supported.
 */
final class KernelRelease {
  private KernelRelease() {}

  /** Whether the kernel is this release or a later one. */
  static boolean isAtLeast(int major, int minor) {
    return isAtLeast(System.getProperty("os.version", ""), major, minor);
  }

  /** As {@link #isAtLeast(int, int)}, of a release such as {@code 6.18.3-1-amd64}. */
  static boolean isAtLeast(String release, int major, int minor) {
    int dot = release.indexOf('.');
    if (dot < 0) {
      return false;
    }
    int theirMajor = leadingNumber(release);
    int theirMinor = leadingNumber(release.substring(dot + 1));
    return theirMajor > major || theirMajor == major && theirMinor >= minor;
  }

  /** The number at the beginning of the text; -1 if there is none. */
  private static int leadingNumber(String text) {
    int end = 0;
    while (end < text.length() && Character.isDigit(text.charAt(end))) {
      end++;
    }
    return end == 0 || end > 6 ? -1 : Integer.parseInt(text.substring(0, end));
  }
}
