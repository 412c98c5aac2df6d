package plyfs.differential;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import plyfs.contract.DiskTree;
import plyfs.contract.UnionMounter;
import plyfs.model.TreeSnapshot;
import plyfs.sys.ErrnoException;

/** Kernel overlayfs and Plyfs on the same lower layers, each with an upper directory. */
final class UnionPair implements AutoCloseable {
  private static final Path LAUNCHER = Path.of("scripts/plyfs").toAbsolutePath();
  private static final Pattern TIME = Pattern.compile(" mtime=(\\d+)\\.\\d+");

  /** Times after this are of a clock that ran for one engine after the other: 2020. */
  private static final long NOW = 1_577_836_800L;

  private final Path base;
  private final List<String> lowers = new ArrayList<>();
  private final SortedMap<String, String> lowersAtStart;
  private boolean swapped;
  private @Nullable Side kernel;
  private @Nullable Side plyfs;

  /**
   * Makes the layers and mounts both.
   *
   * @param seed decides the layers
   * @param layers number of lower layers; 0 lets the seed decide
   */
  UnionPair(Path parent, long seed, int layers) throws IOException, ErrnoException {
    base = Files.createTempDirectory(parent, "plyfs-differential");
    new DiskTree(base.toString()).chmod("", 0755); // the other users have to get in
    Random random = new Random(seed);
    int drawn = 1 + random.nextInt(6);
    int count = layers == 0 ? drawn : layers;
    LayerSource source = new LayerSource(random);
    for (int i = count; i > 0; i--) {
      Path lower = Files.createDirectory(base.resolve("lower" + i));
      source.fill(new DiskTree(lower.toString()));
      lowers.add(0, lower.toString());
    }
    for (String name : List.of("1/upper", "1/work", "2/upper", "2/work", "kernel", "plyfs")) {
      Files.createDirectories(base.resolve(name));
    }
    for (String upper : List.of("1", "2")) {
      DiskTree tree = new DiskTree(base.resolve(upper).resolve("upper").toString());
      tree.chmod("", 0777);
      tree.utimens("", 1_000_000_000L, 0, 1_000_000_000L, 0);
    }
    lowersAtStart = lowerTrees();
    mount();
  }

  private SortedMap<String, String> lowerTrees() throws ErrnoException {
    SortedMap<String, String> all = new TreeMap<>();
    for (String lower : lowers) {
      TreeSnapshot.of(Bytes.of(lower), Set.of(TreeSnapshot.Option.ALL_TIMES), List.of())
          .forEach((path, line) -> all.put(lower + "/" + path, line));
    }
    return all;
  }

  /** The layers, for a report. */
  List<String> describeLayers() throws ErrnoException {
    List<String> out = new ArrayList<>();
    for (String lower : lowers) {
      TreeSnapshot.of(Bytes.of(lower), Set.of(TreeSnapshot.Option.NO_CONTENT), List.of())
          .forEach(
              (path, line) ->
                  out.add(lower.substring(base.toString().length()) + "/" + path + line));
    }
    return out;
  }

  private String upperOptions(boolean first) {
    Path own = base.resolve(first ? "1" : "2");
    return "lowerdir=%s,upperdir=%s/upper,workdir=%s/work"
        .formatted(String.join(":", lowers), own, own);
  }

  Path base() {
    return base;
  }

  String mountPoint(String engine) {
    return base.resolve(engine).toString();
  }

  private void mount() throws IOException {
    String ofKernel = upperOptions(!swapped) + ",redirect_dir=on,xino=on,index=off,metacopy=off";
    UnionMounter.run(
        List.of("mount", "-t", "overlay", "overlay", "-o", ofKernel, mountPoint("kernel")));
    kernel = new Side(mountPoint("kernel"));
    UnionMounter.run(
        List.of(
            LAUNCHER.toString(),
            "mount",
            "-o",
            upperOptions(swapped) + ",aufs=off",
            mountPoint("plyfs")));
    plyfs = new Side(mountPoint("plyfs"));
  }

  private void unmount() throws IOException {
    if (kernel != null) {
      kernel.close();
      kernel = null;
      UnionMounter.run(List.of("umount", mountPoint("kernel")));
    }
    if (plyfs != null) {
      plyfs.close();
      plyfs = null;
      UnionMounter.run(List.of("umount", mountPoint("plyfs")));
    }
  }

  void remount(boolean swap) throws IOException {
    unmount();
    swapped ^= swap;
    mount();
  }

  /** Does it to both; null if the same came of it. */
  @Nullable String apply(Op op) throws IOException {
    if (kernel == null || plyfs == null) {
      throw new IllegalStateException("not mounted");
    }
    String expected = kernel.apply(op);
    String actual = plyfs.apply(op);
    return expected.equals(actual) ? null : "kernel: " + expected + "\n  plyfs:  " + actual;
  }

  /** The tree that an engine shows. */
  SortedMap<String, String> tree(String engine) throws ErrnoException {
    SortedMap<String, String> tree =
        TreeSnapshot.of(Bytes.of(mountPoint(engine)), Set.of(), List.of());
    tree.replaceAll((path, line) -> withoutNow(line));
    return tree;
  }

  private static String withoutNow(String line) {
    Matcher time = TIME.matcher(line);
    return time.find() && Long.parseLong(time.group(1)) > NOW
        ? time.replaceFirst(" mtime=now")
        : line;
  }

  /** What is different between the trees; empty if nothing. */
  List<String> compare() throws ErrnoException {
    return TreeSnapshot.diff(tree("kernel"), tree("plyfs"));
  }

  /** What has changed in the lower layers; empty if nothing. */
  List<String> lowerChanges() throws ErrnoException {
    return TreeSnapshot.diff(lowersAtStart, lowerTrees());
  }

  @Override
  public void close() throws IOException {
    try {
      unmount();
    } catch (IOException e) {
      for (String engine : List.of("kernel", "plyfs")) {
        new ProcessBuilder("umount", "-l", mountPoint(engine)).start().onExit().join();
      }
      throw e;
    } finally {
      UnionMounter.run(List.of("rm", "-rf", "--one-file-system", base.toString()));
    }
  }
}
