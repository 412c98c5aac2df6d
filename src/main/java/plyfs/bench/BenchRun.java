package plyfs.bench;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import plyfs.bench.CaseResult.CaseKey;

/**
 * A whole run, as it is kept in JSON.
 *
 * @param format {@link #FORMAT}: since 2 with warnings, and the engine {@code volume} under that
 *     name
 * @param command the words that the person gave, after {@code plyfs}
 * @param date when it began, ISO 8601
 * @param sizes bytes, ascending
 * @param depths ascending
 * @param patterns words
 * @param patternSize bytes at which patterns are compared
 * @param warmUps changes that a daemon made before a warm sample
 * @param leftOut what was asked for and is not here, with the reason
 * @param warnings what makes the figures doubtful
 * @param interrupted whether it was ended before it was done
 */
public record BenchRun(
    int format,
    String command,
    String date,
    Machine machine,
    List<EngineInfo> engines,
    List<Place.PlaceInfo> places,
    List<Long> sizes,
    List<Integer> depths,
    List<String> patterns,
    long patternSize,
    int warmUps,
    List<String> leftOut,
    List<String> warnings,
    boolean interrupted,
    List<CaseResult> cases) {
  static final int FORMAT = 2;

  /**
   * What is told of an engine.
   *
   * @param name as it was given
   */
  record EngineInfo(String name, String description, String promise) {}

  /** Whether something is missing that each file of this format has. */
  boolean isIncomplete() {
    return Stream.of(command, machine, engines, places, warnings, leftOut, cases)
        .anyMatch(Objects::isNull);
  }

  /** The command without the files that results are written to, which change nothing in them. */
  String measured() {
    return command.replaceAll(" --(json|csv|html)[= ]('[^']*'|[^ ]*)", "");
  }

  /** Cases by what makes them. */
  Map<CaseKey, CaseResult> byKey() {
    Map<CaseKey, CaseResult> all = new HashMap<>();
    cases.forEach(each -> all.put(each.key(), each));
    return all;
  }
}
