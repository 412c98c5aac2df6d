package plyfs.explore;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import plyfs.union.api.Forecast;

/**
 * Estimates how long a copy-up takes until it is on disk, from a result of {@code plyfs bench
 * copy-up --json}, for each measured type of file system. Between two sizes the estimate is
 * interpolated; above the largest size it uses the rate of that size.
 *
 * <p>The file must contain an array {@code cases} or {@code results} of objects with {@code
 * engine}, {@code fs}, {@code pattern}, {@code size} in bytes, and {@code durableNanos}, the
 * samples or their median. Only objects of engine {@code plyfs} and pattern {@code first-byte} are
 * used.
 */
public final class CopyUpCost {
  private static final String ENGINE = "plyfs";
  private static final String PATTERN = "first-byte";

  /** For each file system: nanoseconds by bytes. */
  private final SortedMap<String, NavigableMap<Long, Long>> points = new TreeMap<>();

  private CopyUpCost() {}

  /**
   * Parses a result.
   *
   * @throws IOException it is not a result, or contains no usable sample; the message says so
   */
  public static CopyUpCost parse(String json) throws IOException {
    CopyUpCost cost = new CopyUpCost();
    try {
      JsonObject top = JsonParser.parseString(json).getAsJsonObject();
      JsonElement cases = top.has("cases") ? top.get("cases") : top.get("results");
      if (cases == null) {
        throw new IOException("it is not a result of 'plyfs bench copy-up --json'");
      }
      for (JsonElement each : cases.getAsJsonArray()) {
        cost.add(each.getAsJsonObject());
      }
    } catch (JsonParseException
        | IllegalStateException
        | UnsupportedOperationException
        | NumberFormatException e) {
      throw new IOException("it is not a result of 'plyfs bench copy-up --json'", e);
    }
    if (cost.points.isEmpty()) {
      throw new IOException("it has no samples of engine 'plyfs' and pattern 'first-byte'");
    }
    return cost;
  }

  private void add(JsonObject one) {
    boolean counts =
        one.has("engine")
            && one.get("engine").getAsString().equals(ENGINE)
            && one.has("pattern")
            && one.get("pattern").getAsString().equals(PATTERN)
            && one.has("size")
            && one.has("fs");
    Long nanos = counts && one.has("durableNanos") ? median(one.get("durableNanos")) : null;
    if (nanos != null) {
      // Use the fastest of all depths and temperatures: the copies of the directories above the
      // file are counted separately.
      points
          .computeIfAbsent(one.get("fs").getAsString(), fs -> new TreeMap<>())
          .merge(one.get("size").getAsLong(), nanos, Math::min);
    }
  }

  private static @Nullable Long median(JsonElement durable) {
    if (!durable.isJsonArray()) {
      return durable.getAsLong();
    }
    JsonArray samples = durable.getAsJsonArray();
    List<Long> sorted = new ArrayList<>();
    samples.forEach(sample -> sorted.add(sample.getAsLong()));
    Collections.sort(sorted);
    return sorted.isEmpty() ? null : sorted.get(sorted.size() / 2);
  }

  /** Nanoseconds, by file system, for the data that a change copies; empty if it copies no data. */
  SortedMap<String, Long> of(Forecast forecast) {
    long bytes = 0;
    for (Forecast.Step step : forecast.steps()) {
      Forecast.Copy copy = step.copy();
      bytes += copy == null ? 0 : copy.dataBytes();
    }
    SortedMap<String, Long> nanos = new TreeMap<>();
    if (bytes > 0) {
      for (Map.Entry<String, NavigableMap<Long, Long>> fs : points.entrySet()) {
        nanos.put(fs.getKey(), at(fs.getValue(), bytes));
      }
    }
    return nanos;
  }

  private static long at(NavigableMap<Long, Long> measured, long bytes) {
    Map.Entry<Long, Long> below = measured.floorEntry(bytes);
    Map.Entry<Long, Long> above = measured.ceilingEntry(bytes);
    if (below == null) {
      return measured.firstEntry().getValue();
    }
    if (above == null) {
      return (long) ((double) below.getValue() / Math.max(1, below.getKey()) * bytes);
    }
    long span = above.getKey() - below.getKey();
    double part = span == 0 ? 0 : (double) (bytes - below.getKey()) / span;
    return below.getValue() + (long) (part * (above.getValue() - below.getValue()));
  }
}
