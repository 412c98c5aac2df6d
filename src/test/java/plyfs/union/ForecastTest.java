package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.trace.CopyUpTimes;
import plyfs.trace.Event;
import plyfs.trace.EventKind;
import plyfs.trace.EventLog;
import plyfs.trace.EventReader;
import plyfs.union.api.Forecast;
import plyfs.union.api.UnionOptions;
import plyfs.union.inspect.Inspection;

/** What is told beforehand is compared with what the change then leaves in the upper layer. */
class ForecastTest extends UnionCase {
  private interface Change {
    void make(UnionPaths union) throws ErrnoException;
  }

  private interface Ask {
    Forecast of(Inspection inspection, long parent, Name name, long node) throws ErrnoException;
  }

  private static final Ask WRITE = (inspection, parent, name, node) -> inspection.write(node);
  private static final Ask CHMOD =
      (inspection, parent, name, node) -> inspection.changeAttributes(node);
  private static final Ask DELETE =
      (inspection, parent, name, node) -> inspection.delete(parent, name);
  private static final Ask RENAME =
      (inspection, parent, name, node) -> inspection.rename(parent, name);

  private static Forecast ask(UnionFixture fixture, UnionPaths union, Ask ask, String path)
      throws ErrnoException {
    int slash = path.lastIndexOf('/');
    Name name = Name.of(path.substring(slash + 1));
    return union.on(
        slash < 0 ? "" : path.substring(0, slash),
        parent -> union.on(path, node -> ask.of(fixture.fs().inspection(), parent, name, node)));
  }

  private static Forecast.Copy copy(Forecast forecast, int step) {
    return Objects.requireNonNull(forecast.steps().get(step).copy());
  }

  private static List<String> words(Forecast forecast) {
    List<String> words = new ArrayList<>();
    for (Forecast.Step step : forecast.steps()) {
      words.add(step.kind().word() + " " + Name.printable(step.path()));
    }
    return words;
  }

  /** Paths in the upper layer, whiteouts with a mark of exclamation. */
  private static SortedSet<String> upper(UnionFixture fixture) throws Exception {
    SortedSet<String> paths = new TreeSet<>();
    for (String line : fixture.raw(0)) {
      paths.add("/" + line.replaceFirst("(/$|=.*| -> .*)", ""));
    }
    return paths;
  }

  /** What the engine told while it made the change is what was told beforehand. */
  private static void assertTold(Forecast forecast, EventReader reader) {
    List<String> told = new ArrayList<>();
    int at = 0;
    for (Event event = reader.poll(); event != null; event = reader.poll()) {
      if (event.kind() == EventKind.LOOKUP) {
        continue;
      }
      told.add(event.kind().word() + " " + Name.printable(event.path()));
      Forecast.Copy copy = forecast.steps().get(at++).copy();
      if (copy != null) {
        assertThat(event.has(EventLog.WITHOUT_DATA)).isEqualTo(copy.dataStaysBelow());
        if (event.method() != CopyUpTimes.Method.REFLINK) {
          assertThat(event.bytes()).isEqualTo(copy.dataBytes());
        }
      }
    }
    assertThat(told).isEqualTo(words(forecast));
  }

  /** Asks, makes the change, and compares what became of the upper layer. */
  private static Forecast forecastComesTrue(
      UnionFixture fixture, Ask ask, String path, Change change) throws Exception {
    SortedSet<String> expected = upper(fixture);
    UnionPaths union = fixture.mount();
    Forecast forecast = ask(fixture, union, ask, path);
    for (Forecast.Step step : forecast.steps()) {
      String at = Name.printable(step.path());
      switch (step.kind()) {
        case COPY_UP, LINK_UP -> expected.add(at);
        case WHITEOUT_MADE -> {
          expected.removeIf(there -> there.equals(at) || there.startsWith(at + "/"));
          expected.add(at + " !");
        }
        case REMOVED -> expected.remove(at);
        case RENAMED -> {
          expected.remove(at);
          expected.add(at + ".new");
        }
        case DATA_COPY, OPAQUE_SET, REDIRECT_SET -> {}
        default -> throw new AssertionError("not expected of a change: " + step);
      }
    }
    Path directory = Files.createTempDirectory("plyfs-forecast");
    Path file = directory.resolve("events");
    EventLog log = EventLog.create(file);
    fixture.fs().recordTo(log);
    try (EventReader reader = EventReader.open(file)) {
      reader.watch();
      assertThat(errno(() -> change.make(union)))
          .isEqualTo(forecast.errno() == 0 ? "ok" : Errno.name(forecast.errno()));
      assertTold(forecast, reader);
    } finally {
      Files.delete(file);
      Files.delete(directory);
    }
    fixture.unmount();
    assertThat(upper(fixture)).isEqualTo(expected);
    return forecast;
  }

  @Test
  void writeOfALowerFile_copiesDirectoriesAndData() throws Exception {
    UnionFixture fixture = over("a/b/f=content");
    Forecast told =
        forecastComesTrue(fixture, WRITE, "a/b/f", union -> union.write("a/b/f", 0, "x"));
    assertThat(words(told)).containsExactly("copy-up /a", "copy-up /a/b", "copy-up /a/b/f");
    assertThat(told.steps().get(2).copy())
        .isEqualTo(new Forecast.Copy(Linux.S_IFREG, 7, 7, 1, 0, false, 0, false, true));
  }

  @Test
  void chmodWithMetacopy_leavesTheData_andAWriteBringsIt() throws Exception {
    UnionFixture fixture = over("f=content");
    fixture.options = UnionOptions.DEFAULT.withMetacopy(true);
    Forecast told = forecastComesTrue(fixture, CHMOD, "f", union -> union.chmod("f", 0600));
    assertThat(told.steps().get(0).copy())
        .isEqualTo(new Forecast.Copy(Linux.S_IFREG, 7, 0, 0, 0, true, 0, false, true));
    Forecast then = forecastComesTrue(fixture, WRITE, "f", union -> union.write("f", 0, "x"));
    assertThat(words(then)).containsExactly("data-copy /f");
    assertThat(forecastComesTrue(fixture, WRITE, "f", union -> union.write("f", 0, "y")).steps())
        .isEmpty();
  }

  @Test
  void deleteOfALowerFile_isAWhiteout_andCopiesNothingButDirectories() throws Exception {
    UnionFixture fixture = over("d/f=content", "d/g=1");
    Forecast told = forecastComesTrue(fixture, DELETE, "d/f", union -> union.unlink("d/f"));
    assertThat(words(told)).containsExactly("copy-up /d", "whiteout-made /d/f");
  }

  @Test
  void deleteOfAnUpperFile_removesIt_orLeavesAWhiteoutOverALowerOne() throws Exception {
    UnionFixture fixture = over("both=1");
    fixture.upper("both=2", "mine=3", "dir/");
    assertThat(words(forecastComesTrue(fixture, DELETE, "both", union -> union.unlink("both"))))
        .containsExactly("whiteout-made /both");
    assertThat(words(forecastComesTrue(fixture, DELETE, "mine", union -> union.unlink("mine"))))
        .containsExactly("removed /mine");
    assertThat(words(forecastComesTrue(fixture, DELETE, "dir", union -> union.rmdir("dir"))))
        .containsExactly("removed /dir");
  }

  @Test
  void deleteOfADirectoryWithEntries_isRefused() throws Exception {
    UnionFixture fixture = over("d/f=1");
    forecastComesTrue(fixture, DELETE, "d", union -> union.rmdir("d"));
  }

  @Test
  void renameOfFiles() throws Exception {
    UnionFixture fixture = over("d/f=1");
    fixture.upper("mine=2");
    assertThat(
            words(
                forecastComesTrue(
                    fixture, RENAME, "d/f", union -> union.rename("d/f", "d/f.new", 0))))
        .containsExactly("copy-up /d", "copy-up /d/f", "whiteout-made /d/f", "renamed /d/f");
    assertThat(
            words(
                forecastComesTrue(
                    fixture, RENAME, "mine", union -> union.rename("mine", "mine.new", 0))))
        .containsExactly("renamed /mine");
  }

  @Test
  void renameOfALowerDirectory_isARedirect_orRefused() throws Exception {
    UnionFixture fixture = over("d/f=1", "e/f=1");
    Forecast told = forecastComesTrue(fixture, RENAME, "d", union -> union.rename("d", "d.new", 0));
    assertThat(words(told))
        .containsExactly("copy-up /d", "redirect-set /d", "whiteout-made /d", "renamed /d");
    assertThat(fixture.rawXattr(0, "d.new", "trusted.overlay.redirect")).isEqualTo("d");
    fixture.options = UnionOptions.DEFAULT.withRedirects(false, true);
    Forecast refused =
        forecastComesTrue(fixture, RENAME, "e", union -> union.rename("e", "e.new", 0));
    assertThat(refused.errno()).isEqualTo(Errno.EXDEV);
  }

  @Test
  void renameOfAnUpperDirectoryInAMergedOne_makesItOpaque() throws Exception {
    UnionFixture fixture = over("d/low=1");
    fixture.upper("d/mine/");
    Forecast told =
        forecastComesTrue(
            fixture, RENAME, "d/mine", union -> union.rename("d/mine", "d/mine.new", 0));
    assertThat(words(told)).containsExactly("opaque-set /d/mine", "renamed /d/mine");
    assertThat(fixture.rawXattr(0, "d/mine.new", "trusted.overlay.opaque")).isEqualTo("y");
  }

  @Test
  void linksOfALowerFile_areSeparated_orLinkedUpByAnIndex() throws Exception {
    UnionFixture fixture = layers(1);
    fixture.onLayer(
        1,
        layer -> {
          plyfs.contract.LayerTree.make(layer, "a=1", "d/");
          layer.link(
              plyfs.contract.LayerTree.ref(layer, "a"),
              plyfs.contract.LayerTree.ref(layer, "d"),
              Name.of("b"));
        });
    Forecast told = forecastComesTrue(fixture, WRITE, "a", union -> union.write("a", 0, "x"));
    assertThat(copy(told, 0).separatedLinks()).isEqualTo(2);
    fixture.index = true;
    Forecast indexed = forecastComesTrue(fixture, DELETE, "d/b", union -> union.unlink("d/b"));
    assertThat(words(indexed))
        .containsExactly("copy-up /d", "copy-up /d/b", "link-up /d/b", "whiteout-made /d/b");
  }

  @Test
  void holesAreNotCounted() throws Exception {
    UnionFixture fixture = layers(1);
    fixture.onLayer(
        1,
        layer -> {
          plyfs.contract.LayerTree.make(layer, "f=");
          try (plyfs.layer.LayerFile file =
              layer.openWritable(plyfs.contract.LayerTree.ref(layer, "f"))) {
            file.truncate(1 << 20);
          }
        });
    Forecast told = forecastComesTrue(fixture, WRITE, "f", union -> union.write("f", 0, "x"));
    Forecast.Copy copy = copy(told, 0);
    assertThat(copy.size()).isEqualTo(1 << 20);
    assertThat(copy.dataBytes()).isZero();
  }
}
