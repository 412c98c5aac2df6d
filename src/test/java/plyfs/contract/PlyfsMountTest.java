package plyfs.contract;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import plyfs.sys.MountSyscalls;

/**
 * The contract on Plyfs: all of it in one process that serves mount after mount, and one scenario
 * of each topic by the launcher, in processes of their own.
 */
@Tag("mount")
final class PlyfsMountTest {
  private static final Path LAUNCHER = Path.of("scripts/plyfs").toAbsolutePath();
  private static final Path JAR = Path.of("target/plyfs.jar");
  private static final Path LOGS = Path.of("/var/log/plyfs");

  /** {@code scripts/plyfs mount}, which returns when the mount can be used. */
  static final class PlyfsMounter implements UnionMounter {
    private final List<String> everywhere;

    /**
     * A mounter.
     *
     * @param everywhere options of each mount
     */
    PlyfsMounter(String... everywhere) {
      this.everywhere = List.of(everywhere);
    }

    @Override
    public String kind() {
      return everywhere.isEmpty() ? "plyfs" : "plyfs with " + String.join(",", everywhere);
    }

    @Override
    public Set<Promise> promises() {
      return Promise.ofPlyfs(everywhere);
    }

    @Override
    public void mount(Directories directories, List<String> options) throws IOException {
      List<String> words = new ArrayList<>();
      words.add(directories.lowerdir());
      if (directories.upper() != null) {
        words.add("upperdir=" + directories.upper());
        words.add("workdir=" + directories.work());
      }
      words.addAll(everywhere);
      words.addAll(options);
      UnionMounter.run(
          List.of(
              LAUNCHER.toString(),
              "mount",
              "-o",
              String.join(",", words),
              directories.mountPoint()));
    }

    @Override
    public void unmount(String mountPoint) throws IOException {
      UnionMounter.run(List.of("umount", mountPoint));
      Files.deleteIfExists(LOGS.resolve(logNameOf(mountPoint)));
    }
  }

  private static String logNameOf(String mountPoint) {
    return mountPoint.substring(1).replace("-", "%2d").replace('/', '-') + ".log";
  }

  @TestFactory
  Stream<DynamicTest> contract() throws IOException {
    assumeAvailable();
    return WarmPlyfs.contract();
  }

  @TestFactory
  Stream<DynamicTest> contractByLauncher() {
    assumeAvailable();
    return FileSystemContract.sampleOn(new PlyfsMounter());
  }

  /** Skips where Plyfs cannot be mounted, or has not been built. */
  static void assumeAvailable() {
    assumeTrue(MountSyscalls.effectiveUser() == 0, "needs root: mount(2)");
    assumeTrue(Files.exists(Path.of("/dev/fuse")), "needs /dev/fuse");
    assumeTrue(Files.isExecutable(LAUNCHER), "needs scripts/plyfs");
    assumeTrue(Files.exists(JAR), "needs target/plyfs.jar: run 'mvn package -DskipTests' first");
  }
}
