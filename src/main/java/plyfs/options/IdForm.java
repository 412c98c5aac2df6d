package plyfs.options;

import plyfs.union.api.IdRange;

/** A user or group id. */
final class IdForm implements ValueForm<Long> {
  private static final int DIGITS = 10;

  @Override
  public Long parse(GivenOption option) throws MountOptionException {
    return id(option, option.text());
  }

  /** Reads an id in the value of an option. */
  static long id(GivenOption option, String text) throws MountOptionException {
    if (!text.isEmpty() && text.length() <= DIGITS && GivenOption.isDigits(text)) {
      long number = Long.parseLong(text);
      if (number <= IdRange.MOST) {
        return number;
      }
    }
    throw new MountOptionException(
        "option '" + option + "': an id must be a number from 0 to " + IdRange.MOST);
  }

  @Override
  public String syntax() {
    return "=ID";
  }

  @Override
  public String[] examples() {
    return new String[] {"=0", "=1000"};
  }
}
