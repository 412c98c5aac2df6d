package plyfs.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Times as {@code docker image prune --filter until=} takes them: RFC 3339 with or without zone, a
 * date, seconds since 1970, or a duration before now in hours, minutes and seconds.
 */
public final class PastTime {
  private static final Pattern DURATION =
      Pattern.compile("(?=.)(?:(\\d{1,9})h)?(?:(\\d{1,9})m)?(?:(\\d{1,9})s)?");
  private static final Pattern SECONDS = Pattern.compile("\\d{1,12}");
  private static final Pattern DATE = Pattern.compile("\\d{4}-\\d\\d-\\d\\d");
  private static final Pattern LOCAL =
      Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?");

  private PastTime() {}

  /**
   * A time.
   *
   * @param now what a duration is counted back from
   * @throws CommandFailure it is none
   */
  public static Instant parse(String text, Instant now) throws CommandFailure {
    try {
      if (SECONDS.matcher(text).matches()) {
        return Instant.ofEpochSecond(Long.parseLong(text));
      }
      Matcher duration = DURATION.matcher(text);
      if (duration.matches()) {
        return now.minus(
            Duration.ofHours(number(duration.group(1)))
                .plusMinutes(number(duration.group(2)))
                .plusSeconds(number(duration.group(3))));
      }
      if (DATE.matcher(text).matches()) {
        return LocalDate.parse(text).atStartOfDay(ZoneId.systemDefault()).toInstant();
      }
      if (LOCAL.matcher(text).matches()) {
        return LocalDateTime.parse(text).atZone(ZoneId.systemDefault()).toInstant();
      }
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "'" + text + "' is not a time: use 2026-11-30T12:00:00Z, 2026-11-30, or 24h");
    }
  }

  private static long number(@Nullable String digits) {
    return digits == null ? 0 : Long.parseLong(digits);
  }
}
