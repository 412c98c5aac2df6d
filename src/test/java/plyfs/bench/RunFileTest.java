package plyfs.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run on disk. */
final class RunFileTest {
  @TempDir private Path directory;

  @Test
  void json_givesTheSameRunBack() throws IOException {
    Path file = directory.resolve("run.json");
    RunFile.write(Runs.full(), file);
    assertThat(RunFile.read(file)).isEqualTo(Runs.full());
    assertThat(Files.readString(file).lines().filter(line -> line.startsWith("{\"fs\"")))
        .hasSize(Runs.full().cases().size());
  }

  @Test
  void read_refusesWhatIsNoRun() throws IOException {
    for (String text : new String[] {"", "{}", "[1", "{\"format\": 2, \"cases\": []}", "7"}) {
      Path file = Files.writeString(directory.resolve("other.json"), text);
      assertThatThrownBy(() -> RunFile.read(file))
          .as(text)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("other.json");
    }
  }

  @Test
  void csv_hasALineForEachSampleAndEachFailure() {
    String csv = RunFile.csv(Runs.full());
    assertThat(csv.lines()).hasSize(1 + 7 * 5 + 1 + 1);
    assertThat(csv.lines().skip(1).findFirst())
        .contains("ext4,first-byte,4096,1,1,warm,plyfs,1,2000000,3000000,1,2,3,4,copy_file_range,");
    assertThat(csv).contains("warm,kernel,,,,1,2,3,4,copy_file_range,EIO <input/output error>\n");
  }
}
