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
  /** What is done. */
  enum Kind {
    CREATE(5),
    OPEN_OR_CREATE(2),
    WRITE(4),
    APPEND(3),
    TRUNCATE(2),
    OPEN_TRUNCATED(2),
    WRITE_MAPPED(2),
    ALLOCATE(3),
    COPY_RANGE(3),
    SEEK(2),
    READ(2),
    RENAME(12),
    LINK(4),
    UNLINK(5),
    RMDIR(3),
    MKDIR(6),
    SYMLINK(2),
    MKNOD(2),
    CHMOD(4),
    CHOWN(3),
    SET_TIMES(3),
    STAT(2),
    LIST(3),
    REMOVE_ALL(1),
    SET_XATTR(4),
    REMOVE_XATTR(2),
    GET_XATTR(2),
    SET_ACL(3),
    LINK_NAMELESS(2),
    SHELL_APPEND(2),
    HOLD(5),
    HOLD_DIRECTORY(2),
    HELD_READ(2),
    HELD_WRITE(4),
    HELD_STAT(1),
    HELD_TRUNCATE(1),
    HELD_CHMOD(1),
    HELD_CHOWN(1),
    HELD_XATTR(1),
    HELD_LINK(1),
    HELD_SYNC(1),
    HELD_LIST(1),
    HELD_MAKE_IN(1),
    HELD_CLOSE(1),
    /** Compares the trees. */
    COMPARE(0),
    /** Closes all files, mounts again, compares. */
    REMOUNT(0),
    /** As REMOUNT, and each engine gets the upper directory of the other one. */
    SWAP(0);

    final int weight;

    Kind(int weight) {
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
        + (user == 0 ? "" : " as user " + user);
  }
}
