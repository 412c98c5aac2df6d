package plyfs.differential;

/**
 * One operation with all that decides what it does, so that a sequence can be run again.
 *
 * @param path relative to the mount
 * @param other a second path, where there is one
 * @param number 0 or more: sizes, offsets, modes and flags are made of it
 * @param user 0, 1 or 2: on whose behalf
 */
record Op(Kind kind, String path, String other, int number, int user) {
  /** Who does it. */
  enum Part {
    FILES,
    NAMES,
    XATTRS,
    HELD,
    SHELL,
    /** Of both sides at once. */
    PAIR
  }

  /** What is done. */
  enum Kind {
    CREATE(Part.FILES, 5),
    OPEN_OR_CREATE(Part.FILES, 2),
    WRITE(Part.FILES, 4),
    APPEND(Part.FILES, 3),
    TRUNCATE(Part.FILES, 2),
    OPEN_TRUNCATED(Part.FILES, 2),
    WRITE_MAPPED(Part.FILES, 2),
    ALLOCATE(Part.FILES, 3),
    COPY_RANGE(Part.FILES, 3),
    SEEK(Part.FILES, 2),
    READ(Part.FILES, 2),
    LINK_NAMELESS(Part.FILES, 3),
    RENAME_FILE(Part.NAMES, 7),
    RENAME_DIRECTORY(Part.NAMES, 7),
    EXCHANGE(Part.NAMES, 4),
    LINK(Part.NAMES, 4),
    UNLINK(Part.NAMES, 4),
    RMDIR(Part.NAMES, 3),
    MKDIR(Part.NAMES, 6),
    SYMLINK(Part.NAMES, 2),
    MKNOD(Part.NAMES, 3),
    CHMOD(Part.NAMES, 4),
    CHOWN(Part.NAMES, 3),
    SET_TIMES(Part.NAMES, 3),
    STAT(Part.NAMES, 2),
    LIST(Part.NAMES, 3),
    READ_LINK(Part.NAMES, 1),
    REMOVE_ALL(Part.NAMES, 1),
    SET_XATTR(Part.XATTRS, 4),
    REMOVE_XATTR(Part.XATTRS, 3),
    GET_XATTR(Part.XATTRS, 2),
    SET_ACL(Part.XATTRS, 4),
    REMOVE_ACL(Part.XATTRS, 3),
    SHELL_APPEND(Part.SHELL, 2),
    SHELL_COMMAND(Part.SHELL, 2),
    HOLD(Part.HELD, 5),
    HOLD_DIRECTORY(Part.HELD, 2),
    HELD_READ(Part.HELD, 2),
    HELD_WRITE(Part.HELD, 4),
    HELD_WRITE_MAPPED(Part.HELD, 1),
    HELD_STAT(Part.HELD, 1),
    HELD_TRUNCATE(Part.HELD, 1),
    HELD_ALLOCATE(Part.HELD, 1),
    HELD_COPY_RANGE(Part.HELD, 1),
    HELD_CHMOD(Part.HELD, 1),
    HELD_CHOWN(Part.HELD, 1),
    HELD_SET_TIMES(Part.HELD, 1),
    HELD_XATTR(Part.HELD, 1),
    HELD_LINK(Part.HELD, 1),
    HELD_SYNC(Part.HELD, 1),
    HELD_LIST(Part.HELD, 1),
    HELD_MAKE_IN(Part.HELD, 1),
    HELD_CLOSE(Part.HELD, 1),
    /** A file with two names, of which the mount has seen none, is open when one of them goes. */
    HELD_LOSES_NAME(Part.HELD, 1),
    /** Compares the trees. */
    COMPARE(Part.PAIR, 0),
    /** Closes all files, mounts again, compares. */
    REMOUNT(Part.PAIR, 0),
    /** As REMOUNT, and each engine gets the upper directory of the other one. */
    SWAP(Part.PAIR, 0),
    /** As REMOUNT, with the upper directory of one engine as topmost lower layer of both. */
    STACK(Part.PAIR, 0);

    final Part part;
    final int weight;

    Kind(Part part, int weight) {
      this.part = part;
      this.weight = weight;
    }
  }

  static Op of(Kind kind) {
    return new Op(kind, "", "", 0, 0);
  }

  /** A number below {@code bound}, another one for each {@code salt}. */
  int pick(int salt, int bound) {
    int mixed = (number + 1) * 0x9e3779b1 + salt * 0x85ebca6b;
    mixed ^= mixed >>> 15;
    mixed *= 0x2c1b3c6d;
    mixed ^= mixed >>> 13;
    return Math.floorMod(mixed, bound);
  }

  int oneOf(int salt, int... choices) {
    return choices[pick(salt, choices.length)];
  }

  @Override
  public String toString() {
    return kind
        + (path.isEmpty() ? "" : " " + path)
        + (other.isEmpty() ? "" : " " + other)
        + (number == 0 ? "" : " #" + number)
        + (user == 0 ? "" : " as user " + user)
        + (kind == Kind.SHELL_COMMAND ? ": " + Shells.command(this) : "");
  }
}
