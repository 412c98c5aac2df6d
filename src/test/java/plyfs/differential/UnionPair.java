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
import plyfs.sys.MountSyscalls;

/** Kernel overlayfs and Plyfs on the same lower layers, each with an upper directory. */
final class UnionPair implements AutoCloseable {
  private static final Pattern TIME = Pattern.compile(" mtime=(\\d+)\\.\\d+");

  /** Times after this are of a clock that ran for one engine after the other: 2020. */
  private static final long NOW = 1_577_836_800L;

  private final PlyfsProcess process;
  private final Setting setting;
  private final Statistics statistics;
  private final Path base;
  private final List<String> lowers = new ArrayList<>();

  /** The layer below them that shows no names, if there is one. */
  private final List<String> dataOnly = new ArrayList<>();

  private SortedMap<String, String> lowersAtStart;
  private boolean swapped;
  private @Nullable Side kernel;
  private @Nullable Side plyfs;

  /**
   * Makes the layers and mounts both.
   *
   * @param seed decides the layers
   */
  UnionPair(PlyfsProcess process, Setting setting, long seed, Statistics statistics)
      throws IOException, ErrnoException {
    this(process, setting, seed, statistics, bottom -> {});
  }

  /** What else the lowest layer gets. */
  interface Addition {
    void to(DiskTree bottom) throws ErrnoException;
  }

  /** As the other constructor, with more in the lowest layer. */
  UnionPair(
      PlyfsProcess process, Setting setting, long seed, Statistics statistics, Addition addition)
      throws IOException, ErrnoException {
    this.process = process;
    this.setting = setting;
    this.statistics = statistics;
    base = Files.createTempDirectory(setting.parent(), "plyfs-differential");
    new DiskTree(base.toString()).chmod("", 0755); // the other users have to get in
    Random random = new Random(seed);
    int drawn = 1 + random.nextInt(6);
    int count = setting.layers() == 0 ? drawn : setting.layers();
    LayerSource source = new LayerSource(random, setting.options());
    if (setting.options().has("metacopy=on") && random.nextBoolean()) {
      Path data = Files.createDirectory(base.resolve("data"));
      source.fillDataOnly(new DiskTree(data.toString()));
      dataOnly.add(data.toString());
    }
    for (int i = count; i > 0; i--) {
      Path lower = Files.createDirectory(base.resolve("lower" + i));
      source.fill(new DiskTree(lower.toString()));
      lowers.add(0, lower.toString());
    }
    addition.to(new DiskTree(lowers.get(count - 1)));
    Files.createDirectory(base.resolve("kernel"));
    Files.createDirectory(base.resolve("plyfs"));
    makeUppers();
    lowersAtStart = lowerTrees();
    mount();
  }

  private void makeUppers() throws IOException, ErrnoException {
    for (String name : List.of("1/upper", "1/work", "2/upper", "2/work")) {
      Files.createDirectories(base.resolve(name));
    }
    for (String upper : List.of("1", "2")) {
      DiskTree tree = new DiskTree(base.resolve(upper).resolve("upper").toString());
      tree.chmod("", 0777);
      tree.utimens("", 1_000_000_000L, 0, 1_000_000_000L, 0);
    }
  }

  private SortedMap<String, String> lowerTrees() throws ErrnoException {
    SortedMap<String, String> all = new TreeMap<>();
    for (String lower : allLowers()) {
      TreeSnapshot.of(Bytes.of(lower), Set.of(TreeSnapshot.Option.ALL_TIMES), List.of())
          .forEach((path, line) -> all.put(lower + "/" + path, line));
    }
    return all;
  }

  private List<String> allLowers() {
    List<String> all = new ArrayList<>(lowers);
    all.addAll(dataOnly);
    return all;
  }

  /** The layers, for a report. */
  List<String> describeLayers() throws ErrnoException {
    List<String> out = new ArrayList<>();
    for (String lower : allLowers()) {
      TreeSnapshot.of(Bytes.of(lower), Set.of(TreeSnapshot.Option.NO_CONTENT), List.of())
          .forEach(
              (path, line) ->
                  out.add(lower.substring(base.toString().length()) + "/" + path + line));
    }
    return out;
  }

  private String upperOptions(boolean first) {
    Path own = base.resolve(first ? "1" : "2");
    String below = String.join(":", lowers) + (dataOnly.isEmpty() ? "" : "::" + dataOnly.get(0));
    return "lowerdir=%s,upperdir=%s/upper,workdir=%s/work".formatted(below, own, own);
  }

  Path base() {
    return base;
  }

  String mountPoint(String engine) {
    return base.resolve(engine).toString();
  }

  private void mount() throws IOException, ErrnoException {
    String ofKernel = upperOptions(!swapped) + "," + setting.options().ofKernel();
    ErrnoException.check(
        MountSyscalls.mount(
            Bytes.of("overlay"),
            Bytes.of(mountPoint("kernel")),
            Bytes.of("overlay"),
            0,
            Bytes.of(ofKernel)));
    kernel = new Side(mountPoint("kernel"));
    process.mount(upperOptions(swapped) + "," + setting.options().ofPlyfs(), mountPoint("plyfs"));
    plyfs = new Side(mountPoint("plyfs"));
  }

  private void unmount() throws IOException, ErrnoException {
    if (kernel != null) {
      kernel.close();
      kernel = null;
      ErrnoException.check(MountSyscalls.umount(Bytes.of(mountPoint("kernel")), 0));
    }
    if (plyfs != null) {
      plyfs.close();
      plyfs = null;
      process.unmount(mountPoint("plyfs"));
    }
  }

  /**
   * Mounts both again.
   *
   * @param swap whether each engine gets the upper directory of the other one
   * @return what is different afterwards from what Plyfs showed before, the times of this run
   *     included; empty if nothing
   */
  List<String> remount(boolean swap) throws IOException, ErrnoException {
    SortedMap<String, String> shown = exactTree("plyfs");
    unmount();
    swapped ^= swap;
    mount();
    return TreeSnapshot.diff(shown, exactTree(swap ? "kernel" : "plyfs"));
  }

  /**
   * Mounts both again over the upper directory that one of them has written, each with an empty
   * one.
   */
  void stack(boolean thatOfKernel) throws IOException, ErrnoException {
    unmount();
    Path layer = base.resolve("lower" + (lowers.size() + 1));
    Files.move(base.resolve(thatOfKernel ^ swapped ? "1" : "2").resolve("upper"), layer);
    lowers.add(0, layer.toString());
    for (String used : List.of("1", "2")) {
      UnionMounter.run(List.of("rm", "-rf", "--one-file-system", base.resolve(used).toString()));
    }
    makeUppers();
    lowersAtStart = lowerTrees();
    mount();
  }

  /** Does it to both; null if the same came of it. */
  @Nullable String apply(Op op) throws IOException {
    if (kernel == null || plyfs == null) {
      throw new IllegalStateException("not mounted");
    }
    Outcome expected = kernel.apply(op);
    Outcome actual = plyfs.apply(op);
    statistics.add(op, expected);
    return expected.equals(actual)
            || isRenameToItself(op, expected, actual)
            || isAbsentAcl(op, expected, actual)
        ? null
        : "kernel: " + expected.text() + "\n  plyfs:  " + actual.text();
  }

  /**
   * Two names of one file, moved or exchanged: POSIX says that nothing happens. The kernel gives
   * ESTALE for two names of what was one of several links of a lower file, or of a socket with
   * {@code userxattr}, Plyfs does not: SEMANTICS 4.61.
   */
  private boolean isRenameToItself(Op op, Outcome expected, Outcome actual) {
    DiskTree at = new DiskTree(mountPoint("plyfs"));
    try {
      return (op.kind() == Op.Kind.RENAME_FILE || op.kind() == Op.Kind.EXCHANGE)
          && expected.text().equals("ESTALE")
          && actual.sort() == Outcome.Sort.DONE
          && at.stat(op.path()).ino() == at.stat(op.other()).ino();
    } catch (ErrnoException e) {
      return false;
    }
  }

  /**
   * Removal of an ACL that is not there: ENODATA of a lower object, while the file system of an
   * upper one may call it a success. With an index Plyfs links more names at a time, for which it
   * copies their directories up: docs/decisions/index-and-inode-numbers.md.
   */
  private boolean isAbsentAcl(Op op, Outcome expected, Outcome actual) {
    return op.kind() == Op.Kind.REMOVE_ACL
        && setting.options().has("index=on")
        && Set.of(expected.text(), actual.text()).equals(Set.of("ENODATA", NameOps.OK));
  }

  /** The tree that an engine shows. */
  SortedMap<String, String> tree(String engine) throws ErrnoException {
    SortedMap<String, String> tree = exactTree(engine);
    tree.replaceAll((path, line) -> withoutNow(line));
    return tree;
  }

  private SortedMap<String, String> exactTree(String engine) throws ErrnoException {
    return TreeSnapshot.of(Bytes.of(mountPoint(engine)), Set.of(), List.of());
  }

  private static String withoutNow(String line) {
    Matcher time = TIME.matcher(line);
    return time.find() && Long.parseLong(time.group(1)) > NOW
        ? time.replaceFirst(" mtime=now")
        : line;
  }

  /** What is different between the trees; empty if nothing. */
  List<String> compare() throws ErrnoException {
    SortedMap<String, String> ofKernel = tree("kernel");
    SortedMap<String, String> ofPlyfs = tree("plyfs");
    if (setting.options().has("metacopy=on") || setting.options().has("writeback=1")) {
      ofPlyfs.replaceAll((path, line) -> orWithTime(line, ofKernel.get(path)));
    }
    return TreeSnapshot.diff(ofKernel, ofPlyfs);
  }

  /**
   * With the data of a metacopy file the kernel moves the modification time, though nobody has
   * written; Plyfs puts it back: SEMANTICS 4.47. After a swap it is the other way round.
   *
   * <p>With {@code writeback=1} the kernel decides by itself what moves the time of a file on FUSE:
   * fallocate(2) does, which it does not on tmpfs, and truncate(2) to the size that the file has
   * does not.
   *
   * @return {@code expected} if nothing but that is different
   */
  private static String orWithTime(String line, @Nullable String expected) {
    boolean sameButForTime =
        expected != null
            && line.startsWith(" file ")
            && line.contains(" mtime=now") != expected.contains(" mtime=now")
            && withoutTime(line).equals(withoutTime(expected));
    return sameButForTime && expected != null ? expected : line;
  }

  private static String withoutTime(String line) {
    return line.replaceFirst(" mtime=\\S+", "");
  }

  /** What has changed in the lower layers; empty if nothing. */
  List<String> lowerChanges() throws ErrnoException {
    return TreeSnapshot.diff(lowersAtStart, lowerTrees());
  }

  @Override
  public void close() throws IOException, ErrnoException {
    try {
      unmount();
    } catch (IOException | ErrnoException e) {
      for (String engine : List.of("kernel", "plyfs")) {
        new ProcessBuilder("umount", "-l", mountPoint(engine)).start().onExit().join();
      }
      throw e;
    } finally {
      UnionMounter.run(List.of("rm", "-rf", "--one-file-system", base.toString()));
    }
  }
}
