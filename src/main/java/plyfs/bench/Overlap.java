package plyfs.bench;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plyfs.bench.CaseResult.CaseKey;

/**
 * Cases in which the interquartile ranges of an engine and of kernel overlayfs overlap, so that the
 * samples do not show which is faster.
 */
final class Overlap {
  /** Marks such a ratio. */
  static final String MARK = "~";

  private Overlap() {}

  static boolean of(Statistics one, Statistics other) {
    return one.quartile1() <= other.quartile3() && other.quartile1() <= one.quartile3();
  }

  /** The ratio of the medians, with {@link #MARK} if the quartiles overlap. */
  static String ratio(Statistics one, Statistics base) {
    return AxisText.ratio(one.median() / base.median()) + (of(one, base) ? MARK : "");
  }

  /** A warning if many cases of Plyfs and the kernel overlap; null otherwise. */
  static @Nullable String warning(List<CaseResult> results) {
    Map<CaseKey, CaseResult> byKey = new HashMap<>();
    results.forEach(each -> byKey.put(each.key(), each));
    int compared = 0;
    int overlapping = 0;
    for (CaseResult each : results) {
      CaseResult kernel = byKey.get(each.keyWith(KernelEngine.NAME));
      if (!each.engine().equals(PlyfsEngine.NAME)
          || kernel == null
          || !kernel.isMeasured()
          || !each.isMeasured()) {
        continue;
      }
      for (ReportTime time : ReportTime.values()) {
        compared++;
        overlapping += of(time.of(each), time.of(kernel)) ? 1 : 0;
      }
    }
    return overlapping * 4 < compared || overlapping == 0
        ? null
        : "in %d of %d times the quartiles of plyfs and kernel overlap (marked %s), so it is undecided"
                .formatted(overlapping, compared, MARK)
            + " which is faster: use more --rounds on an idle machine";
  }
}
