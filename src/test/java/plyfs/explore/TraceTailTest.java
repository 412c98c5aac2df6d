package plyfs.explore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plyfs.sys.Errno;
import plyfs.trace.CopyUpTimes;
import plyfs.trace.Event;
import plyfs.trace.EventKind;
import plyfs.trace.EventLog;
import plyfs.trace.EventReader;

/** What people and programs read of an event. */
final class TraceTailTest {
  @TempDir Path directory;

  private final TraceTail tail = new TraceTail(false, new LayerNumbers(3));

  /** The event of a copy-up from the base, as it comes out of the log. */
  private Event copyUp(int flags, int error) throws Exception {
    Path file = directory.resolve("events");
    EventLog log = EventLog.create(file);
    try (EventReader reader = EventReader.open(file)) {
      CopyUpTimes times = new CopyUpTimes();
      times.copied(CopyUpTimes.Method.READ_WRITE, 4096);
      times.end(CopyUpTimes.Step.DATA);
      times.failed(error);
      log.recordCopy(EventKind.COPY_UP, 3, flags, "/a".getBytes(UTF_8), times);
      return Objects.requireNonNull(reader.poll());
    }
  }

  private JsonObject json(Event event) {
    return JsonParser.parseString(tail.json(event)).getAsJsonObject();
  }

  @Test
  void failedCopyUp_saysWithWhichError() throws Exception {
    Event event = copyUp(EventLog.FAILED, Errno.ENOSPC);
    assertThat(tail.text(event)).contains("/a: FAILED with ENOSPC, 4.10kB from layer 1 in ");
    JsonObject json = json(event);
    assertThat(json.get("failed").getAsBoolean()).isTrue();
    assertThat(json.get("error").getAsString()).isEqualTo("ENOSPC");
    assertThat(json.get("method").getAsString()).isEqualTo("read-write");
  }

  @Test
  void copyUpThatSucceeds_hasNoError() throws Exception {
    Event event = copyUp(0, 0);
    assertThat(tail.text(event)).contains("/a: 4.10kB from layer 1 in ");
    assertThat(json(event).has("error")).isFalse();
  }

  @Test
  void copyUpThatFailsWithoutAnErrorNumber_isJustFailed() throws Exception {
    Event event = copyUp(EventLog.FAILED, 0);
    assertThat(tail.text(event)).contains("/a: FAILED, 4.10kB from layer 1 in ");
    assertThat(json(event).has("error")).isFalse();
  }
}
