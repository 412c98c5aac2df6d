package plyfs.options;

import java.time.Duration;

/** Seconds with up to nine decimals. */
final class SecondsForm implements ValueForm<Duration> {
  private static final int DECIMALS = 9;

  @Override
  public Duration parse(GivenOption option) throws MountOptionException {
    String text = option.text();
    int point = text.indexOf('.');
    String whole = point < 0 ? text : text.substring(0, point);
    String part = point < 0 ? "" : text.substring(point + 1);
    if (whole.isEmpty()
        || !GivenOption.isDigits(whole)
        || !GivenOption.isDigits(part)
        || part.length() > DECIMALS) {
      throw new MountOptionException(
          "option '" + option + "': the value must be a number of seconds, such as 1 or 0.5");
    }
    if (whole.length() > DECIMALS) {
      return EngineOptions.UNLIMITED;
    }
    String nanos = (part + "000000000").substring(0, DECIMALS);
    return Duration.ofSeconds(Long.parseLong(whole), Long.parseLong(nanos));
  }

  @Override
  public String syntax() {
    return "=SECONDS";
  }

  @Override
  public String[] examples() {
    return new String[] {"=1", "=0.5"};
  }
}
