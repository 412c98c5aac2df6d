package plyfs.differential;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import plyfs.sys.MountSyscalls;

/**
 * Eight threads do random operations on the same names of one Plyfs mount. What comes of each is
 * not foreseeable; that all end, and that the tree on disk is the one that was shown, is.
 */
@Tag("mount")
final class ConcurrentMountTest {
  private static final int THREADS = 8;
  private static final int OPERATIONS = Integer.getInteger("plyfs.concurrency.operations", 300);
  private static final int DEADLOCK_SECONDS = 300;
  private static final int MOST_LOOKS = 100_000;
  private static final int O_PATH = 010000000;

  /** What no operation may end with, however the others are scheduled. */
  private static final Set<String> NEVER = Set.of("EIO", "ENOTCONN", "ECONNABORTED", "ENOSYS");

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2})
  void eightThreads_allEnd_andTheTreeIsTheSameAfterRemount(long seed) throws Exception {
    DifferentialTest.assumeAvailable();
    int umask = MountSyscalls.umask(022);
    try (UnionPair pair = new UnionPair(Differential.baseFor(seed), seed, 3)) {
      long daemon = daemonOf(pair.mountPoint("plyfs"));
      inParallel(pair, seed);
      SortedMap<String, String> shown = pair.tree("plyfs");
      assertNothingOpen(daemon, pair);
      pair.remount(false);
      assertThat(pair.tree("plyfs")).isEqualTo(shown);
      assertThat(pair.lowerChanges()).isEmpty();
    } finally {
      MountSyscalls.umask(umask); // one for all threads: what they set and restored has mixed
    }
  }

  private static void inParallel(UnionPair pair, long seed) throws Exception {
    SortedMap<String, String> start = pair.tree("plyfs");
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Callable<Boolean>> tasks = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        OpSource source = new OpSource(new Random(seed * THREADS + i));
        source.know(start);
        tasks.add(() -> work(pair.mountPoint("plyfs"), source));
      }
      for (Future<Boolean> done : threads.invokeAll(tasks, DEADLOCK_SECONDS, TimeUnit.SECONDS)) {
        assertThat(done.isCancelled()).as("still running: a deadlock").isFalse();
        assertThat(done.get()).isTrue();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static boolean work(String mountPoint, OpSource source) throws IOException {
    try (Side side = new Side(mountPoint)) {
      for (int i = 0; i < OPERATIONS; i++) {
        Op op = source.next();
        // A mapping of a file that another thread truncates kills the process.
        if (op.kind() != Op.Kind.WRITE_MAPPED) {
          assertThat(side.apply(op)).as(op.toString()).isNotIn(NEVER);
        }
      }
    }
    return true;
  }

  private static long daemonOf(String mountPoint) {
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().commandLine().orElse("").endsWith(" " + mountPoint))
        .mapToLong(ProcessHandle::pid)
        .findFirst()
        .orElseThrow();
  }

  /** RELEASE follows close(2) without being waited for; every look sends requests of its own. */
  private static void assertNothingOpen(long daemon, UnionPair pair) throws Exception {
    List<String> open = openFiles(daemon, pair.base());
    for (int i = 0; i < MOST_LOOKS && !open.isEmpty(); i++) {
      open = openFiles(daemon, pair.base());
    }
    assertThat(open).as("files of the layers that the daemon keeps open").isEmpty();
  }

  private static List<String> openFiles(long daemon, Path base) throws IOException {
    List<String> open = new ArrayList<>();
    try (Stream<Path> all = Files.list(Path.of("/proc/" + daemon + "/fd"))) {
      for (Path fd : (Iterable<Path>) all::iterator) {
        String target = Files.readSymbolicLink(fd).toString();
        // Those opened with O_PATH, and directories, are a bounded cache.
        if (target.startsWith(base + "/") && !Files.isDirectory(fd) && !isPathOnly(daemon, fd)) {
          open.add(target);
        }
      }
    } catch (NoSuchFileException e) {
      return List.of("closed while looking: " + e.getMessage());
    }
    return open;
  }

  private static boolean isPathOnly(long daemon, Path fd) throws IOException {
    Path info = Path.of("/proc/" + daemon + "/fdinfo/" + fd.getFileName());
    for (String line : Files.readAllLines(info)) {
      if (line.startsWith("flags:")) {
        return (Integer.parseInt(line.substring(6).strip(), 8) & O_PATH) != 0;
      }
    }
    throw new IOException(info + " has no line 'flags:'");
  }
}
