package plyfs.daemon;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/**
 * Options that change nothing by definition, options that are known and cannot be had, and checks
 * of values.
 */
final class OtherWords {
  private OtherWords() {}

  /**
   * Words that are meant for mount(8) and fstab, and flags of the kernel that ask FUSE for nothing:
   * mandatory locks, change counters, silence.
   *
   * @implNote util-linux, libmount/src/optmap.c
   */
  static boolean isForMountProgram(MountOption option) {
    return switch (option.key()) {
      case "defaults", "auto", "noauto", "users", "nousers", "nouser" -> option.value() == null;
      case "owner", "noowner", "group", "nogroup", "nofail", "_netdev" -> option.value() == null;
      case "mand", "nomand", "iversion", "noiversion", "silent", "loud" -> option.value() == null;
      case "user", "comment" -> true; // mount(8) adds the name: user=NAME
      case "helper", "uhelper" -> option.value() != null;
      default -> option.key().startsWith("x-") || option.key().startsWith("X-");
    };
  }

  /** Words that tune libfuse, which is not used here. */
  static boolean isLibfuseTuning(MountOption option) {
    return switch (option.key()) {
      case "default_permissions", "kernel_cache", "auto_cache", "clone_fd" ->
          option.value() == null;
      case "splice_read", "splice_write", "splice_move", "nonempty", "big_writes" ->
          option.value() == null;
      case "max_idle_threads", "max_threads", "max_read" -> option.value() != null;
      default -> false;
    };
  }

  /**
   * Whether a value asks for what cannot be had here and what fuse-overlayfs, too, does without: a
   * word for the kernel's overlayfs.
   */
  static boolean isForKernelOverlay(MountOption option) {
    return switch (option.key()) {
      case "nfs_export", "verity", "uuid" -> true;
      default -> false;
    };
  }

  /** Throws for an option that exists elsewhere or will exist here. */
  static void refuseKnown(MountOption option) throws MountOptionException {
    switch (option.key()) {
      case "plugins", "ino32_t" -> throw notImplemented(option);
      default -> {}
    }
  }

  /**
   * Checks the value of an option of which only some values are there: those that ask for nothing,
   * or for what is done anyway.
   */
  static void requireImplemented(MountOption option) throws MountOptionException {
    switch (option.key()) {
      case "uuid" -> require(option, 3, "off", "null", "auto", "on");
      case "nfs_export" -> require(option, 1, "off", "on");
      case "verity" -> require(option, 1, "off", "on", "require");
      case "fast_ino" -> require(option, 1, "0", "1");
      default -> throw new IllegalArgumentException(option.key());
    }
  }

  /**
   * Checks a value.
   *
   * @param implemented how many of the values, counted from the first, may be used
   */
  private static void require(MountOption option, int implemented, String... values)
      throws MountOptionException {
    if (require(option, values) >= implemented) {
      throw notImplemented(option);
    }
  }

  /** Index of an option's value among those that it may have. */
  static int require(MountOption option, String... values) throws MountOptionException {
    String text = text(option);
    for (int i = 0; i < values.length; i++) {
      if (values[i].equals(text)) {
        return i;
      }
    }
    throw new MountOptionException(
        "option '" + option + "': the value is one of " + String.join(", ", values));
  }

  /** Checks a value that is a number. */
  static int number(MountOption option, int least, int most) throws MountOptionException {
    String text = text(option);
    if (!text.isEmpty() && text.length() <= 9 && isDigits(text)) {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    }
    throw new MountOptionException(
        "option '" + option + "': the value is a number from " + least + " to " + most);
  }

  static void requireNoValue(MountOption option) throws MountOptionException {
    if (option.value() != null) {
      throw new MountOptionException("option '" + option + "': " + option.key() + " has no value");
    }
  }

  /** The value, one character for each byte; empty without one. */
  static String text(MountOption option) {
    byte[] value = option.value();
    return value == null ? "" : new String(value, ISO_8859_1);
  }

  /** Whether a text is made of digits alone; an empty one is. */
  static boolean isDigits(String text) {
    return text.chars().allMatch(digit -> digit >= '0' && digit <= '9');
  }

  static MountOptionException notImplemented(MountOption option) {
    return new MountOptionException("option '" + option + "' is not implemented yet");
  }
}
