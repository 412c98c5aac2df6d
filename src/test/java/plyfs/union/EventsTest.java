package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.trace.CopyUpTimes;
import plyfs.trace.Event;
import plyfs.trace.EventKind;
import plyfs.trace.EventLog;
import plyfs.trace.EventReader;
import plyfs.union.api.UnionOptions;

/** What the engine tells those who watch, besides what {@link ForecastTest} compares. */
class EventsTest extends UnionCase {
  @TempDir Path directory;

  private interface Change {
    void make() throws ErrnoException;
  }

  private List<Event> told(UnionFixture fixture, Change change) throws Exception {
    Path file = Files.createTempFile(directory, "events", "");
    Files.delete(file);
    EventLog log = EventLog.create(file);
    fixture.fs().recordTo(log);
    List<Event> events = new ArrayList<>();
    try (EventReader reader = EventReader.open(file)) {
      reader.watch();
      change.make();
      for (Event event = reader.poll(); event != null; event = reader.poll()) {
        events.add(event);
      }
    }
    return events;
  }

  private List<String> changes(UnionFixture fixture, Change change) throws Exception {
    List<String> words = new ArrayList<>();
    for (Event event : told(fixture, change)) {
      if (event.kind() != EventKind.LOOKUP) {
        String other = event.other().length == 0 ? "" : " " + Name.printable(event.other());
        words.add(event.kind().word() + " " + Name.printable(event.path()) + other);
      }
    }
    return words;
  }

  @Test
  void lookup_isTold_onlyIfItFellThrough() throws Exception {
    UnionFixture fixture = layers(2);
    fixture.upper("up=1", "gone !");
    fixture.lower(2, "low=1", "gone=1");
    UnionPaths union = fixture.mount();
    List<Event> events =
        told(
            fixture,
            () -> {
              union.exists("up");
              union.exists("low");
              union.exists("gone");
              union.exists("nowhere");
            });
    assertThat(events).hasSize(3);
    assertThat(events.get(0).layer()).isEqualTo(2);
    assertThat(events.get(0).other()).containsExactly(0, 0, '-', 0, 1, '-', 0, 2, 'f');
    assertThat(events.get(1).other()).containsExactly(0, 0, 'w');
    assertThat(events.get(2).layer()).isEqualTo(-1);
  }

  @Test
  void createOverAWhiteout_removesIt_andADirectoryIsOpaque() throws Exception {
    UnionFixture fixture = over("f=1", "d/x=1", "l=1");
    UnionPaths union = fixture.mount();
    union.create("here", "1");
    union.unlink("f");
    union.unlink("l");
    union.unlink("d/x");
    union.rmdir("d");
    assertThat(
            changes(
                fixture,
                () -> {
                  union.create("f", "2");
                  union.mkdir("d", 0755);
                  union.link("here", "l");
                }))
        .containsExactly(
            "whiteout-removed /f", "whiteout-removed /d", "opaque-set /d", "whiteout-removed /l");
  }

  @Test
  void renames() throws Exception {
    UnionFixture fixture = over("d/x=1", "a=1", "b=1");
    UnionPaths union = fixture.mount();
    union.create("new", "1");
    assertThat(
            changes(
                fixture,
                () -> {
                  union.rename("a", "b", Linux.RENAME_EXCHANGE);
                  union.rename("d", "e", 0);
                  union.rename("new", "d", 0);
                }))
        .containsExactly(
            "copy-up /a",
            "copy-up /b",
            "renamed /a /b",
            "copy-up /d",
            "redirect-set /d d",
            "whiteout-made /d",
            "renamed /d /e",
            "whiteout-removed /d",
            "renamed /new /d");
  }

  @Test
  void failedCopyUp_isToldAsFailed_withItsError() throws Exception {
    UnionFixture fixture = over("f=content");
    Faults faults = new Faults();
    fixture.around = faults::around;
    UnionPaths union = fixture.mount();
    for (int call = 1; !"publish".equals(faults.failed); call++) {
      int k = call;
      List<Event> events =
          told(
              fixture,
              () -> {
                faults.fail(k, Errno.ENOSPC);
                assertThat(errno(() -> union.chmod("f", 0600))).isEqualTo("ENOSPC");
                faults.heal();
              });
      if ("publish".equals(faults.failed)) {
        Event last = events.get(events.size() - 1);
        assertThat(last.kind()).isEqualTo(EventKind.COPY_UP);
        assertThat(last.has(EventLog.FAILED)).isTrue();
        assertThat(last.error()).isEqualTo(Errno.ENOSPC);
        assertThat(last.method()).isNotEqualTo(CopyUpTimes.Method.NONE);
      }
    }
  }

  @Test
  void dataOfAMetacopyFileThatCannotCome_isToldWithItsError() throws Exception {
    UnionFixture fixture = over("f=content");
    fixture.options = UnionOptions.DEFAULT.withMetacopy(true);
    Faults faults = new Faults();
    fixture.around = faults::around;
    UnionPaths union = fixture.mount();
    union.chmod("f", 0600);
    List<Integer> errors = new ArrayList<>();
    for (int call = 1; errors.isEmpty(); call++) {
      int k = call;
      List<Event> events =
          told(
              fixture,
              () -> {
                faults.fail(k, Errno.EDQUOT);
                assertThat(errno(() -> union.write("f", 0, "C"))).isEqualTo("EDQUOT");
                faults.heal();
              });
      for (Event event : events) {
        if (event.kind() == EventKind.DATA_COPY) {
          assertThat(event.has(EventLog.FAILED)).isTrue();
          errors.add(event.error());
        }
      }
    }
    assertThat(errors).containsExactly(Errno.EDQUOT);
  }

  @Test
  void nothingIsRecorded_whenNobodyWatches() throws Exception {
    UnionFixture fixture = over("f=content");
    UnionPaths union = fixture.mount();
    Path file = directory.resolve("events");
    fixture.fs().recordTo(EventLog.create(file));
    try (EventReader reader = EventReader.open(file)) {
      union.chmod("f", 0600);
      assertThat(reader.poll()).isNull();
    }
  }
}
