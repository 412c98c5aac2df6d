package plyfs.trace;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EventLogTest {
  @TempDir Path directory;

  private Path file = Path.of("");

  @BeforeEach
  void place() {
    file = directory.resolve("events.1");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static void record(EventLog log, String path) {
    log.record(EventKind.REMOVED, 0, 0, 0, bytes(path), null);
  }

  private static List<String> paths(EventReader reader) {
    List<String> paths = new ArrayList<>();
    for (Event event = reader.poll(); event != null; event = reader.poll()) {
      paths.add(new String(event.path(), UTF_8));
    }
    return paths;
  }

  private void writeWatchedUntil(long nanoTime) throws Exception {
    ByteBuffer word = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putLong(0, nanoTime);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(word, EventFormat.WATCHED_AT);
    }
  }

  @Test
  void eventsAreReadAsTheyWereRecorded() throws Exception {
    EventLog log = EventLog.create(file);
    try (EventReader reader = EventReader.open(file)) {
      CopyUpTimes times = new CopyUpTimes();
      times.end(CopyUpTimes.Step.PREPARE);
      times.copied(CopyUpTimes.Method.COPY_FILE_RANGE, 4000);
      times.copied(CopyUpTimes.Method.COPY_FILE_RANGE, 96);
      times.end(CopyUpTimes.Step.DATA);
      log.recordCopy(EventKind.COPY_UP, 3, EventLog.WITHOUT_DATA, bytes("/a"), times);
      log.record(EventKind.RENAMED, 0, EventLog.EXCHANGED, 17, bytes("/b"), bytes("/c"));

      Event copy = java.util.Objects.requireNonNull(reader.poll());
      assertThat(copy.kind()).isEqualTo(EventKind.COPY_UP);
      assertThat(copy.layer()).isEqualTo(3);
      assertThat(copy.bytes()).isEqualTo(4096);
      assertThat(copy.method()).isEqualTo(CopyUpTimes.Method.COPY_FILE_RANGE);
      assertThat(copy.has(EventLog.WITHOUT_DATA)).isTrue();
      assertThat(copy.has(EventLog.FAILED)).isFalse();
      assertThat(copy.steps()[0] + copy.steps()[1]).isEqualTo(copy.durationNanos());
      Event rename = java.util.Objects.requireNonNull(reader.poll());
      assertThat(rename.sequence()).isEqualTo(2);
      assertThat(rename.durationNanos()).isEqualTo(17);
      assertThat(rename.path()).isEqualTo(bytes("/b"));
      assertThat(rename.other()).isEqualTo(bytes("/c"));
      assertThat(rename.timeNanos() / 1_000_000)
          .isBetween(System.currentTimeMillis() - 60_000, System.currentTimeMillis() + 1000);
      assertThat(reader.poll()).isNull();
      assertThat(reader.takeLost()).isZero();
    }
  }

  @Test
  void readerStartsWithWhatComesNext() throws Exception {
    EventLog log = EventLog.create(file);
    record(log, "/before");
    try (EventReader reader = EventReader.open(file)) {
      record(log, "/after");
      assertThat(paths(reader)).containsExactly("/after");
    }
  }

  @Test
  void slowReader_isToldHowMuchItLost_andGoesOn() throws Exception {
    EventLog log = EventLog.create(file);
    try (EventReader reader = EventReader.open(file)) {
      int all = 3 * EventFormat.RECORDS + 5;
      for (int i = 0; i < all; i++) {
        record(log, "/" + i);
      }
      List<String> read = paths(reader);
      assertThat(reader.takeLost() + read.size()).isEqualTo(all);
      assertThat(read)
          .hasSizeGreaterThanOrEqualTo(EventFormat.RECORDS / 2)
          .endsWith("/" + (all - 1));
      record(log, "/next");
      assertThat(paths(reader)).containsExactly("/next");
      assertThat(reader.takeLost()).isZero();
    }
  }

  @Test
  void nobodyWatches_untilAReaderSaysSo() throws Exception {
    EventLog log = EventLog.create(file);
    assertThat(log.isWatched()).isFalse();
    try (EventReader reader = EventReader.open(file)) {
      assertThat(log.isWatched()).isFalse();
      assertThat(reader.watch()).isZero();
      assertThat(log.isWatched()).isTrue();
      assertThat(reader.watch()).isZero();
    }
  }

  @Test
  void deadReader_isForgotten_andAReaderThatStoodStillIsTold() throws Exception {
    EventLog log = EventLog.create(file);
    try (EventReader reader = EventReader.open(file)) {
      reader.watch();
      writeWatchedUntil(System.nanoTime() - 1);
      assertThat(log.isWatched()).isFalse();
      assertThat(log.isWatched()).isFalse();
      assertThat(reader.watch()).isZero(); // two seconds have not passed since it said so
      assertThat(log.isWatched()).isTrue();
    }
  }

  @Test
  void longPath_losesItsBeginning_andSaysSo() throws Exception {
    EventLog log = EventLog.create(file);
    try (EventReader reader = EventReader.open(file)) {
      log.record(
          EventKind.RENAMED, 0, 0, 0, bytes("/a".repeat(500) + "/end"), bytes("/b".repeat(500)));
      Event event = java.util.Objects.requireNonNull(reader.poll());
      assertThat(event.has(EventLog.CUT)).isTrue();
      assertThat(new String(event.path(), UTF_8)).endsWith("/a/end");
      assertThat(event.path().length + event.other().length).isEqualTo(EventFormat.TEXT);
    }
  }

  @Test
  void manyWriters_andAReader_neverATornEvent() throws Exception {
    EventLog log = EventLog.create(file);
    int writers = 4;
    int each = 20_000;
    try (EventReader reader = EventReader.open(file)) {
      List<Thread> threads = new ArrayList<>();
      for (int w = 0; w < writers; w++) {
        byte[] path = bytes(("/" + (char) ('a' + w)).repeat(50 + w));
        Thread thread =
            new Thread(
                () -> {
                  for (int i = 0; i < each; i++) {
                    log.record(EventKind.RENAMED, path[1], 0, path.length, path, path);
                  }
                });
        threads.add(thread);
        thread.start();
      }
      long read = 0;
      boolean isLast = false;
      while (true) {
        Event event = reader.poll();
        if (event == null) {
          if (isLast) {
            break;
          }
          isLast = threads.stream().noneMatch(Thread::isAlive);
          continue;
        }
        read++;
        assertThat(event.other()).isEqualTo(event.path());
        assertThat(event.durationNanos()).isEqualTo(event.path().length);
        assertThat(event.layer()).isEqualTo(event.path()[1]);
      }
      assertThat(read + reader.takeLost()).isEqualTo((long) writers * each);
    }
  }

  @Test
  void fileIsForItsOwnerAlone_andTakesAPageUntilItIsWatched() throws Exception {
    EventLog log = EventLog.create(file);
    assertThat(log.isWatched()).isFalse();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThatThrownBy(() -> EventLog.create(file)).isInstanceOf(java.io.IOException.class);
  }

  @Test
  void otherFile_isRefused() throws Exception {
    Files.write(file, new byte[(int) EventFormat.BYTES]);
    assertThatThrownBy(() -> EventReader.open(file)).hasMessageContaining("another version");
    Files.write(file, new byte[10]);
    assertThatThrownBy(() -> EventReader.open(file)).hasMessageContaining("another version");
  }
}
