package plyfs.layer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Stat;

/**
 * The owner, mode and type that programs see: the value {@code uid:gid:mode[:type]} of an {@link
 * OverrideAttribute}. Ids are decimal, the mode is octal, the type is one of {@code file}, {@code
 * dir}, {@code symlink}, {@code pipe}, {@code socket}, {@code block-MAJOR-MINOR}, {@code
 * char-MAJOR-MINOR}. Older programs omit the type, print ids as signed numbers, and add the bits of
 * the object's own type to the mode; these bits are ignored.
 *
 * @param mode permission bits
 * @param type {@code S_IF*}, or 0 if the value has no type
 * @implNote containers/storage, pkg/idtools/idtools.go, FormatContainersOverrideXattrDevice and
 *     parseOverrideXattr; containers/fuse-overlayfs, main.c, write_permission_xattr, and utils.c,
 *     override_mode
 */
record OverriddenStat(int uid, int gid, int mode, int type, int major, int minor) {
  private static final int PERMISSIONS = 07777;
  private static final Pattern FORM =
      Pattern.compile(
          "(-?[0-9]{1,10}):(-?[0-9]{1,10}):([0-7]{1,7})"
              + "(?::(file|dir|symlink|pipe|socket|(?:block|char)-([0-9]{1,4})-([0-9]{1,7})))?");

  /** The current values of an object. */
  static OverriddenStat of(Stat stat) {
    return new OverriddenStat(
        stat.uid(),
        stat.gid(),
        stat.mode() & PERMISSIONS,
        stat.type(),
        stat.rdevMajor(),
        stat.rdevMinor());
  }

  /**
   * Parses a value.
   *
   * @throws ErrnoException EINVAL if it is malformed
   */
  static OverriddenStat parse(byte[] value) throws ErrnoException {
    Matcher parts = FORM.matcher(new String(value, US_ASCII));
    if (!parts.matches()) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return new OverriddenStat(
        id(parts.group(1)),
        id(parts.group(2)),
        Integer.parseInt(parts.group(3), 8) & PERMISSIONS,
        typeOf(parts.group(4)),
        number(parts.group(5)),
        number(parts.group(6)));
  }

  private static int id(String text) throws ErrnoException {
    long id = Long.parseLong(text);
    if (id < Integer.MIN_VALUE || id > 0xffffffffL) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return (int) id;
  }

  private static int number(String text) {
    return text == null ? 0 : Integer.parseInt(text);
  }

  private static int typeOf(String text) {
    return switch (text == null ? "" : text) {
      case "" -> 0;
      case "file" -> Linux.S_IFREG;
      case "dir" -> Linux.S_IFDIR;
      case "symlink" -> Linux.S_IFLNK;
      case "pipe" -> Linux.S_IFIFO;
      case "socket" -> Linux.S_IFSOCK;
      default -> text.startsWith("block") ? Linux.S_IFBLK : Linux.S_IFCHR;
    };
  }

  /** Encodes the value. */
  byte[] encode() {
    String known =
        String.format(
            Locale.ROOT,
            "%s:%s:%04o:%s",
            Integer.toUnsignedString(uid),
            Integer.toUnsignedString(gid),
            mode,
            typeName());
    return known.getBytes(US_ASCII);
  }

  private String typeName() {
    return switch (type) {
      case Linux.S_IFDIR -> "dir";
      case Linux.S_IFLNK -> "symlink";
      case Linux.S_IFIFO -> "pipe";
      case Linux.S_IFSOCK -> "socket";
      case Linux.S_IFBLK -> "block-" + major + "-" + minor;
      case Linux.S_IFCHR -> "char-" + major + "-" + minor;
      default -> "file";
    };
  }

  /**
   * Replaces owner, mode and type in the attributes of an object.
   *
   * @throws ErrnoException EINVAL if the object cannot represent this type: only an empty regular
   *     file represents a device, FIFO or socket
   */
  void show(Stat stat) throws ErrnoException {
    int shown = type == 0 ? stat.type() : type;
    if (shown != stat.type()) {
      if (!stat.isRegular() || shown == Linux.S_IFDIR || shown == Linux.S_IFLNK) {
        throw ErrnoException.of(Errno.EINVAL);
      }
      stat.setDevice(major, minor);
    }
    stat.setOwner(uid, gid);
    stat.setMode(shown | mode);
  }

  /**
   * The value after a change of the owner, which clears setuid and setgid except on directories.
   *
   * @param newUid or -1
   * @param newGid or -1
   * @implNote Linux fs/open.c, chown_common; fs/attr.c, setattr_should_drop_sgid
   */
  OverriddenStat withOwner(int newUid, int newGid) {
    int left = mode;
    if (type != Linux.S_IFDIR) {
      left &= (left & Linux.S_IXGRP) != 0 ? ~(Linux.S_ISUID | Linux.S_ISGID) : ~Linux.S_ISUID;
    }
    return new OverriddenStat(
        newUid == -1 ? uid : newUid, newGid == -1 ? gid : newGid, left, type, major, minor);
  }

  /** The value after a change of the mode. */
  OverriddenStat withMode(int newMode) {
    return new OverriddenStat(uid, gid, newMode & PERMISSIONS, type, major, minor);
  }

  /** The value with another type and, for a device, its number. */
  OverriddenStat withType(int newType, int newMajor, int newMinor) {
    return new OverriddenStat(uid, gid, mode, newType, newMajor, newMinor);
  }
}
