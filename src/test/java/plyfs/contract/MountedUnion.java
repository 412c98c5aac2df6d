package plyfs.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Assumptions;
import plyfs.model.TreeSnapshot;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.StatFs;

/**
 * One union of a scenario: its layers, made before {@link #mount}, and its mount point. When it is
 * closed, the lower layers must be as they were, times included, and nothing may be left of it.
 */
public final class MountedUnion implements AutoCloseable {
  private static final long TMPFS_MAGIC = 0x01021994;

  private UnionMounter mounter;
  private final Path base;
  private final List<DiskTree> lowers = new ArrayList<>();
  private final List<DiskTree> dataOnly = new ArrayList<>();
  private final DiskTree upper;
  private final SortedMap<String, String> lowersBefore = new TreeMap<>();
  private final List<String> fileSystems = new ArrayList<>();
  private boolean readOnly;
  private boolean mounted;

  MountedUnion(UnionMounter mounter) throws IOException {
    this.mounter = mounter;
    this.base = Files.createTempDirectory("plyfs-union");
    Files.setAttribute(base, "unix:mode", 0755);
    for (String name : List.of("upper", "work", "mnt")) {
      Files.createDirectory(base.resolve(name));
    }
    this.upper = new DiskTree(base.resolve("upper").toString());
  }

  /** Makes the next lower layer, the topmost first. */
  public DiskTree lower(String... lines) throws IOException, ErrnoException {
    return lowerIn(Files.createDirectory(base.resolve("lower" + (lowers.size() + 1))), lines);
  }

  /** As {@link #lower}, on a file system of its own in memory. */
  public DiskTree lowerInMemory(String... lines) throws IOException, ErrnoException {
    Path directory = Files.createDirectory(base.resolve("lower" + (lowers.size() + 1)));
    UnionMounter.run(
        List.of("mount", "-t", "tmpfs", "-o", "mode=755", "none", directory.toString()));
    fileSystems.add(directory.toString());
    return lowerIn(directory, lines);
  }

  private DiskTree lowerIn(Path directory, String... lines) throws ErrnoException {
    DiskTree tree = new DiskTree(directory.toString());
    tree.make(lines);
    lowers.add(tree);
    return tree;
  }

  /** Makes the next data-only layer, the topmost first. */
  public DiskTree dataOnly(String... lines) throws IOException, ErrnoException {
    Path directory = Files.createDirectory(base.resolve("data" + (dataOnly.size() + 1)));
    DiskTree tree = new DiskTree(directory.toString());
    tree.make(lines);
    dataOnly.add(tree);
    return tree;
  }

  /** The upper directory, with more in it. */
  public DiskTree upper(String... lines) throws ErrnoException {
    if (!lowersBefore.isEmpty()) {
      requireLayers();
    }
    return upper.make(lines);
  }

  /** Ends a scenario here where there are no layers to look at. */
  private void requireLayers() {
    Assumptions.assumeTrue(
        keeps(Promise.LAYERED),
        () -> mounter.kind() + " has no layers: asked up to the first look at one");
  }

  /** Mounts what has been made, with a second empty layer below if there is only one. */
  public DiskTree mount(String... options) throws IOException, ErrnoException {
    if (!List.of(options).stream().allMatch(mounter::isAlwaysSo)) {
      requireLayers();
    }
    for (String option : options) {
      Assumptions.assumeFalse(
          mounter.isRefused(option), () -> mounter.kind() + " excludes " + option);
    }
    if (lowers.isEmpty()) {
      lower();
    }
    if (lowersBefore.isEmpty()) {
      lowersBefore.putAll(lowerState());
    }
    mounter.mount(directories(), List.of(options));
    mounted = true;
    return at();
  }

  private UnionMounter.Directories directories() {
    List<String> paths = lowers.stream().map(DiskTree::root).toList();
    List<String> data = dataOnly.stream().map(DiskTree::root).toList();
    String point = base.resolve("mnt").toString();
    String work = base.resolve("work").toString();
    return readOnly
        ? new UnionMounter.Directories(paths, data, null, null, point)
        : new UnionMounter.Directories(paths, data, upper.root(), work, point);
  }

  /** As {@link #mount}, without the upper layer. */
  public DiskTree mountReadOnly(String... options) throws IOException, ErrnoException {
    readOnly = true;
    return mount(options);
  }

  /** Mounts the same layers again, so that what is seen comes from the disk. */
  public DiskTree remount(String... options) throws IOException, ErrnoException {
    unmount();
    return mount(options);
  }

  /** Mounts the same layers again, by another kind of union. */
  DiskTree remountBy(UnionMounter other, String... options) throws IOException, ErrnoException {
    unmount();
    mounter = other;
    return mount(options);
  }

  /** Unmounts; the layers may be looked at and changed then. */
  public void unmount() throws IOException {
    if (mounted) {
      mounter.unmount(base.resolve("mnt").toString());
      mounted = false;
    }
  }

  /** The mount. */
  public DiskTree at() {
    return new DiskTree(base.resolve("mnt").toString());
  }

  /** A directory beside the layers, for what a scenario needs besides. */
  public Path beside() {
    return base;
  }

  /** Skips a scenario whose figures are those of a file system on a disk. */
  public void requireDisk() throws ErrnoException {
    StatFs statFs = new StatFs();
    try (Fd fd = Fd.open(base.toString().getBytes(UTF_8), Linux.O_PATH)) {
      ErrnoException.check(FileSyscalls.fstatfs(fd, statFs));
    }
    Assumptions.assumeTrue(statFs.type() != TMPFS_MAGIC, () -> base.getParent() + " is a tmpfs");
  }

  /** Whether this kind of union promises something. */
  public boolean keeps(Promise promise) {
    return mounter.promises().contains(promise);
  }

  private SortedMap<String, String> lowerState() throws ErrnoException {
    SortedMap<String, String> all = new TreeMap<>();
    List<DiskTree> layers = new ArrayList<>(lowers);
    layers.addAll(dataOnly);
    for (DiskTree lower : layers) {
      TreeSnapshot.of(
              lower.root().getBytes(UTF_8), EnumSet.of(TreeSnapshot.Option.ALL_TIMES), List.of())
          .forEach((path, line) -> all.put(lower.root() + "/" + path, line));
    }
    return all;
  }

  /** Takes the lower layers as the scenario itself has left them. */
  void acceptLowersAsTheyAre() throws ErrnoException {
    lowersBefore.clear();
    lowersBefore.putAll(lowerState());
  }

  /** The whole mount with content and metadata, for comparison. */
  public SortedMap<String, String> snapshot(TreeSnapshot.Option... options) throws ErrnoException {
    return TreeSnapshot.of(at().root().getBytes(UTF_8), Set.of(options), List.of());
  }

  private SortedMap<String, String> upperState() throws ErrnoException {
    SortedMap<String, String> all =
        TreeSnapshot.of(
            upper.root().getBytes(UTF_8), Set.of(), List.of("trusted.overlay.", "user.overlay."));
    TreeSnapshot.of(
            base.resolve("work").toString().getBytes(UTF_8),
            Set.of(TreeSnapshot.Option.NO_TIMES),
            List.of())
        .forEach((path, line) -> all.put("work/" + path, line));
    return all;
  }

  /** Does something that must leave the upper directory and the workdir as they are. */
  public void unchangedUpper(ThrowingCallable action) throws Throwable {
    if (!keeps(Promise.LAYERED)) {
      action.call();
      return;
    }
    SortedMap<String, String> before = upperState();
    action.call();
    assertThat(TreeSnapshot.diff(before, upperState())).as("upper directory").isEmpty();
  }

  /** Result of a program. */
  public record Output(int exitCode, String text) {}

  /**
   * Runs a shell command as another user, with the root of the mount as its directory.
   *
   * @param who arguments of setpriv(1), such as {@code --reuid=1 --regid=1 --clear-groups}
   */
  public Output as(String who, String command) throws IOException {
    List<String> words = new ArrayList<>(List.of("setpriv"));
    words.addAll(List.of(who.split(" ", -1)));
    words.addAll(List.of("sh", "-c", command));
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C");
    Process process = builder.directory(base.resolve("mnt").toFile()).start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    return new Output(process.onExit().join().exitValue(), text);
  }

  /** As {@link #as} for uid 1, gid 1 and no other group. */
  public Output asUser(int uid, String command) throws IOException {
    return as("--reuid=" + uid + " --regid=" + uid + " --clear-groups", command);
  }

  /** Name of the error number that a call fails with; {@code ok} if it does not. */
  public static String errno(ThrowingCallable call) throws Throwable {
    try {
      call.call();
      return "ok";
    } catch (ErrnoException e) {
      return Errno.name(e.errno());
    }
  }

  /** Blocks of 512 bytes that the upper file takes. */
  public long upperBlocks(String path) throws ErrnoException {
    requireLayers();
    Stat stat = upper.stat(path);
    return stat.blocks();
  }

  @Override
  public void close() throws IOException, ErrnoException {
    try {
      unmount();
      if (!lowersBefore.isEmpty() && keeps(Promise.LAYERED)) {
        assertThat(TreeSnapshot.diff(lowersBefore, lowerState()))
            .as("lower layers are never written (4.30)")
            .isEmpty();
      }
      assertThat(leftInWork()).as("nothing is left in the workdir").isEmpty();
    } finally {
      if (mounted) {
        UnionMounter.run(List.of("umount", "-l", base.resolve("mnt").toString()));
      }
      for (String each : fileSystems) {
        UnionMounter.run(List.of("umount", "-l", each));
      }
      // A scenario that ended early may have left flags of chattr(1).
      String remove =
          "rm -rf -- \"$1\" 2>/dev/null || { chattr -R -f -ia \"$1\"; rm -rf -- \"$1\"; }";
      UnionMounter.run(List.of("sh", "-c", remove, "sh", base.toString()));
    }
  }

  private List<String> leftInWork() throws ErrnoException {
    DiskTree work = new DiskTree(base.resolve("work").toString());
    if (!work.exists("work")) {
      return List.of();
    }
    // The shared whiteout may stay: "#whiteout", perhaps a file, or a number of the kernel's.
    return work.list("work").stream()
        .filter(name -> !name.equals("#whiteout") && !statsAsWhiteout(work, "work/" + name))
        .toList();
  }

  private static boolean statsAsWhiteout(DiskTree tree, String path) {
    try {
      return tree.stat(path).isWhiteout();
    } catch (ErrnoException e) {
      throw new IllegalStateException(e);
    }
  }
}
