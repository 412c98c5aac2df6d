package plyfs.bench;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import plyfs.bench.CaseResult.CaseKey;

/**
 * A complete run, as stored in JSON.
 *
 * @param format {@link #FORMAT}: since 2 with warnings, and the engine {@code volume} under that
 *     name
 * @param command the arguments after {@code plyfs}
 * @param date when it began, ISO 8601
 * @param sizes bytes, ascending
 * @param depths ascending
 * @param patterns words
 * @param patternSize size at which patterns are compared, bytes
 * @param warmUps changes that a daemon made before a warm sample
 * @param leftOut requested items that are not available, with the reason
 * @param warnings reasons to doubt the figures
 * @param interrupted whether the run ended early
 */
public record BenchRun(
    int format,
    String command,
    String date,
    Machine machine,
    List<EngineInfo> engines,
    List<TestedFileSystem.Description> places,
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
   * The description of an engine.
   *
   * @param name as in the argument
   */
  record EngineInfo(String name, String description, String promise) {}

  /** Whether a field is missing that each file of this format contains. */
  boolean isIncomplete() {
    return Stream.of(command, machine, engines, places, warnings, leftOut, cases)
        .anyMatch(Objects::isNull);
  }

  /** The command without the output files, which do not affect the results. */
  String measured() {
    return command.replaceAll(" --(json|csv|html)[= ]('[^']*'|[^ ]*)", "");
  }

  /** Cases by their keys. */
  Map<CaseKey, CaseResult> byKey() {
    Map<CaseKey, CaseResult> all = new HashMap<>();
    cases.forEach(each -> all.put(each.key(), each));
    return all;
  }
}
