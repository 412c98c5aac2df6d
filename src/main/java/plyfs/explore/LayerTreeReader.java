package plyfs.explore;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import plyfs.layer.Layer;
import plyfs.layer.LayerRef;
import plyfs.layer.LayerStack;
import plyfs.layer.MountPlan;
import plyfs.layer.MountRefusedException;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.union.UnionFs;
import plyfs.union.api.NodeView;
import plyfs.union.inspect.Inspection;

/**
 * Builds a {@link LayerTree}. It compares each layer with the union of the layers below, as {@link
 * UpperDiff} does. A file of a layer is wasted if the union of all layers does not show its inode.
 */
public final class LayerTreeReader {
  private static final int DESCRIPTORS = 512;

  private final ExploredLayers explored;
  private final Progress progress;

  /** Paths of the layers, topmost first. */
  private final ImmutableList<byte[]> paths;

  private final List<LayerFiles> files = new ArrayList<>();
  private final List<ImmutableList<LayerTree.Change>> changes = new ArrayList<>();

  private LayerTreeReader(ExploredLayers explored, Progress progress) {
    this.explored = explored;
    this.progress = progress;
    byte[] upper = explored.plan().upper();
    ImmutableList.Builder<byte[]> all = ImmutableList.builder();
    if (upper != null) {
      all.add(upper);
    }
    this.paths = all.addAll(explored.plan().lowers()).build();
  }

  /**
   * Reads all layers; it neither changes nor locks anything in them.
   *
   * @throws MountRefusedException a layer cannot be opened
   * @throws ErrnoException a layer cannot be read
   */
  public static LayerTree read(ExploredLayers explored, Progress progress)
      throws MountRefusedException, ErrnoException {
    return new LayerTreeReader(explored, progress).read();
  }

  /** Receives the progress. */
  @FunctionalInterface
  public interface Progress {
    /** Ignores the progress. */
    Progress SILENT = (what, objects) -> {};

    /**
     * One more object was read.
     *
     * @param what the current task, such as {@code reading layer 2 of 5}
     * @param objects the number of objects in this task so far
     */
    void reached(String what, long objects);
  }

  private LayerTree read() throws MountRefusedException, ErrnoException {
    MountPlan all = explored.plan().readOnly(paths);
    List<LayerTree.OneLayer> layers = new ArrayList<>();
    // Every layer is opened once: with 500 of them, a stack for each one took nearly all the time.
    try (LayerStack stack = LayerStack.observe(all, DESCRIPTORS)) {
      for (Layer layer : stack.lowers()) {
        String what = "reading " + heading(files.size());
        files.add(
            LayerFiles.read(
                layer, stack.marks(), explored.aufs(), count -> progress.reached(what, count)));
      }
      compare(stack, layers);
    }
    return new LayerTree(explored, ImmutableList.copyOf(layers), wasted(shown(all)));
  }

  /** Compares each layer with the union of those below, which the one before has made. */
  private void compare(LayerStack stack, List<LayerTree.OneLayer> layers)
      throws MountRefusedException, ErrnoException {
    NavigableMap<String, Long> seen = new TreeMap<>();
    UnionFs below = null;
    for (int at = paths.size() - 1; at >= 0; at--) {
      progress.reached("comparing " + heading(at), files.get(at).objects.size());
      UnionFs with = new UnionFs(stack.below(at), UpperDiff.options(stack.marks(), aufs()));
      ImmutableList<LayerTree.Change> told =
          below == null ? base(seen) : changesOf(at, below, with, stack, seen);
      below = with;
      changes.add(0, told);
      layers.add(new LayerTree.OneLayer(index(at), files.get(at).bytes, told));
    }
  }

  private UpperDiff.Aufs aufs() {
    return explored.aufs() ? UpperDiff.Aufs.MARKS : UpperDiff.Aufs.NAMES;
  }

  /** Index of the layer at a position of {@link #paths}. */
  private int index(int at) {
    return explored.hasUpper() ? at : at + 1;
  }

  private String heading(int at) {
    return explored.numbers().heading(index(at)) + " of " + explored.lowers();
  }

  // Changes

  /** All that the lowest layer has. */
  private ImmutableList<LayerTree.Change> base(NavigableMap<String, Long> seen) {
    LayerFiles own = files.get(paths.size() - 1);
    Map<String, LayerTree.Change> told = new TreeMap<>();
    for (String path : own.objects.keySet()) {
      told.put(path, change(UpperDiff.Kind.ADDED, path, own, seen));
    }
    return ImmutableList.copyOf(told.values());
  }

  /**
   * Compares one layer with the layers below.
   *
   * @param seen sizes of the files that the layers below show, by path; updated with this layer
   */
  private ImmutableList<LayerTree.Change> changesOf(
      int at, UnionFs below, UnionFs with, LayerStack stack, NavigableMap<String, Long> seen)
      throws ErrnoException {
    LayerFiles own = files.get(at);
    Map<String, LayerTree.Change> told = new TreeMap<>();
    UpperDiff.compare(
        below,
        with,
        stack.lowers().get(at),
        stack.marks(),
        aufs(),
        (kind, bytes) -> {
          String path = new String(bytes, ISO_8859_1);
          told.put(path, change(kind, path, own, seen));
        });
    // A copy occupies space even if 'diff' would report no change.
    for (LayerFiles.Stored object : own.objects.values()) {
      if (object.bytes() > 0 && !told.containsKey(object.path())) {
        told.put(object.path(), change(UpperDiff.Kind.CHANGED, object.path(), own, seen));
      }
    }
    return ImmutableList.copyOf(told.values());
  }

  private static LayerTree.Change change(
      UpperDiff.Kind kind, String path, LayerFiles own, NavigableMap<String, Long> seen) {
    if (kind == UpperDiff.Kind.DELETED) {
      boolean isDirectory = false;
      long bytes = 0;
      NavigableMap<String, Long> gone = seen.subMap(path, true, path + "0", false);
      for (Map.Entry<String, Long> each : gone.entrySet()) {
        boolean below = each.getKey().startsWith(path + "/");
        isDirectory |= below;
        bytes += below || each.getKey().equals(path) ? each.getValue() : 0;
      }
      gone.keySet().removeIf(each -> each.equals(path) || each.startsWith(path + "/"));
      return new LayerTree.Change(kind, path, isDirectory, bytes);
    }
    LayerFiles.Stored stored = own.objects.get(path);
    long bytes = stored == null ? 0 : stored.bytes();
    boolean isDirectory = stored != null && stored.isDirectory();
    if (!isDirectory || kind == UpperDiff.Kind.ADDED) {
      seen.put(path, bytes);
    }
    return new LayerTree.Change(kind, path, isDirectory, bytes);
  }

  // What the union shows

  private Set<LayerFiles.Inode> shown(MountPlan all) throws MountRefusedException, ErrnoException {
    Set<LayerFiles.Inode> inodes = new HashSet<>();
    try (UnionFs union = explored.open(all)) {
      new Shown(union, inodes, progress).walk(UnionFs.ROOT_ID);
    }
    return inodes;
  }

  /** Collects the inodes whose data the union shows. */
  private static final class Shown {
    private final UnionFs union;
    private final Inspection inspection;
    private final Set<LayerFiles.Inode> inodes;
    private final Progress progress;
    private long looked;

    Shown(UnionFs union, Set<LayerFiles.Inode> inodes, Progress progress) {
      this.progress = progress;
      this.union = union;
      this.inspection = union.inspection();
      this.inodes = inodes;
    }

    void walk(long directory) throws ErrnoException {
      List<Name> names = new ArrayList<>();
      UnionListing.addNames(union, directory, names);
      NodeView view = new NodeView();
      Stat scratch = new Stat();
      for (Name name : names) {
        progress.reached("looking at what is shown", ++looked);
        union.lookup(directory, name, view);
        long node = view.nodeId();
        if (node == 0) {
          continue;
        }
        try {
          Stat stat = view.stat();
          if (stat.isDirectory()) {
            walk(node);
          } else if (stat.isRegular()) {
            LayerRef data = inspection.sources(node).data();
            Stat of = data != null && Inspection.stat(data, scratch) ? scratch : stat;
            inodes.add(new LayerFiles.Inode(of.dev(), of.ino()));
          }
        } finally {
          union.forget(node, 1);
        }
      }
    }
  }

  private ImmutableList<LayerTree.Wasted> wasted(Set<LayerFiles.Inode> shown) {
    List<Set<String>> deletions = new ArrayList<>();
    changes.forEach(each -> deletions.add(deletions(each)));
    List<LayerTree.Wasted> wasted = new ArrayList<>();
    for (int at = 0; at < files.size(); at++) {
      for (Map.Entry<LayerFiles.Inode, LayerFiles.Stored> each : files.get(at).inodes.entrySet()) {
        if (!shown.contains(each.getKey())) {
          wasted.add(waste(at, each.getValue(), deletions));
        }
      }
    }
    wasted.sort(
        Comparator.comparingLong(LayerTree.Wasted::bytes)
            .reversed()
            .thenComparing(LayerTree.Wasted::path));
    return ImmutableList.copyOf(wasted);
  }

  private static Set<String> deletions(List<LayerTree.Change> of) {
    Set<String> paths = new HashSet<>();
    for (LayerTree.Change change : of) {
      if (change.kind() == UpperDiff.Kind.DELETED) {
        paths.add(change.path());
      }
    }
    return paths;
  }

  /**
   * Finds the layer that hides a file: the next layer above that has its path, or that deletes it.
   */
  private LayerTree.Wasted waste(
      int at, LayerFiles.Stored file, List<Set<String>> deletionsOfLayers) {
    String path = file.path();
    for (int above = at - 1; above >= 0; above--) {
      boolean isDeleted = isCovered(path, deletionsOfLayers.get(above));
      if (isDeleted || files.get(above).objects.containsKey(path)) {
        return new LayerTree.Wasted(path, file.bytes(), index(at), index(above), isDeleted);
      }
    }
    return new LayerTree.Wasted(path, file.bytes(), index(at), null, false);
  }

  /** Whether the set contains a path or one of its parent directories. */
  private static boolean isCovered(String path, Set<String> paths) {
    for (String at = path; !at.isEmpty(); at = at.substring(0, at.lastIndexOf('/'))) {
      if (paths.contains(at)) {
        return true;
      }
    }
    return false;
  }
}
