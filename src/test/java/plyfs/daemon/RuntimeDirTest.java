package plyfs.daemon;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plyfs.sys.MountSyscalls;

final class RuntimeDirTest {
  private static final byte[] ODD = "/m t\n\\040\u00ff".getBytes(ISO_8859_1);

  @TempDir Path directory;

  private static MountState state(int pid, long start, byte[] mountpoint, long since) {
    return new MountState(
        pid,
        start,
        mountpoint,
        "debian:bookworm".getBytes(ISO_8859_1),
        ImmutableList.of("/l 1".getBytes(ISO_8859_1), "/l2".getBytes(ISO_8859_1)),
        ImmutableList.of("/d".getBytes(ISO_8859_1)),
        "/u".getBytes(ISO_8859_1),
        "/w".getBytes(ISO_8859_1),
        ImmutableList.of("userxattr", "redirect_dir=nofollow"),
        ImmutableList.of("device=0:7"),
        ImmutableList.of("lowerdir=/l 1:/l\u00ff".getBytes(ISO_8859_1)),
        Instant.ofEpochMilli(since),
        new byte[0]);
  }

  private static MountState ofThisProcess(byte[] mountpoint, long since) throws IOException {
    int self = MountSyscalls.processId();
    return state(self, RuntimeDir.startOf(self), mountpoint, since);
  }

  @Test
  void stateOfARunningProcess_isReadBackWithItsBytes() throws Exception {
    RuntimeDir runtime = new RuntimeDir(directory.resolve("made/when/needed"));
    MountState written = ofThisProcess(ODD, 17);
    runtime.write(written);
    assertThat(runtime.list()).hasSize(1);
    assertThat(runtime.list().get(0)).usingRecursiveComparison().isEqualTo(written);
    assertThat(runtime.find(ODD)).isNotNull();
    assertThat(runtime.find("/other".getBytes(ISO_8859_1))).isNull();
    runtime.remove(written);
    assertThat(runtime.list()).isEmpty();
  }

  @Test
  void logOfEvents_staysWithItsMount_andGoesWithIt() throws Exception {
    RuntimeDir runtime = new RuntimeDir(directory);
    MountState running = ofThisProcess(ODD, 17);
    runtime.write(running);
    runtime.createEvents(running);
    MountState ended = state(running.pid() + 1, 1, ODD, 1); // another version removed its file
    runtime.createEvents(ended);
    assertThat(runtime.list()).hasSize(1);
    assertThat(runtime.eventsOf(running)).exists();
    assertThat(runtime.eventsOf(ended)).doesNotExist();
    runtime.remove(running);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void processEnded_orItsNumberIsUsedAgain_itsFileIsRemoved() throws Exception {
    RuntimeDir runtime = new RuntimeDir(directory);
    int self = MountSyscalls.processId();
    runtime.write(state(self, RuntimeDir.startOf(self) - 1, ODD, 1));
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    runtime.write(state((int) ended.pid(), 5, ODD, 2));
    assertThat(runtime.list()).isEmpty();
    try (var files = Files.list(directory)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void noDirectory_meansNoMounts() throws Exception {
    assertThat(new RuntimeDir(directory.resolve("none")).list()).isEmpty();
  }

  @Test
  void damagedFile_isNamed() throws Exception {
    Files.writeString(directory.resolve("12"), "pid x\n");
    assertThatThrownBy(() -> new RuntimeDir(directory).list())
        .hasMessage("runtime file " + directory.resolve("12") + " is damaged: remove it");
  }
}
