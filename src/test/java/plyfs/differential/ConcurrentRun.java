package plyfs.differential;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import plyfs.contract.DiskTree;
import plyfs.sys.ErrnoException;
import plyfs.sys.MountSyscalls;

/**
 * Threads that do random operations on the same names of one Plyfs mount. What comes of each is not
 * foreseeable. That all end is, that {@link SharedNames} can account for its part, that nothing
 * stays open or known in the daemon, and that the tree is the same after a new mount, by the kernel
 * too.
 */
final class ConcurrentRun {
  private static final int DEADLOCK_SECONDS = 300;
  private static final int MOST_LOOKS = 100_000;
  private static final int O_PATH = 010000000;
  private static final int MS_REMOUNT = 32;
  private static final int LOOK_EVERY = 50;

  /** What no operation may end with, however the others are scheduled. */
  private static final Set<String> NEVER =
      Set.of("EIO", "ENOTCONN", "ECONNABORTED", "ENOSYS", "ESTALE", "EBADF of the daemon");

  private final PlyfsProcess process;
  private final long seed;
  private final int threads;
  private final SharedOptions options;

  /**
   * For one mount.
   *
   * @param options of the mount; directories of lower layers are to move
   */
  ConcurrentRun(PlyfsProcess process, long seed, int threads, SharedOptions options) {
    this.options = options;
    this.process = process;
    this.seed = seed;
    this.threads = threads;
  }

  /**
   * Runs.
   *
   * @param operations of each thread
   * @return what does not hold; empty if all does
   */
  List<String> run(int operations) throws IOException, ErrnoException, InterruptedException {
    int umask = MountSyscalls.umask(022);
    Setting setting = new Setting(Setting.of(seed, 0).parent(), 0, options);
    try (UnionPair pair =
        new UnionPair(process, setting, seed, new Statistics(), SharedNames::prepare)) {
      String mountPoint = pair.mountPoint("plyfs");
      SharedNames shared = new SharedNames(new DiskTree(mountPoint), threads);
      List<String> wrong = new ArrayList<>(inParallel(mountPoint, shared, operations));
      wrong.addAll(shared.check());
      wrong.addAll(leftOpen(pair.base()));
      wrong.addAll(leftKnown(mountPoint));
      wrong.addAll(pair.remount(false));
      wrong.addAll(pair.remount(true));
      wrong.addAll(pair.lowerChanges());
      return wrong;
    } finally {
      MountSyscalls.umask(umask);
    }
  }

  private List<String> inParallel(String mountPoint, SharedNames shared, int operations)
      throws InterruptedException {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Callable<List<String>>> tasks = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int thread = i;
        tasks.add(() -> work(mountPoint, shared, thread, operations));
      }
      List<String> wrong = new ArrayList<>();
      for (Future<List<String>> done : pool.invokeAll(tasks, DEADLOCK_SECONDS, TimeUnit.SECONDS)) {
        try {
          wrong.addAll(done.get());
        } catch (CancellationException e) {
          wrong.add("a thread still runs after " + DEADLOCK_SECONDS + " s: a deadlock");
        } catch (ExecutionException e) {
          wrong.add("a thread has ended with " + e.getCause());
        }
      }
      return wrong;
    } finally {
      pool.shutdownNow();
    }
  }

  private List<String> work(String mountPoint, SharedNames shared, int thread, int operations)
      throws IOException, ErrnoException {
    Random random = new Random(seed * threads + thread);
    OpSource source = new OpSource(random);
    DiskTree tree = new DiskTree(mountPoint);
    List<String> wrong = new ArrayList<>();
    try (Side side = new Side(mountPoint)) {
      for (int i = 0; i < operations; i++) {
        if (i % LOOK_EVERY == 0) {
          source.lookAround(tree, SharedNames.DIRECTORY);
        }
        if (random.nextInt(3) == 0) {
          shared.act(thread, random);
          continue;
        }
        Op op = source.next();
        // A mapping of a file that another thread truncates kills the process.
        if (op.kind() != Op.Kind.WRITE_MAPPED && op.kind() != Op.Kind.HELD_WRITE_MAPPED) {
          Outcome outcome = side.applyAs(op);
          if (NEVER.contains(outcome.text()) || outcome.text().contains("Input/output error")) {
            wrong.add(op + ": " + outcome.text());
          }
        }
      }
    }
    return wrong;
  }

  /** RELEASE follows close(2) without being waited for; every look sends requests of its own. */
  private List<String> leftOpen(Path base) throws IOException {
    List<String> open = openFiles(base);
    for (int i = 0; i < MOST_LOOKS && !open.isEmpty(); i++) {
      open = openFiles(base);
    }
    return open.stream().map(file -> "the daemon keeps open " + file).toList();
  }

  private List<String> openFiles(Path base) throws IOException {
    List<String> open = new ArrayList<>();
    try (Stream<Path> all = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
      for (Path fd : (Iterable<Path>) all::iterator) {
        String target = Files.readSymbolicLink(fd).toString();
        // Those opened with O_PATH, and directories, are a bounded cache.
        if (target.startsWith(base + "/") && !Files.isDirectory(fd) && !isPathOnly(fd)) {
          open.add(target);
        }
      }
    } catch (NoSuchFileException e) {
      return List.of("closed while looking: " + e.getMessage());
    }
    return open;
  }

  private boolean isPathOnly(Path fd) throws IOException {
    Path info = Path.of("/proc/" + process.pid() + "/fdinfo/" + fd.getFileName());
    for (String line : Files.readAllLines(info)) {
      if (line.startsWith("flags:")) {
        return (Integer.parseInt(line.substring(6).strip(), 8) & O_PATH) != 0;
      }
    }
    throw new IOException(info + " has no line 'flags:'");
  }

  /**
   * A remount makes the kernel forget all names that are not in use, so that the root is left.
   *
   * @implNote reconfigure_super calls shrink_dcache_sb
   */
  private List<String> leftKnown(String mountPoint) throws IOException, ErrnoException {
    byte[] none = Bytes.of("none");
    ErrnoException.check(
        MountSyscalls.mount(none, Bytes.of(mountPoint), none, MS_REMOUNT, Bytes.of("")));
    int nodes = process.nodes(mountPoint);
    for (int i = 0; i < MOST_LOOKS && nodes != 1; i++) {
      nodes = process.nodes(mountPoint);
    }
    return nodes == 1 ? List.of() : List.of("nodes left: " + nodes);
  }
}
