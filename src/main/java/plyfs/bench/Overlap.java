package plyfs.bench;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plyfs.bench.CaseResult.CaseKey;

/**
 * Cases in which the range between the quartiles of an engine meets that of kernel overlayfs: which
 * of the two is faster, the samples do not tell.
 */
final class Overlap {
  /** Stands behind a ratio that the samples do not bear out. */
  static final String MARK = "~";

  private Overlap() {}

  static boolean of(Statistics one, Statistics other) {
    return one.quartile1() <= other.quartile3() && other.quartile1() <= one.quartile3();
  }

  /** The ratio of the medians, with {@link #MARK} if the quartiles overlap. */
  static String ratio(Statistics one, Statistics base) {
    return AxisText.ratio(one.median() / base.median()) + (of(one, base) ? MARK : "");
  }

  /** A sentence if many cases of Plyfs and the kernel overlap; null if not. */
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
        : "in %d of %d times the quartiles of plyfs and kernel overlap (marked %s): which is faster is"
                .formatted(overlapping, compared, MARK)
            + " not decided there; take more --rounds on an idle machine";
  }
}
