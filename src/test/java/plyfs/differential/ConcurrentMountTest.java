package plyfs.differential;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A bounded part of what {@code scripts/differential --threads} does. */
@Tag("mount")
final class ConcurrentMountTest {
  private static final int THREADS = 8;
  private static final int OPERATIONS = Integer.getInteger("plyfs.concurrency.operations", 300);

  @ParameterizedTest(name = "seed {0} {1}")
  @CsvSource(
      delimiter = ';',
      value = {"2; ''", "8; ''", "4; index=on,metacopy=on", "6; writeback=1"})
  void eightThreads_loseNothing_andLeaveNothingBehind(long seed, String options) throws Exception {
    DifferentialTest.assumeAvailable();
    try (PlyfsProcess process = new PlyfsProcess()) {
      assertThat(
              new ConcurrentRun(process, seed, THREADS, new SharedOptions(options)).run(OPERATIONS))
          .isEmpty();
    }
  }
}
