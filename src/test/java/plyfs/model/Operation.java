package plyfs.model;

import java.util.Random;
import plyfs.sys.Linux;

/**
 * One operation with all its arguments, so that a sequence can be run again with some left out.
 *
 * @param path first path, or the directory of a file without a name
 * @param other second path, text or name of an attribute
 * @param number flags, mode, size, offset or time
 * @param slot which of the files that are kept open
 */
record Operation(Kind kind, String path, String other, int number, int slot) {
  /** What is done. */
  enum Kind {
    CREATE,
    WRITE,
    TRUNCATE,
    MKDIR,
    RMDIR,
    UNLINK,
    RENAME,
    LINK,
    SYMLINK,
    MKFIFO,
    CHMOD,
    CHOWN,
    SET_TIMES,
    SET_XATTR,
    REMOVE_XATTR,
    OPEN,
    OPEN_NAMELESS,
    WRITE_OPEN,
    READ_OPEN,
    CHMOD_OPEN,
    LINK_OPEN,
    CLOSE,
    CHECK,
    REMOUNT
  }

  static final int SLOTS = 4;
  private static final String[] NAMES = {"a", "b", "c", "d", "e\377"};
  private static final String[] XATTRS = {
    "user.one", "user.two", "trusted.t", "trusted.overlay.opaque", "trusted.overlay.redirect"
  };
  private static final int[] FLAGS = {0, 0, 0, Linux.RENAME_NOREPLACE, Linux.RENAME_EXCHANGE};
  private static final int[] MODES = {0644, 0600, 0755, 06755, 02644, 01777, 0};
  private static final Kind[] KINDS = Kind.values();

  /** Common operations more often than those that are dear. */
  private static Kind kind(Random random) {
    int choice = random.nextInt(100);
    if (choice < 22) {
      return Kind.RENAME;
    }
    if (choice < 30) {
      return Kind.UNLINK;
    }
    if (choice < 38) {
      return Kind.RMDIR;
    }
    return KINDS[random.nextInt(KINDS.length - 2)]; // the last two have their own times
  }

  private static String path(Random random) {
    StringBuilder path = new StringBuilder(NAMES[random.nextInt(NAMES.length)]);
    while (random.nextInt(5) < 2) {
      path.append('/').append(NAMES[random.nextInt(NAMES.length)]);
    }
    return path.toString();
  }

  static Operation random(Random random) {
    Kind kind = kind(random);
    String other =
        switch (kind) {
          case RENAME, LINK -> path(random);
          case SET_XATTR, REMOVE_XATTR -> XATTRS[random.nextInt(XATTRS.length)];
          default -> "text" + random.nextInt(1000);
        };
    int number =
        switch (kind) {
          case RENAME -> FLAGS[random.nextInt(FLAGS.length)];
          case CREATE, MKDIR, MKFIFO, CHMOD, CHMOD_OPEN, OPEN_NAMELESS ->
              MODES[random.nextInt(MODES.length)];
          case WRITE, TRUNCATE, WRITE_OPEN ->
              random.nextInt(4) == 0 ? random.nextInt(40_000) : random.nextInt(20);
          default -> random.nextInt(3);
        };
    return new Operation(kind, path(random), other, number, random.nextInt(SLOTS));
  }

  static Operation of(Kind kind) {
    return new Operation(kind, "", "", 0, 0);
  }
}
