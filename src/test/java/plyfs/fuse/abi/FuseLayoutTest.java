package plyfs.fuse.abi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plyfs.fuse.Opcode;

/** Our offsets, sizes, flags and opcodes against those of the installed kernel header. */
final class FuseLayoutTest {
  private static final Path SOURCE = Path.of("native-tests", "fuse_layout.c");

  @TempDir Path directory;

  @Test
  void everyConstant_isThatOfTheInstalledHeader() throws Exception {
    assumeTrue(hasCompiler(), "skipped: there is no gcc with <linux/fuse.h>");
    Path program = directory.resolve("fuse_layout");
    run("gcc", "-Wall", "-Wextra", "-Werror", "-o", program.toString(), SOURCE.toString());
    List<String> differences = new ArrayList<>();
    List<String> lines = run(program.toString()).lines().toList();
    for (String line : lines) {
      String[] part = line.split("[. ]", 3);
      String ours = constant(part[0], part[1]);
      if (!ours.equals(part[2])) {
        differences.add(line + ", but here " + ours);
      }
    }
    assertThat(differences).isEmpty();
    assertThat(lines).hasSizeGreaterThan(300);
  }

  private boolean hasCompiler() throws Exception {
    Path probe = Files.writeString(directory.resolve("probe.c"), "#include <linux/fuse.h>\n");
    try {
      return start("gcc", "-fsyntax-only", probe.toString()).waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static String constant(String type, String name) throws ReflectiveOperationException {
    return type.equals("Opcode")
        ? Integer.toString(Opcode.valueOf(name).number())
        : Class.forName("plyfs.fuse.abi." + type).getField(name).get(null).toString();
  }

  private static Process start(String... command) throws IOException {
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private static String run(String... command) throws Exception {
    Process process = start(command);
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
