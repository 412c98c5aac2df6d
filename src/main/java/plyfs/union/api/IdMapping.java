package plyfs.union.api;

import com.google.common.collect.ImmutableList;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Stat;

/**
 * Which user and group ids the mount shows for those that the layers store, and the other way
 * round. Applied where the engine meets its callers; inside it, and on disk, all ids are stored
 * ones. Ids are unsigned 32-bit numbers in an int.
 *
 * <p>A mapping works both ways. An id without a place in it is shown as {@link #OVERFLOW}, and
 * cannot be stored; as an owner it is stored as {@link #OVERFLOW} where {@code asFuseOverlayfs}
 * says so. Squashing wins over a mapping and works one way: all objects are shown with one owner, a
 * change of owner does nothing, and new objects are stored with the caller's mapped ids.
 *
 * @param users ranges that do not overlap; empty for every user id as it is stored
 * @param groups the same for group ids
 * @param squashedUser the one owner that is shown, or {@link #NOT_SQUASHED}
 * @param squashedGroup the one group that is shown, or {@link #NOT_SQUASHED}
 * @param asFuseOverlayfs whether owners are stored as by fuse-overlayfs: one without a place in the
 *     ranges as {@link #OVERFLOW}, and by a change of owner also where all are shown with one
 */
public record IdMapping(
    ImmutableList<IdRange> users,
    ImmutableList<IdRange> groups,
    long squashedUser,
    long squashedGroup,
    boolean asFuseOverlayfs) {
  /** Shown for an id that has no other: {@code nobody}. */
  public static final int OVERFLOW = 65534;

  /** Says that ids are not squashed. */
  public static final long NOT_SQUASHED = -1;

  /** Every id is shown as it is stored. */
  public static final IdMapping IDENTITY =
      new IdMapping(ImmutableList.of(), ImmutableList.of(), NOT_SQUASHED, NOT_SQUASHED);

  /** A mapping that stores no owner without a place in the ranges. */
  public IdMapping(
      ImmutableList<IdRange> users,
      ImmutableList<IdRange> groups,
      long squashedUser,
      long squashedGroup) {
    this(users, groups, squashedUser, squashedGroup, false);
  }

  /** This mapping, with owners stored as fuse-overlayfs stores them. */
  public IdMapping asByFuseOverlayfs() {
    return new IdMapping(users, groups, squashedUser, squashedGroup, true);
  }

  /** Whether there are ranges, so that ids inside attribute values are translated too. */
  public boolean hasRanges() {
    return !users.isEmpty() || !groups.isEmpty();
  }

  /** Makes attributes say the owner that is shown. */
  public void show(Stat stat) {
    if (hasRanges() || squashedUser != NOT_SQUASHED || squashedGroup != NOT_SQUASHED) {
      stat.setOwner(
          squashedUser != NOT_SQUASHED ? (int) squashedUser : shownUser(stat.uid()),
          shownOwningGroup(stat.gid()));
    }
  }

  /** The group that an object with this stored group is shown with. */
  public int shownOwningGroup(int stored) {
    return squashedGroup != NOT_SQUASHED ? (int) squashedGroup : shownGroup(stored);
  }

  /** The user id that is shown for a stored one; {@link #OVERFLOW} if none is. */
  public int shownUser(int stored) {
    return shown(users, stored);
  }

  /** The group id that is shown for a stored one; {@link #OVERFLOW} if none is. */
  public int shownGroup(int stored) {
    return shown(groups, stored);
  }

  /** Whether a stored user id has one to be shown. */
  public boolean hasShownUser(int stored) {
    return users.isEmpty() || find(users, stored) != null;
  }

  /**
   * The user id to be stored for one that a caller gave.
   *
   * @throws ErrnoException EOVERFLOW if it has no place in the mapping
   */
  public int storedUser(int asked) throws ErrnoException {
    return stored(users, asked);
  }

  /**
   * The group id to be stored for one that a caller gave.
   *
   * @throws ErrnoException EOVERFLOW if it has no place in the mapping
   */
  public int storedGroup(int asked) throws ErrnoException {
    return stored(groups, asked);
  }

  /**
   * The owner to be stored by a change.
   *
   * @param asked the owner that a caller asks for, or -1
   * @return -1 if the owner stays
   * @throws ErrnoException EOVERFLOW if it has no place in the mapping and needs one
   */
  public int newOwner(int asked) throws ErrnoException {
    return asked == -1 || isKept(squashedUser) ? -1 : owner(users, asked);
  }

  /** As {@link #newOwner}, for the group. */
  public int newGroup(int asked) throws ErrnoException {
    return asked == -1 || isKept(squashedGroup) ? -1 : owner(groups, asked);
  }

  private boolean isKept(long squashed) {
    return squashed != NOT_SQUASHED && !asFuseOverlayfs;
  }

  /**
   * The caller with the ids that an object created by it is stored with.
   *
   * @throws ErrnoException EOVERFLOW if one of them has no place in the mapping and needs one
   */
  public Caller creator(Caller caller) throws ErrnoException {
    return hasRanges()
        ? new Caller(
            owner(users, caller.uid()),
            owner(groups, caller.gid()),
            caller.umask(),
            caller.abandoned())
        : caller;
  }

  private static int shown(ImmutableList<IdRange> ranges, int stored) {
    if (ranges.isEmpty()) {
      return stored;
    }
    IdRange range = find(ranges, stored);
    return range == null ? OVERFLOW : (int) (range.shown() + unsigned(stored) - range.stored());
  }

  private static @Nullable IdRange find(ImmutableList<IdRange> ranges, int stored) {
    long id = unsigned(stored);
    for (int i = 0; i < ranges.size(); i++) {
      IdRange range = ranges.get(i);
      if (id >= range.stored() && id - range.stored() < range.count()) {
        return range;
      }
    }
    return null;
  }

  /** As {@link #stored}, for who owns an object, and not for who gets rights to it. */
  private int owner(ImmutableList<IdRange> ranges, int asked) throws ErrnoException {
    boolean isPlaced = ranges.isEmpty() || findShown(ranges, asked) != null;
    return asFuseOverlayfs && !isPlaced ? OVERFLOW : stored(ranges, asked);
  }

  private static int stored(ImmutableList<IdRange> ranges, int asked) throws ErrnoException {
    if (ranges.isEmpty()) {
      return asked;
    }
    IdRange range = findShown(ranges, asked);
    if (range == null) {
      throw ErrnoException.of(Errno.EOVERFLOW);
    }
    return (int) (range.stored() + unsigned(asked) - range.shown());
  }

  private static @Nullable IdRange findShown(ImmutableList<IdRange> ranges, int asked) {
    long id = unsigned(asked);
    for (int i = 0; i < ranges.size(); i++) {
      IdRange range = ranges.get(i);
      if (id >= range.shown() && id - range.shown() < range.count()) {
        return range;
      }
    }
    return null;
  }

  private static long unsigned(int id) {
    return Integer.toUnsignedLong(id);
  }
}
