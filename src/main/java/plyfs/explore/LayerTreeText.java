package plyfs.explore;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import plyfs.sys.Name;

/** Writes a {@link LayerTree} as lines for a person. */
public final class LayerTreeText {
  private static final int OFFENDERS = 10;
  private static final int ALL = Integer.MAX_VALUE;
  private static final int ENTRIES = 12;
  private static final int COMMAND_COLUMNS = 76;

  private final LayerTree tree;
  private final int onlyLayer;
  private final int depth;

  /** Number of entries of a directory to show. */
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
   * @param layer number of the only layer to show, with all entries of its directories; -1 for all
   *     layers, with the largest entries
   * @param depth how many components of a path to show, with the sums of everything below; -1 for
   *     all
   */
  public static List<String> of(LayerTree tree, int layer, int depth) {
    LayerTreeText text = new LayerTreeText(tree, layer, depth);
    text.layers();
    text.waste();
    return text.lines;
  }

  /** The last line alone. */
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
      if (onlyLayer < 0 || tree.number(layer) == onlyLayer) {
        heading(layer);
        changes(layer);
        lines.add("");
      }
    }
  }

  private void heading(LayerTree.OneLayer layer) {
    ExploredLayers explored = tree.explored();
    LayerOrigin origin = explored.origin(layer.index());
    long deleted = layer.deletedBytes();
    lines.add(
        String.format(
            Locale.ROOT,
            "%s  %s  %s: %d added, %d changed, %d deleted%s",
            explored.numbers().heading(layer.index()),
            origin == null ? Name.printable(explored.path(layer.index())) : origin.id(),
            Sizes.of(layer.bytes()),
            layer.count(UpperDiff.Kind.ADDED),
            layer.count(UpperDiff.Kind.CHANGED),
            layer.count(UpperDiff.Kind.DELETED),
            deleted == 0 ? "" : " (-" + Sizes.of(deleted) + ")"));
    String command = origin == null ? "" : Name.printable(origin.command().getBytes(UTF_8));
    if (!command.isEmpty()) {
      lines.add("  " + (onlyLayer < 0 ? shortened(command) : command));
    }
  }

  private static String shortened(String command) {
    return command.length() <= COMMAND_COLUMNS
        ? command
        : command.substring(0, COMMAND_COLUMNS - 3) + "...";
  }

  /** A line of the tree: a change, and the sums of the changes below that are not shown. */
  private static final class Row {
    private final char letter;
    private boolean isDirectory;

    /** Bytes in the layer. */
    private long held;

    /** Bytes of lower layers that it deletes. */
    private long deleted;

    private int below;
    private int deletedBelow;

    Row(char letter, boolean isDirectory) {
      this.letter = letter;
      this.isDirectory = isDirectory;
    }

    long weight() {
      return Math.max(held, deleted);
    }

    void add(LayerTree.Change change) {
      if (change.kind() == UpperDiff.Kind.DELETED) {
        deleted += change.bytes();
      } else {
        held += change.bytes();
      }
    }

    void addBelow(LayerTree.Change change) {
      below++;
      deletedBelow += change.kind() == UpperDiff.Kind.DELETED ? 1 : 0;
      isDirectory = true;
    }

    /** The size of the content, or of the deletions if there is no content. */
    String size() {
      if (held > 0) {
        return Sizes.of(held);
      }
      return deleted > 0 ? "-" + Sizes.of(deleted) : "";
    }

    /** The changes below that are not shown. */
    String more() {
      if (below == 0) {
        return "";
      }
      String deletions = deletedBelow == 0 ? "" : ", " + deletedBelow + " deleted";
      String bytes = held > 0 && deleted > 0 ? ": -" + Sizes.of(deleted) : "";
      return "  (" + below + " more below" + deletions + bytes + ")";
    }
  }

  private void changes(LayerTree.OneLayer layer) {
    Map<String, Row> rows = new TreeMap<>();
    for (LayerTree.Change change : layer.changes()) {
      String shown = cut(change.path());
      boolean isCut = shown.length() < change.path().length();
      Row row = rows.get(shown);
      if (row == null) {
        row = new Row(isCut ? 'C' : change.kind().letter(), isCut || change.isDirectory());
        rows.put(shown, row);
      }
      if (isCut) {
        row.addBelow(change);
      }
      row.add(change);
      for (String at = parent(shown); !at.isEmpty(); at = parent(at)) {
        rows.computeIfAbsent(at, path -> new Row('C', true)).add(change); // copied only
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

  /** Adds the lines for the entries of a directory; if there are many, only the largest. */
  private void rows(String directory, Map<String, Row> rows, Map<String, List<String>> children) {
    List<String> all = children.getOrDefault(directory, List.of());
    Comparator<String> bySize = Comparator.comparingLong(path -> -rowOf(path, rows).weight());
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
    String slash = row.isDirectory && !path.equals("/") ? "/" : "";
    lines.add(
        String.format(
                Locale.ROOT,
                "  %c %9s  %s",
                row.letter,
                row.size(),
                printable(path) + slash + row.more())
            .stripTrailing());
  }

  private void waste() {
    if (!tree.wasted().isEmpty()) {
      int count = tree.wasted().size();
      lines.add(
          count <= OFFENDERS
              ? "Stored, but hidden:"
              : "Stored, but hidden, the largest " + OFFENDERS + " of " + count + " files:");
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

  private String why(LayerTree.Wasted each) {
    LayerNumbers numbers = tree.explored().numbers();
    String from = "in " + numbers.name(each.addedIn());
    Integer by = each.hiddenBy();
    if (by == null) {
      return from + ", hidden above";
    }
    return from + (each.isDeleted() ? ", deleted in " : ", replaced in ") + numbers.name(by);
  }

  static String printable(String path) {
    return Name.printable(path.getBytes(ISO_8859_1));
  }
}
