package plyfs.bench;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Runs that were never measured, for tests of what is made of them. */
final class Runs {
  private Runs() {}

  /** A case on ext4 with the pattern first-byte, at depth 1, warm. */
  static CaseResult result(String engine, long size, List<Long> nanos) {
    return result(engine, "first-byte", size, 1, "warm", nanos, null);
  }

  static CaseResult result(
      String engine,
      String pattern,
      long size,
      int depth,
      String temperature,
      List<Long> nanos,
      @Nullable String failure) {
    SortedMap<String, Integer> calls = new TreeMap<>();
    calls.put("copy_file_range", 2);
    calls.put("fsync", 1);
    return new CaseResult(
        "ext4",
        pattern,
        size,
        depth,
        1,
        temperature,
        engine,
        nanos,
        nanos.stream().map(n -> n + 1_000_000).toList(),
        new IoCount(1, 2, 3, 4),
        engine.equals("kernel") ? null : calls,
        "copy_file_range",
        failure);
  }

  /** Samples around a value, none like another. */
  static List<Long> around(long nanos, int count) {
    return LongStream.range(0, count).mapToObj(i -> nanos + i * (nanos / 100)).toList();
  }

  static BenchRun of(CaseResult... cases) {
    return new BenchRun(
        BenchRun.FORMAT,
        "bench copy-up --pattern 'a<b&c\"'",
        "2026-01-02T03:04:05Z",
        new Machine("some <CPU> & more", 2, 1L << 33, "6.18", "Java 17", "Plyfs 1"),
        List.of(
            new BenchRun.EngineInfo("plyfs", "Plyfs 1", "durable: yes"),
            new BenchRun.EngineInfo("kernel", "overlayfs", "durable: yes"),
            new BenchRun.EngineInfo("volume", "no union", "fsync is kept")),
        List.of(new TestedFileSystem.Description("ext4", "directory")),
        List.of(4096L, 65536L),
        List.of(1, 8),
        List.of("first-byte", "chmod"),
        65536,
        200,
        List.of("engine <x> is left out: & why"),
        List.of("other programs take 40 % of the processors"),
        true,
        List.of(cases));
  }

  /** One with everything in it that a report shows. */
  static BenchRun full() {
    return of(
        result("plyfs", 4096, around(2_000_000, 5)),
        result("kernel", 4096, around(1_000_000, 5)),
        result("volume", 4096, around(20_000, 5)),
        result("plyfs", 65536, around(4_000_000, 5)),
        result("kernel", 65536, around(2_000_000, 5)),
        result("plyfs", "first-byte", 4096, 8, "warm", around(9_000_000, 5), null),
        result("plyfs", "first-byte", 65536, 1, "cold", around(50_000_000, 1), null),
        result("plyfs", "chmod", 65536, 1, "warm", around(3_000_000, 5), null),
        result("kernel", "chmod", 65536, 1, "warm", List.of(), "EIO <input/output error>"));
  }
}
