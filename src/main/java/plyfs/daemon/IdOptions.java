package plyfs.daemon;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import plyfs.union.IdMapping;
import plyfs.union.IdRange;

/** The options that say which owners are shown. */
final class IdOptions {
  private static final int NUMBERS_OF_RANGE = 3;

  private ImmutableList<IdRange> users = ImmutableList.of();
  private ImmutableList<IdRange> groups = ImmutableList.of();
  private boolean toRoot;
  private long toUser = IdMapping.NOT_SQUASHED;
  private long toGroup = IdMapping.NOT_SQUASHED;

  /** Takes an option if it is one of these. */
  boolean take(MountOption option) throws MountOptionException {
    switch (option.key()) {
      case "uidmapping" -> users = ranges(option);
      case "gidmapping" -> groups = ranges(option);
      case "squash_to_root" -> {
        OtherWords.requireNoValue(option);
        toRoot = true;
      }
      case "squash_to_uid" -> toUser = id(option, OtherWords.text(option));
      case "squash_to_gid" -> toGroup = id(option, OtherWords.text(option));
      default -> {
        return false;
      }
    }
    return true;
  }

  /** What was taken. One user or group wins over root. */
  IdMapping mapping() {
    return new IdMapping(users, groups, squashed(toUser), squashed(toGroup));
  }

  private long squashed(long asked) {
    return asked == IdMapping.NOT_SQUASHED && toRoot ? 0 : asked;
  }

  /**
   * {@code L:S:N[:L:S:N...]}: the layers' ids L to L+N-1 are shown as S to S+N-1. A colon may come
   * before them: containers/storage writes one.
   */
  private static ImmutableList<IdRange> ranges(MountOption option) throws MountOptionException {
    String text = OtherWords.text(option);
    String[] numbers = (text.startsWith(":") ? text.substring(1) : text).split(":", -1);
    if (numbers.length % NUMBERS_OF_RANGE != 0) {
      throw malformed(option, "write three numbers for each range, LAYER_ID:SHOWN_ID:COUNT");
    }
    List<IdRange> ranges = new ArrayList<>();
    for (int i = 0; i < numbers.length; i += NUMBERS_OF_RANGE) {
      IdRange range =
          new IdRange(
              id(option, numbers[i]), id(option, numbers[i + 1]), id(option, numbers[i + 2]));
      if (range.count() == 0
          || Math.max(range.stored(), range.shown()) + range.count() - 1 > IdRange.MOST) {
        throw malformed(option, "a range has one id or more, and none above " + IdRange.MOST);
      }
      if (ranges.stream().anyMatch(range::overlaps)) {
        throw malformed(option, "two ranges have an id in common");
      }
      ranges.add(range);
    }
    return ImmutableList.copyOf(ranges);
  }

  private static long id(MountOption option, String text) throws MountOptionException {
    if (!text.isEmpty() && text.length() <= 10 && OtherWords.isDigits(text)) {
      long number = Long.parseLong(text);
      if (number <= IdRange.MOST) {
        return number;
      }
    }
    throw malformed(option, "an id is a number from 0 to " + IdRange.MOST);
  }

  private static MountOptionException malformed(MountOption option, String why) {
    return new MountOptionException("option '" + option + "': " + why);
  }
}
