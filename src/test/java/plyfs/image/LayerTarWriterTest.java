package plyfs.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plyfs.image.tree.LayerTarWriter;

final class LayerTarWriterTest {
  @TempDir Path directory;
  private TestStore test;

  @BeforeEach
  void makeStore() {
    TestStore.requireRoot();
    test = new TestStore(directory);
  }

  private static TestTar everything() {
    return new TestTar()
        .mode(02755)
        .owner(1, 2)
        .directory(".")
        .file("d/.wh..wh..opq", "")
        .file("e/.wh.gone", "")
        .file("e/.wh." + "g".repeat(120), "")
        .pax("mtime", "1700000000.000000001")
        .pax("uid", "4000000000")
        .xattr("user.bin", new byte[] {0, '\n', '=', (byte) 0xff})
        .xattr(
            "security.capability",
            new byte[] {1, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
        .file("\u00ff\u00fe", "x")
        .hardLink("h", "\u00ff\u00fe")
        .pax("mtime", "-7.5")
        .symlink("s", "\u00fe".repeat(200))
        .directory("a/" + "b".repeat(96) + "/" + "c".repeat(99))
        .file("n".repeat(255), "y".repeat(100_000))
        .device('4', "b", 259, 70_000)
        .fifo("p");
  }

  private static byte[] written(Path layer) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    LayerTarWriter.write(layer, out);
    return out.toByteArray();
  }

  @Test
  void layerWrittenAndUnpackedAgain_isTheSame_andSoIsItsTar() throws IOException {
    Path layer = test.unpack(everything().bytes());
    byte[] tar = written(layer);
    Path again = new TestStore(Files.createDirectory(directory.resolve("again"))).unpack(tar);
    List<String> expected = TestTree.withTimes(layer);
    assertThat(TestTree.withTimes(again)).isEqualTo(expected);
    assertThat(expected).hasSize(14).anyMatch(l -> l.startsWith("e/gone 20000 "));
    assertThat(written(again)).isEqualTo(tar);
  }

  @Test
  void gnuTarReadsIt() throws Exception {
    TestCommand.require("tar");
    Path file =
        Files.write(directory.resolve("layer.tar"), written(test.unpack(everything().bytes())));
    Path out = Files.createDirectory(directory.resolve("out"));
    TestCommand.run(
        "tar",
        "--xattrs",
        "--xattrs-include=*",
        "--numeric-owner",
        "-C",
        out.toString(),
        "-xpf",
        file.toString());
    assertThat(TestTree.withTimes(out))
        .contains("d/.wh..wh..opq 100600 0:0 '' nlink=1 0.000000000")
        .contains("e/.wh.gone 100600 0:0 '' nlink=1 0.000000000")
        .containsAll(
            TestTree.withTimes(test.store.lowerDirectories(test.store.images().get(0)).get(0))
                .stream()
                .filter(l -> !l.contains("opaque") && !l.contains(" 20000 "))
                .toList());
  }
}
