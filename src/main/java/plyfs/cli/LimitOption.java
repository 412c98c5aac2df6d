package plyfs.cli;

import plyfs.image.model.LoadLimits;
import plyfs.sys.ByteCount;

/** Reads {@code --limit NAME=VALUE}. */
final class LimitOption {
  private LimitOption() {}

  /** The limits with one more. */
  static LoadLimits add(LoadLimits limits, String text) throws CommandFailure {
    int equals = text.indexOf('=');
    String name = equals < 0 ? text : text.substring(0, equals);
    if (equals < 0 || !LoadLimits.NAMES.contains(name)) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "limit '"
              + text
              + "' is not known: use NAME=VALUE with one of "
              + String.join(", ", LoadLimits.NAMES));
    }
    String value = text.substring(equals + 1);
    long number = number(name, value);
    if (number <= 0) {
      throw new CommandFailure(
          CommandFailure.USAGE, "limit '" + text + "' needs a number of 1 or more");
    }
    return limits.with(name, number);
  }

  private static long number(String name, String value) throws CommandFailure {
    try {
      return name.equals("bytes") ? ByteCount.parse(value) : Long.parseLong(value);
    } catch (NumberFormatException e) {
      return 0;
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(CommandFailure.USAGE, "option '--limit': " + FailureText.of(e));
    }
  }
}
