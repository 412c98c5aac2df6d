package plyfs.differential;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import plyfs.sys.MountSyscalls;

/** A bounded part of what {@code scripts/differential} does for as long as one likes. */
@Tag("mount")
final class DifferentialTest {
  private static final int OPERATIONS = Integer.getInteger("plyfs.differential.operations", 900);
  private static final int SHRINK_RUNS = 25;

  private static @Nullable PlyfsProcess process;

  @AfterAll
  static void end() throws IOException {
    if (process != null) {
      process.close();
    }
  }

  @ParameterizedTest(name = "{0} lower layers")
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void randomOperations_doTheSameAsWithKernelOverlayfs(int layers) throws Exception {
    run(Setting.of(layers, layers), layers);
  }

  @ParameterizedTest(name = "seed {0} {1}")
  @CsvSource(
      delimiter = ';',
      value = {
        "70006; index=on",
        "70001; metacopy=on,redirect_dir=on",
        "70002; metacopy=on,redirect_dir=on",
        "70006; index=on,metacopy=on,redirect_dir=on,xino=on",
        "70008; index=on,metacopy=on,redirect_dir=on,xino=on",
        "70003; writeback=1",
        "70004; writeback=1",
      })
  void randomOperationsWithOptions_doTheSameAsWithKernelOverlayfs(long seed, String options)
      throws Exception {
    run(new Setting(Setting.of(seed, 0).parent(), 0, new SharedOptions(options)), seed);
  }

  private static void run(Setting setting, long seed) throws Exception {
    assumeAvailable();
    if (process == null) {
      process = new PlyfsProcess();
    }
    Sequence sequence = new Sequence(process, setting, seed);
    Sequence.Difference difference = sequence.explore(OPERATIONS, new Statistics());
    if (difference != null) {
      fail(Differential.report(sequence, new Shrinker(sequence, SHRINK_RUNS).shrink(difference)));
    }
  }

  /** Skips where one of the two cannot be mounted, or Plyfs has not been built. */
  static void assumeAvailable() throws IOException {
    assumeTrue(MountSyscalls.effectiveUser() == 0, "needs root: mount(2)");
    assumeTrue(
        Files.readString(Path.of("/proc/filesystems")).contains("overlay"),
        "needs kernel overlayfs");
    assumeTrue(Files.exists(Path.of("/dev/fuse")), "needs /dev/fuse");
    assumeTrue(
        Files.exists(Path.of("target/plyfs.jar")),
        "needs target/plyfs.jar: run 'mvn package -DskipTests' first");
  }
}
