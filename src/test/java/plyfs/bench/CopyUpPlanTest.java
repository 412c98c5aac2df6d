package plyfs.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which cases a run has, what space they take, and who does them. */
final class CopyUpPlanTest {
  private static CopyUpPlan plan(boolean isCross) {
    return new CopyUpPlan(
        List.of(4096L, 1L << 20, 1L << 24),
        List.of(1, 8),
        List.of(ChangePattern.FIRST_BYTE, ChangePattern.CHMOD, ChangePattern.MANY_SMALL),
        "kernel",
        List.of(),
        1,
        0,
        isCross,
        1,
        Path.of("/"),
        "");
  }

  @Test
  void points_oneThingIsVariedAtATime() {
    assertThat(plan(false).points())
        .extracting(Point::toString)
        .containsExactly(
            "first-byte of 4K at depth 1",
            "first-byte of 1M at depth 1",
            "first-byte of 16M at depth 1",
            "first-byte of 4K at depth 8",
            "chmod of 1M at depth 1",
            "many-small of 1M at depth 1");
    assertThat(plan(true).points()).hasSize(3 * 2 * 3).doesNotHaveDuplicates();
  }

  @Test
  void bytesNeeded_countsSharedFilesOnce() {
    long layers = 4096 + (1 << 20) + (1 << 24) + 4096 + (1 << 20);
    assertThat(plan(false).bytesNeeded()).isEqualTo(layers + 2 * (1 << 24) + (64 << 20));
  }

  @Test
  void manySmall_hasAtMost1024Files() {
    assertThat(new Point(ChangePattern.MANY_SMALL, 1 << 20, 1).files()).isEqualTo(64);
    assertThat(new Point(ChangePattern.MANY_SMALL, 100, 1).files()).isEqualTo(1);
    assertThat(new Point(ChangePattern.MANY_SMALL, 100, 1).fileSize()).isEqualTo(100);
    assertThat(new Point(ChangePattern.MANY_SMALL, 1L << 30, 1).files()).isEqualTo(1024);
  }

  @Test
  void engines_floorIsAlwaysThere_unknownOnesAreRefused() {
    Engines engines = new Engines(Path.of("/bin/true"), true);
    assertThat(engines.list("plyfs:metacopy=on+open=cache,kernel"))
        .extracting(Engine::name)
        .containsExactly("plyfs:metacopy=on+open=cache", "kernel", "volume");
    assertThat(Stream.of("plyfs", "kernel", "fuse-overlayfs").map(e -> engines.list(e).get(0)))
        .allSatisfy(engine -> assertThat(engine.promise()).startsWith("volatile"));
    assertThatThrownBy(() -> engines.list("aufs")).hasMessageContaining("unknown engine 'aufs'");
    assertThatThrownBy(() -> engines.list("volume:x")).hasMessageContaining("no options");
  }
}
