package plyfs.differential;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A bounded part of what {@code scripts/differential --threads} does. */
@Tag("mount")
final class ConcurrentMountTest {
  private static final int THREADS = 8;
  private static final int OPERATIONS = Integer.getInteger("plyfs.concurrency.operations", 300);

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {2, 8})
  void eightThreads_loseNothing_andLeaveNothingBehind(long seed) throws Exception {
    DifferentialTest.assumeAvailable();
    try (PlyfsProcess process = new PlyfsProcess()) {
      assertThat(new ConcurrentRun(process, seed, THREADS).run(OPERATIONS)).isEmpty();
    }
  }
}
