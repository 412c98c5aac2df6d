package plyfs.image.registry;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** How often one thing is tried, and how long to wait in between. */
final class Attempts {
  /** Longer than this no person waits for one answer. */
  static final Duration LONGEST_WAIT = Duration.ofMinutes(2);

  private static final int MOST = 5;
  private static final long FIRST_MILLIS = 500;
  private static final long LONGEST_MILLIS = 20_000;

  private final RegistryAccess.Pause pause;
  private int failed;

  Attempts(RegistryAccess.Pause pause) {
    this.pause = pause;
  }

  /** Something came: what follows is tried as often again. */
  void progressed() {
    failed = 0;
  }

  /** Waits for the next attempt after a failure, or throws it if there were enough. */
  void afterFailure(IOException failure) throws IOException {
    boolean isFinal =
        failure instanceof InterruptedIOException
            || failure instanceof Transport.ConnectionException e && e.isOfCertificate();
    if (isFinal || ++failed >= MOST) {
      throw failure;
    }
    rest(backoff());
  }

  /**
   * Waits for the next attempt after an answer that says "not now".
   *
   * @return false if there were enough
   * @throws RegistryException if the server wants to be left alone for too long
   */
  boolean afterRefusal(HttpResponse<?> answer) throws IOException {
    if (++failed >= MOST) {
      return false;
    }
    Duration asked = retryAfter(answer);
    if (asked != null && asked.compareTo(LONGEST_WAIT) > 0) {
      throw new RegistryException(
          answer.statusCode(),
          answer.uri().getRawAuthority()
              + " asks to try again in "
              + asked.toSeconds()
              + " s (status "
              + answer.statusCode()
              + "): try it later");
    }
    rest(asked == null ? backoff() : asked);
    return true;
  }

  /** Whether a status says that the same request may succeed later. */
  static boolean isTransient(int status) {
    return status == 408
        || status == 429
        || status == 500
        || status == 502
        || status == 503
        || status == 504;
  }

  /** Seconds or a date; null where it is neither. */
  private static @Nullable Duration retryAfter(HttpResponse<?> answer) {
    String text = answer.headers().firstValue("Retry-After").orElse("").strip();
    if (text.matches("[0-9]{1,9}")) {
      return Duration.ofSeconds(Long.parseLong(text));
    }
    try {
      Instant at = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration wait = Duration.between(Instant.now(), at);
      return wait.isNegative() ? Duration.ZERO : wait;
    } catch (DateTimeException e) {
      return null;
    }
  }

  /** Twice as long each time, and not the same for all clients of a server that was down. */
  private Duration backoff() {
    long most = Math.min(LONGEST_MILLIS, FIRST_MILLIS << failed);
    return Duration.ofMillis(most / 2 + ThreadLocalRandom.current().nextLong(most / 2));
  }

  private void rest(Duration time) throws InterruptedIOException {
    try {
      pause.take(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }
}
