package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import plyfs.contract.LayerTree;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.trace.Event;
import plyfs.trace.EventKind;
import plyfs.trace.EventLog;
import plyfs.trace.EventReader;
import plyfs.union.api.AttributeChange;
import plyfs.union.api.Forecast;
import plyfs.union.api.UnionOptions;
import plyfs.union.inspect.Inspection;

/**
 * Over random layers, what is told beforehand of any change of any path is what the engine then
 * tells of while it makes the change: the same error, the same steps in the same order, the same
 * bytes. Each change is made in a fresh copy of the layers.
 */
class ForecastsComeTrueTest extends UnionCase {
  private static final int SEEDS = Integer.getInteger("plyfs.forecast.seeds", 2);
  private static final int MOST_HISTORY = 6;
  private static final String[] NAMES = {"a", "b", "f"};

  /** Near seeds make near numbers. */
  private static final long SPREAD = 0x9E3779B97F4A7C15L;

  private static final int LONGEST_COMPARED = 200;

  /** Two of them are more than a redirect mark may hold. */
  private static final String[] LONG_NAMES = {"a", "b", "f" + "o".repeat(140)};

  @TempDir private Path directory;
  private EventLog log;
  private EventReader reader;
  private int steps;

  @Override
  boolean onHost() {
    return false;
  }

  @BeforeEach
  void open() throws Exception {
    Path file = directory.resolve("events");
    log = EventLog.create(file);
    reader = EventReader.open(file);
  }

  @AfterEach
  void closeReader() throws Exception {
    reader.close();
  }

  /** Options that a forecast depends on. */
  private record Variant(boolean metacopy, boolean index, boolean redirects) {
    void set(UnionFixture fixture) {
      fixture.options = UnionOptions.DEFAULT.withMetacopy(metacopy).withRedirects(redirects, true);
      fixture.index = index;
    }
  }

  private enum Op {
    WRITE,
    CHANGE,
    DELETE,
    RENAME;

    Forecast forecast(Inspection inspection, long parent, Name name, long node)
        throws ErrnoException {
      return switch (this) {
        case WRITE -> inspection.write(node);
        case CHANGE -> inspection.changeAttributes(node);
        case DELETE -> inspection.delete(parent, name);
        case RENAME -> inspection.rename(parent, name);
      };
    }

    void make(UnionPaths union, String path, int type) throws ErrnoException {
      switch (this) {
        case WRITE -> union.write(path, 0, "x");
        case CHANGE -> union.change(path, new AttributeChange().mtime(5, 0));
        case DELETE -> {
          if (type == Linux.S_IFDIR) {
            union.rmdir(path);
          } else {
            union.unlink(path);
          }
        }
        case RENAME -> union.rename(path, path + ".new", 0);
      }
    }
  }

  /** How layers are made; the same each time. */
  private static final class Recipe {
    private final Random random;
    private final String[] names;
    private final Variant variant;
    private final List<List<String>> layers = new ArrayList<>();
    private final List<String> history = new ArrayList<>();
    private final List<String> held = new ArrayList<>();

    Recipe(Variant variant, long seed) {
      this.variant = variant;
      this.random = new Random(seed * SPREAD);
      this.names = seed % 3 == 2 ? LONG_NAMES : NAMES;
      for (int i = 0; i < 2; i++) {
        List<String> lines = new ArrayList<>();
        tree("", 0, lines);
        links(lines);
        layers.add(lines);
      }
    }

    /** Chooses what has become of the paths that there are. */
    void live(List<String> paths) {
      String[] ops = {
        "write", "chmod", "chmod", "delete", "rename", "rename", "mkdir", "create", "link", "link"
      };
      for (int i = random.nextInt(MOST_HISTORY + 1); i > 0; i--) {
        String path = any(paths);
        String other = any(paths).replaceFirst("[^/]*$", random.nextBoolean() ? "new" : "b");
        history.add(ops[random.nextInt(ops.length)] + " " + path + " " + other);
      }
    }

    /** Chooses which of the paths that there are stay known to the caller. */
    void hold(List<String> paths) {
      for (int i = random.nextInt(5); i > 0; i--) {
        held.add(any(paths));
      }
    }

    private String any(List<String> paths) {
      return paths.isEmpty() ? "a" : paths.get(random.nextInt(paths.size()));
    }

    private void tree(String prefix, int depth, List<String> lines) {
      for (String name : names) {
        String path = prefix + name;
        int what = random.nextInt(100);
        if (what < 40 && depth < 2) {
          lines.add(path + (random.nextInt(6) == 0 ? "/ opaque" : "/"));
          tree(path + "/", depth + 1, lines);
        } else if (what < 65) {
          lines.add(path + "=" + "content".substring(random.nextInt(8)));
        } else if (what < 70) {
          lines.add(path + " -> a");
        } else if (what < 78) {
          lines.add(path + " !");
        }
      }
    }

    /** Gives files of a layer second and third names, in any directory. */
    private void links(List<String> lines) {
      List<String> files = lines.stream().filter(line -> line.contains("=")).toList();
      List<String> parents = new ArrayList<>(List.of(""));
      for (String line : lines) {
        if (line.endsWith("/")) {
          parents.add(line);
        }
      }
      for (int i = 0; i < files.size(); i++) {
        String file = files.get(random.nextInt(files.size())).replaceFirst("=.*", "");
        lines.add("hard " + file + " " + parents.get(random.nextInt(parents.size())) + "link" + i);
      }
    }

    /** Makes the layers, and the history of the upper one. */
    void build(UnionFixture fixture) throws Exception {
      for (int i = 0; i < layers.size(); i++) {
        List<String> lines = layers.get(i);
        fixture.onLayer(
            i + 1,
            layer -> {
              for (String line : lines) {
                if (line.startsWith("hard ")) {
                  String[] word = line.split(" ", -1);
                  int slash = word[2].lastIndexOf('/');
                  layer.link(
                      LayerTree.ref(layer, word[1]),
                      slash < 0 ? layer.root() : LayerTree.ref(layer, word[2].substring(0, slash)),
                      LayerTree.name(word[2].substring(slash + 1)));
                } else {
                  LayerTree.make(layer, line);
                }
              }
            });
      }
      variant.set(fixture);
      UnionPaths union = fixture.mount();
      for (String line : history) {
        String[] word = line.split(" ", -1);
        errno(() -> change(union, word[0], word[1], word[2])); // it may fail
      }
      fixture.unmount();
    }

    private static void change(UnionPaths union, String op, String path, String other)
        throws ErrnoException {
      switch (op) {
        case "write" -> union.write(path, 0, "new");
        case "chmod" -> union.chmod(path, 0600);
        case "delete" -> {
          if (union.stat(path).isDirectory()) {
            union.rmdir(path);
          } else {
            union.unlink(path);
          }
        }
        case "rename" -> union.rename(path, other, 0);
        case "mkdir" -> union.mkdir(other, 0755);
        case "create" -> union.create(other, "made");
        default -> union.link(path, other);
      }
    }

    @Override
    public String toString() {
      return variant + " layers " + layers + " history " + history + " held " + held;
    }
  }

  static Stream<Variant> variants() {
    return Stream.of(false, true)
        .flatMap(
            metacopy ->
                Stream.of(false, true)
                    .flatMap(
                        index ->
                            Stream.of(true, false)
                                .map(redirects -> new Variant(metacopy, index, redirects))));
  }

  @ParameterizedTest
  @MethodSource("variants")
  void everyForecast_comesTrue(Variant variant) throws Exception {
    int compared = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      Recipe recipe = new Recipe(variant, seed);
      recipe.live(paths(recipe));
      List<String> paths = paths(recipe);
      recipe.hold(paths);
      for (String path : paths) {
        for (Op op : Op.values()) {
          try (UnionFixture fixture = layers(2)) {
            recipe.build(fixture);
            compare(fixture, recipe.held, op, path, "seed " + seed + ": " + recipe);
            compared++;
          }
        }
      }
    }
    assertThat(compared).isGreaterThan(SEEDS * Op.values().length);
    assertThat(steps).isGreaterThan(compared);
  }

  private UnionFixture withTwoLinks(String first, String directory, String second)
      throws Exception {
    UnionFixture fixture = layers(2);
    fixture.onLayer(
        1,
        layer -> {
          LayerTree.make(layer, directory + "/", first + "=content");
          layer.link(
              LayerTree.ref(layer, first), LayerTree.ref(layer, directory), LayerTree.name(second));
        });
    return fixture;
  }

  @Test
  void copyUpOfALinkedFile_isForecastToLinkEveryNameThatIsKnown() throws Exception {
    for (Op op : Op.values()) {
      UnionFixture fixture = withTwoLinks("a", "d", "b");
      fixture.index = true;
      compare(fixture, List.of("d/b"), op, "a", "two links");
      assertThat(steps).isGreaterThan(3);
      steps = 0;
    }
  }

  @Test
  void renameOfAFileWhoseMarkWouldBeTooLong_isForecastToCopyItsData() throws Exception {
    String name = LONG_NAMES[2];
    String path = name + "/" + name;
    UnionFixture fixture = withTwoLinks(path, "d", "b");
    fixture.options = UnionOptions.DEFAULT.withMetacopy(true);
    compare(fixture, List.of(), Op.RENAME, path, "of a lower file");
    assertThat(steps).isEqualTo(5); // two copies, the data, a whiteout, the move
    compare(fixture, List.of(), Op.CHANGE, "d/b", "of the other name");
  }

  private List<String> paths(Recipe recipe) throws Exception {
    List<String> paths = new ArrayList<>();
    try (UnionFixture fixture = layers(2)) {
      recipe.build(fixture);
      walk(fixture.mount(), "", paths);
    }
    return paths;
  }

  private static void walk(UnionPaths union, String directory, List<String> paths)
      throws ErrnoException {
    for (String name : union.names(directory)) {
      String path = directory.isEmpty() ? name : directory + "/" + name;
      paths.add(path);
      if (union.stat(path).isDirectory()) {
        walk(union, path, paths);
      }
    }
  }

  /**
   * Compares one forecast with what happens.
   *
   * @param held paths that a caller goes on knowing
   */
  private void compare(
      UnionFixture fixture, List<String> held, Op op, String path, String description)
      throws Exception {
    UnionPaths union = fixture.mount();
    for (String known : held) {
      errno(() -> union.resolve(known)); // and not forgotten
    }
    int type = union.stat(path).type();
    if (op == Op.WRITE && type == Linux.S_IFLNK) {
      return; // is never asked for
    }
    List<String> forecast = forecast(union, op, path);
    fixture.fs().recordTo(log);
    reader.watch();
    String end = errno(() -> op.make(union, path, type));
    List<String> told = told();
    told.add(end);
    steps += told.size() - 1;
    assertThat(forecast).as("%s %s, %s", op, path, description).isEqualTo(told);
  }

  private static List<String> forecast(UnionPaths union, Op op, String path) {
    List<String> steps = new ArrayList<>();
    int slash = path.lastIndexOf('/');
    Name name = Name.of(UnionPaths.bytes(path.substring(slash + 1)));
    String end =
        errno(
            () -> {
              Forecast forecast =
                  union.on(
                      slash < 0 ? "" : path.substring(0, slash),
                      parent ->
                          union.on(
                              path,
                              node -> op.forecast(union.fs().inspection(), parent, name, node)));
              for (Forecast.Step step : forecast.steps()) {
                Forecast.Copy copy = step.copy();
                steps.add(
                    word(step.kind(), step.path())
                        + (copy == null
                            ? ""
                            : " " + copy.dataBytes() + (copy.dataStaysBelow() ? " below" : "")));
              }
              if (forecast.errno() != 0) {
                throw ErrnoException.of(forecast.errno());
              }
            });
    steps.add(end);
    return steps;
  }

  private List<String> told() {
    List<String> steps = new ArrayList<>();
    for (Event event = reader.poll(); event != null; event = reader.poll()) {
      boolean isCopy = event.kind() == EventKind.COPY_UP || event.kind() == EventKind.DATA_COPY;
      if (event.kind() != EventKind.LOOKUP) {
        steps.add(
            word(event.kind(), event.path())
                + (isCopy
                    ? " " + event.bytes() + (event.has(EventLog.WITHOUT_DATA) ? " below" : "")
                    : "")
                + (event.has(EventLog.FAILED) && isCopy ? " failed" : ""));
      }
    }
    return steps;
  }

  /** A record has no room for a long path: of that, its last name is compared. */
  private static String word(EventKind kind, byte[] path) {
    String shown = Name.printable(path);
    if (path.length > LONGEST_COMPARED) {
      shown = shown.substring(shown.lastIndexOf('/'));
    }
    return kind.word() + " " + shown;
  }
}
