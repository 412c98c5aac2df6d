package plyfs.differential;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import plyfs.contract.DiskTree;
import plyfs.contract.UnionMounter;
import plyfs.model.TreeSnapshot;
import plyfs.sys.ErrnoException;
import plyfs.sys.MountSyscalls;

/**
 * The upper directory of one mount becomes the topmost lower layer of the next, several times over;
 * each mount moves, empties and removes directories, so that redirects come to lie in opaque
 * directories and on top of other redirects. Kernel overlayfs or Plyfs makes each layer, as drawn,
 * and at each step both must show the same of the same directories. SEMANTICS 2.2, 4.60, 4.77.
 */
@Tag("mount")
final class GenerationsTest {
  private static final int GENERATIONS = 4;
  private static final int CHANGES = 12;
  private static final String OPTIONS = "redirect_dir=on,index=off,metacopy=off,xino=off";

  private static @Nullable PlyfsProcess process;

  @TempDir Path base;

  private Random random = new Random();

  /** Topmost first. */
  private final List<String> layers = new ArrayList<>();

  private int made;

  @BeforeAll
  static void start() throws IOException {
    DifferentialTest.assumeAvailable();
    process = new PlyfsProcess();
  }

  @AfterAll
  static void end() throws IOException {
    if (process != null) {
      process.close();
    }
  }

  /** What is done to a mounted union. */
  private interface Use {
    void of(DiskTree union) throws ErrnoException;
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
  void directoriesMovedInEachGeneration_areTheSameAsUnderKernelOverlayfs(long seed)
      throws Exception {
    random = new Random(seed);
    layers.add(makeBase());
    for (int generation = 0; generation < GENERATIONS; generation++) {
      String upper = directory("upper");
      boolean byKernel = random.nextBoolean();
      mounted(byKernel, upper, this::change);
      layers.add(0, upper);
      SortedMap<String, String> expected = shownBy(true);
      SortedMap<String, String> actual = shownBy(false);
      assertThat(TreeSnapshot.diff(expected, actual))
          .as("generation %d, made by %s", generation, byKernel ? "the kernel" : "Plyfs")
          .isEmpty();
    }
  }

  private String makeBase() throws ErrnoException, IOException {
    String layer = directory("base");
    DiskTree tree = new DiskTree(layer);
    for (String top : List.of("a", "b", "c", "d")) {
      for (String below : List.of("a", "b")) {
        tree.make(top + "/" + below + "/file=" + top + below, top + "/in=" + top);
      }
    }
    return layer;
  }

  private String directory(String name) throws IOException {
    return Files.createDirectory(base.resolve(name + made++)).toString();
  }

  /** Moves, removes, and makes again. */
  private void change(DiskTree union) throws ErrnoException {
    for (int i = 0; i < CHANGES; i++) {
      List<String> directories = directories(union);
      String one = directories.get(random.nextInt(directories.size()));
      String other = directories.get(random.nextInt(directories.size()));
      String name = String.valueOf((char) ('a' + random.nextInt(6)));
      String target = (other.isEmpty() ? "" : other + "/") + name;
      switch (random.nextInt(6)) {
        case 0, 1, 2 -> move(union, one, target);
        case 3 -> makeAgain(union, one);
        case 4 -> union.write((one.isEmpty() ? "" : one + "/") + "new" + i, "new in " + one);
        default -> {
          if (!union.exists(target)) {
            union.mkdir(target);
          }
        }
      }
    }
  }

  private static void move(DiskTree union, String from, String to) throws ErrnoException {
    if (!from.isEmpty() && !union.exists(to) && !to.startsWith(from + "/")) {
      union.rename(from, to);
    }
  }

  /** Afterwards the directory is opaque, and what is moved there is redirected from elsewhere. */
  private static void makeAgain(DiskTree union, String path) throws ErrnoException {
    if (!path.isEmpty()) {
      union.removeAll(path);
      union.mkdir(path);
    }
  }

  /** All directories, the root as an empty path. */
  private static List<String> directories(DiskTree union) throws ErrnoException {
    List<String> all = new ArrayList<>(List.of(""));
    for (int i = 0; i < all.size(); i++) {
      String parent = all.get(i);
      for (String name : union.list(parent).stream().sorted().toList()) {
        String path = parent.isEmpty() ? name : parent + "/" + name;
        if (union.stat(path).isDirectory()) {
          all.add(path);
        }
      }
    }
    return all;
  }

  private SortedMap<String, String> shownBy(boolean kernel) throws Exception {
    List<SortedMap<String, String>> seen = new ArrayList<>();
    mounted(
        kernel,
        directory("scratch"),
        union ->
            seen.add(
                TreeSnapshot.of(
                    Bytes.of(union.root()),
                    Set.of(TreeSnapshot.Option.NO_DIRECTORY_TIMES),
                    List.of())));
    return seen.get(0);
  }

  private void mounted(boolean kernel, String upper, Use use) throws Exception {
    PlyfsProcess daemon = Objects.requireNonNull(process);
    String point = directory("mount");
    String options =
        "lowerdir=%s,upperdir=%s,workdir=%s,%s"
            .formatted(String.join(":", layers), upper, directory("work"), OPTIONS);
    if (kernel) {
      byte[] type = Bytes.of("overlay");
      ErrnoException.check(MountSyscalls.mount(type, Bytes.of(point), type, 0, Bytes.of(options)));
    } else {
      daemon.mount(options, point);
    }
    try {
      use.of(new DiskTree(point));
    } finally {
      if (kernel) {
        UnionMounter.run(List.of("umount", point));
      } else {
        daemon.unmount(point);
      }
    }
  }
}
