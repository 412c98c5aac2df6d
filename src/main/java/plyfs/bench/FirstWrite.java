package plyfs.bench;

import java.util.Comparator;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plyfs.bench.CaseResult.CaseKey;

/** The conclusion of a run for a database: the cost of the first small change of a large file. */
public final class FirstWrite {
  private FirstWrite() {}

  /** A few sentences; null if the run has not measured the first byte with Plyfs and a volume. */
  public static @Nullable String inWords(BenchRun run) {
    Map<CaseKey, CaseResult> byKey = run.byKey();
    CaseResult plyfs =
        run.cases().stream()
            .filter(each -> each.engine().equals(PlyfsEngine.NAME) && each.isMeasured())
            .filter(each -> each.pattern().equals(ChangePattern.FIRST_BYTE.word()))
            .filter(each -> each.temperature().equals(Temperature.WARM.word()))
            .filter(each -> isMeasured(byKey.get(each.keyWith(PlainEngine.VOLUME))))
            .max(Comparator.comparingLong(CaseResult::size))
            .orElse(null);
    @Nullable CaseResult volume =
        plyfs == null ? null : byKey.get(plyfs.keyWith(PlainEngine.VOLUME));
    if (plyfs == null || volume == null) {
      return null;
    }
    @Nullable CaseResult kernel = byKey.get(plyfs.keyWith(KernelEngine.NAME));
    StringBuilder text = new StringBuilder("The first write of one byte to a file of ");
    text.append(AxisText.size(plyfs.size())).append(" in an image, synced to disk, takes ");
    text.append(durable(plyfs)).append(" with Plyfs");
    if (kernel != null && isMeasured(kernel)) {
      text.append(", ").append(durable(kernel)).append(" with kernel overlayfs");
    }
    text.append(" and ").append(durable(volume)).append(" in a volume (").append(plyfs.fs());
    return text.append("). A database that changes large files belongs in a volume.").toString();
  }

  private static boolean isMeasured(@Nullable CaseResult result) {
    return result != null && result.isMeasured();
  }

  private static String durable(CaseResult result) {
    return AxisText.nanos(result.durable().median());
  }
}
