package plyfs.explore;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import plyfs.sys.Name;

/** A {@link LayerTree} for people, as lines. */
public final class LayerTreeText {
  private static final int OFFENDERS = 10;
  private static final int ALL = Integer.MAX_VALUE;
  private static final int ENTRIES = 12;

  private final LayerTree tree;
  private final int onlyLayer;
  private final int depth;

  /** How many entries of a directory are shown. */
  private final int entries;

  private final List<String> lines = new ArrayList<>();

  private LayerTreeText(LayerTree tree, int onlyLayer, int depth) {
    this.tree = tree;
    this.onlyLayer = onlyLayer;
    this.depth = depth < 0 ? ALL : depth;
    this.entries = onlyLayer < 0 ? ENTRIES : ALL;
  }

  /**
   * The lines of a tree.
   *
   * @param layer the only layer to show, with all entries of its directories; -1 for all layers,
   *     with the largest entries
   * @param depth how many names of a path are shown, with the sums of what lies below; -1 for all
   */
  public static List<String> of(LayerTree tree, int layer, int depth) {
    LayerTreeText text = new LayerTreeText(tree, layer, depth);
    text.layers();
    text.waste();
    return text.lines;
  }

  /** The last line, by itself. */
  public static String summary(LayerTree tree) {
    return String.format(
        Locale.ROOT,
        "%s in %s, %s wasted: efficiency %.1f%%",
        Sizes.of(tree.bytes()),
        ForecastText.count(tree.layers().size(), "layer"),
        Sizes.of(tree.wastedBytes()),
        Math.floor(1000 * tree.efficiency()) / 10);
  }

  private void layers() {
    for (LayerTree.OneLayer layer : tree.layers()) {
      if (onlyLayer >= 0 && layer.number() != onlyLayer) {
        continue;
      }
      String name = layer.number() == 0 ? "upper" : "layer " + layer.number();
      String label = tree.explored().label(layer.number());
      String which = label == null ? Name.printable(tree.explored().path(layer.number())) : label;
      lines.add(
          String.format(
              Locale.ROOT,
              "%s  %s  %s: %d added, %d changed, %d deleted",
              name,
              which,
              Sizes.of(layer.bytes()),
              layer.count(UpperDiff.Kind.ADDED),
              layer.count(UpperDiff.Kind.CHANGED),
              layer.count(UpperDiff.Kind.DELETED)));
      changes(layer);
      lines.add("");
    }
  }

  /** A line of the tree: a change, and the sums of those below that are not shown. */
  private static final class Row {
    private final char letter;
    private boolean isDirectory;
    private long bytes;
    private int below;

    Row(char letter, boolean isDirectory) {
      this.letter = letter;
      this.isDirectory = isDirectory;
    }
  }

  private void changes(LayerTree.OneLayer layer) {
    Map<String, Row> rows = new TreeMap<>();
    for (LayerTree.Change change : layer.changes()) {
      String shown = cut(change.path());
      Row row = rows.get(shown);
      if (row == null) {
        boolean isCut = shown.length() < change.path().length();
        row = new Row(isCut ? 'C' : change.kind().letter(), isCut || change.isDirectory());
        rows.put(shown, row);
      }
      if (shown.length() < change.path().length()) {
        row.below++;
        row.isDirectory = true;
      }
      for (String at = parent(shown); !at.isEmpty(); at = parent(at)) {
        rows.putIfAbsent(at, new Row('C', true)); // of a copy that is no change
      }
      if (change.kind() != UpperDiff.Kind.DELETED || shown.equals(change.path())) {
        addUp(rows, shown, change.bytes(), change.kind());
      }
    }
    Map<String, List<String>> children = new TreeMap<>();
    for (String path : rows.keySet()) {
      children.computeIfAbsent(parent(path), key -> new ArrayList<>()).add(path);
    }
    rows("", rows, children);
  }

  private static String parent(String path) {
    return path.substring(0, path.lastIndexOf('/'));
  }

  /** Prints what is below a directory: the largest of it, if it is too much. */
  private void rows(String directory, Map<String, Row> rows, Map<String, List<String>> children) {
    List<String> all = children.getOrDefault(directory, List.of());
    Comparator<String> bySize = Comparator.comparingLong(path -> -rowOf(path, rows).bytes);
    List<String> largest = all.stream().sorted(bySize).limit(entries).sorted().toList();
    for (String path : largest) {
      row(path, rowOf(path, rows));
      rows(path, rows, children);
    }
    if (all.size() > largest.size()) {
      lines.add(
          "               "
              + printable(directory)
              + "/... "
              + (all.size() - largest.size())
              + " more");
    }
  }

  private static Row rowOf(String path, Map<String, Row> rows) {
    return Objects.requireNonNull(rows.get(path));
  }

  /** Counts bytes in a row and, unless they are gone, in those of the directories above. */
  private static void addUp(Map<String, Row> rows, String path, long bytes, UpperDiff.Kind kind) {
    for (String at = path; !at.isEmpty(); at = at.substring(0, at.lastIndexOf('/'))) {
      Row row = rows.get(at);
      if (row != null) {
        row.bytes += bytes;
      }
      if (kind == UpperDiff.Kind.DELETED) {
        return;
      }
    }
  }

  private String cut(String path) {
    int slash = 0;
    for (int names = 0; names < depth; names++) {
      slash = path.indexOf('/', slash + 1);
      if (slash < 0) {
        return path;
      }
    }
    return slash == 0 ? "/" : path.substring(0, slash);
  }

  private void row(String path, Row row) {
    String size = row.bytes == 0 ? "" : (row.letter == 'D' ? "-" : "") + Sizes.of(row.bytes);
    String more = row.below == 0 ? "" : "  (" + row.below + " more below)";
    String slash = row.isDirectory && !path.equals("/") ? "/" : "";
    lines.add(
        String.format(Locale.ROOT, "  %c %9s  %s", row.letter, size, printable(path) + slash + more)
            .stripTrailing());
  }

  private void waste() {
    if (!tree.wasted().isEmpty()) {
      int count = tree.wasted().size();
      lines.add(
          count <= OFFENDERS
              ? "Stored, and seen by nobody:"
              : "Stored, and seen by nobody, the largest "
                  + OFFENDERS
                  + " of "
                  + count
                  + " files:");
      for (LayerTree.Wasted each : tree.wasted().subList(0, Math.min(OFFENDERS, count))) {
        lines.add(
            String.format(
                Locale.ROOT,
                "  %9s  %s: %s",
                Sizes.of(each.bytes()),
                printable(each.path()),
                why(each)));
      }
      lines.add("");
    }
    lines.add(summary(tree));
  }

  private static String why(LayerTree.Wasted each) {
    String from = "in " + ExploredLayers.name(each.addedIn());
    Integer by = each.hiddenBy();
    if (by == null) {
      return from + ", hidden above";
    }
    return from + (each.isDeleted() ? ", deleted in " : ", replaced in ") + ExploredLayers.name(by);
  }

  static String printable(String path) {
    return Name.printable(path.getBytes(ISO_8859_1));
  }
}
