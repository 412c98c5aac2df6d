package plyfs.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The share of the processors that other programs use.
 *
 * @implNote proc(5), the first line of /proc/stat: ticks in user, nice, system, idle, iowait, irq,
 *     softirq, steal, of all processors together
 */
final class BusyProcessors {
  /** Above this share the times of a run vary too much. */
  static final double WORTH_A_WARNING = 0.1;

  private static final long LOOK_MILLISECONDS = 500;
  private static final int IDLE = 4;
  private static final int IOWAIT = 5;
  private static final int LAST = 8;

  private BusyProcessors() {}

  /** A warning if the machine is busy while this program waits; null if it is not. */
  static @Nullable String warning() throws IOException {
    String before = firstLine();
    try {
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
    return warning(before, firstLine());
  }

  private static String firstLine() throws IOException {
    return Files.readString(Path.of("/proc/stat")).lines().findFirst().orElse("");
  }

  /** As the other, for two readings of the line. */
  static @Nullable String warning(String before, String after) {
    double share = share(before, after);
    return share < WORTH_A_WARNING
        ? null
        : String.format(
            Locale.ROOT,
            "other programs use %.0f %% of the processors, so the times will vary: wait"
                + " until the machine is idle",
            share * 100);
  }

  private static double share(String before, String after) {
    String[] old = before.trim().split(" +", -1);
    String[] now = after.trim().split(" +", -1);
    long all = 0;
    long idle = 0;
    for (int i = 1; i <= LAST && i < Math.min(old.length, now.length); i++) {
      long ticks = Long.parseLong(now[i]) - Long.parseLong(old[i]);
      all += ticks;
      idle += i == IDLE || i == IOWAIT ? ticks : 0;
    }
    return all <= 0 ? 0 : (all - idle) / (double) all;
  }
}
