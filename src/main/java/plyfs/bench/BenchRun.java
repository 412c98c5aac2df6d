package plyfs.bench;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import plyfs.bench.CaseResult.CaseKey;

/**
 * A whole run, as it is kept in JSON.
 *
 * @param format 1
 * @param command the words that the person gave, after {@code plyfs}
 * @param date when it began, ISO 8601
 * @param sizes bytes, ascending
 * @param depths ascending
 * @param patterns words
 * @param patternSize bytes at which patterns are compared
 * @param warmUps changes that a daemon made before a warm sample
 * @param leftOut what was asked for and is not here, with the reason
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
    boolean interrupted,
    List<CaseResult> cases) {
  static final int FORMAT = 1;

  /**
   * What is told of an engine.
   *
   * @param name as it was given
   */
  record EngineInfo(String name, String description, String promise) {}

  /** Cases by what makes them. */
  Map<CaseKey, CaseResult> byKey() {
    Map<CaseKey, CaseResult> all = new HashMap<>();
    cases.forEach(each -> all.put(each.key(), each));
    return all;
  }
}
