package plyfs.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import plyfs.image.model.Digest;
import plyfs.image.tree.LayerTar;

/** A layer comes out of the store byte for byte, whatever its tar is like. */
final class LayerTarTest {
  private Path directory;
  private TestStore test;

  @BeforeEach
  void makeStore() throws IOException {
    TestStore.requireRoot();
    // In memory, where that is possible: hundreds of loads follow.
    Path memory = Path.of("/dev/shm");
    directory =
        Files.isWritable(memory)
            ? Files.createTempDirectory(memory, "plyfs-tar")
            : Files.createTempDirectory("plyfs-tar");
    test = new TestStore(directory);
  }

  @AfterEach
  void removeStore() throws IOException {
    if (directory != null) {
      MoreFiles.deleteRecursively(directory, RecursiveDeleteOption.ALLOW_INSECURE);
    }
  }

  private LayerTar stored(byte[] tar) throws IOException {
    test.unpack(tar);
    return test.store.layerTar(Digest.sha256(tar));
  }

  private static byte[] bytes(LayerTar tar) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    tar.write(out);
    return out.toByteArray();
  }

  private void assertComesBack(byte[] tar) throws IOException {
    LayerTar stored = stored(tar);
    assertThat(bytes(stored)).isEqualTo(tar);
    assertThat(stored.size()).isEqualTo(tar.length);
  }

  /** Lines of the tar-split. */
  private static List<String> record(LayerTar tar) throws IOException {
    try (var in = new GZIPInputStream(Files.newInputStream(tar.tarSplit()))) {
      return new String(in.readAllBytes(), UTF_8).lines().toList();
    }
  }

  /** As {@code tar-split disasm} of vbatts/tar-split 0.11 writes it. */
  @Test
  void contentOfAFile_isNamedByPathSizeAndChecksum_asDockerDoes() throws IOException {
    byte[] tar = new TestTar().file("./etc/a", "123456789").file("\u00ff", "x").bytes();
    List<String> record = record(stored(tar));
    assertThat(record).hasSize(5);
    assertThat(record.get(0)).startsWith("{\"type\":2,\"payload\":\"Li9ldGMvYQAA").endsWith(":0}");
    // The check value of CRC-64/GO-ISO.
    assertThat(record.get(1))
        .isEqualTo(
            "{\"type\":1,\"name\":\"etc/a\",\"size\":9,\"payload\":\"uQlWx3WkEAE=\",\"position\":1}");
    assertThat(record.get(3))
        .startsWith("{\"type\":1,\"name_raw\":\"/w==\",\"size\":1,\"payload\":\"")
        .endsWith("\"position\":3}");
  }

  @Test
  void contentOfAFile_isNotRecorded() throws IOException {
    byte[] content = new byte[3_000_000];
    new Random(1).nextBytes(content);
    LayerTar stored = stored(new TestTar().file("random", content).bytes());
    assertThat(Files.size(stored.tarSplit())).isLessThan(1000);
  }

  @Test
  void replacedFile_comesBackWithItsFirstContent() throws IOException {
    assertComesBack(new TestTar().file("a", "1").file("a", "22").file("./a", "333").bytes());
    assertComesBack(new TestTar().file("a", "1").symlink("a", "x").bytes());
    assertComesBack(new TestTar().file("a", "1").hardLink("b", "a").file("a", "2").bytes());
    assertComesBack(
        new TestTar().file("a", "1").hardLink("b", "a").file("a", "2").file("b", "3").bytes());
  }

  @Test
  void fileBelowAReplacedDirectory_comesBack() throws IOException {
    TestTar tar = new TestTar().mode(0755);
    tar.file("d/e/f", "1").file("d/e/f", "2").file("d/g", "3").file("d", "4");
    tar.directory("d").file("d/e/f", "5").file("d/e", "6").file("d", "7");
    assertComesBack(tar.bytes());
    // Nothing is recorded between the two.
    assertComesBack(new TestTar().file("d/f", "1").symlink("d/f", "x").symlink("d", "y").bytes());
  }

  /** With a search from the first to the last it took minutes. */
  @Test
  void nameThatIsGivenManyTimes_takesLinearTime() throws IOException {
    TestTar tar = new TestTar();
    for (int i = 0; i < 30_000; i++) {
      tar.file("same", Integer.toString(i));
    }
    assertComesBack(tar.bytes());
  }

  @Test
  void whatIsNotUnpacked_comesBack() throws IOException {
    assertComesBack(
        new TestTar()
            .file(".wh.gone", "content of a whiteout")
            .file("d/.wh..wh..opq", "content of another")
            .file(".wh..wh.plnk/12.34", "target")
            .file(".wh..wh.aufs", "meta")
            .hardLink("link", ".wh..wh.plnk/12.34")
            .bytes());
  }

  @Test
  void endOfATar_comesBack_whateverItIs() throws IOException {
    TestTar tar = new TestTar().file("a", "1").file("b", new byte[600]);
    byte[] open = tar.unended();
    assertComesBack(open);
    assertComesBack(Arrays.copyOf(open, open.length + 512));
    assertComesBack(Arrays.copyOf(open, open.length + 10240 * 7));
    // As umoci 0.4 leaves the padding of the last entry out.
    assertComesBack(Arrays.copyOf(open, open.length - 100));
    byte[] garbage = Arrays.copyOf(tar.bytes(), tar.bytes().length + 100_000);
    new Random(1).nextBytes(garbage);
    System.arraycopy(tar.bytes(), 0, garbage, 0, tar.bytes().length);
    assertComesBack(garbage);
    assertComesBack(new byte[0]);
    assertComesBack(new byte[1024]);
  }

  @Test
  void paddingThatIsNotZero_comesBack() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new TestTar().headerOnly('0', "a", 3).unended());
    byte[] block = new byte[512];
    Arrays.fill(block, (byte) 'x');
    out.writeBytes(block);
    out.writeBytes(new TestTar().file("b", "2").bytes());
    assertComesBack(out.toByteArray());
  }

  @Test
  void sparseFilesOfGnuTar_comeBackInEveryFormat() throws Exception {
    TestCommand.require("tar");
    Path tree = Files.createDirectory(directory.resolve("tree"));
    Path holes = tree.resolve("holes");
    TestCommand.run("truncate", "-s", "1M", holes.toString());
    for (int i = 0; i < 30; i++) {
      String seek = "seek=" + i * 8;
      TestCommand.run(
          "dd", "if=/dev/urandom", "of=" + holes, "bs=4096", "count=1", seek, "conv=notrunc");
    }
    Files.writeString(tree.resolve("plain"), "plain");
    for (String form : List.of("pax 0.0", "pax 0.1", "pax 1.0", "gnu 1.0")) {
      String[] words = form.split(" ", -1);
      Path file = directory.resolve("sparse.tar");
      List<String> command = new ArrayList<>(List.of("tar", "--format=" + words[0], "-S"));
      command.add("--sparse-version=" + words[1]);
      command.addAll(List.of("-C", tree.toString(), "-cf", file.toString(), "holes", "plain"));
      TestCommand.run(command.toArray(String[]::new));
      assertComesBack(Files.readAllBytes(file));
    }
  }

  @Test
  void changedLayer_isOneSentence_thatNamesTheLayerAndTheFile() throws IOException {
    byte[] tar = new TestTar().file("etc/a", "1").file("etc/b", "22").bytes();
    LayerTar stored = stored(tar);
    Path a = stored.tree().resolve("etc/a");
    String layer = "layer " + Digest.sha256(tar) + " was changed in the store";
    Files.writeString(a, "12");
    assertThatThrownBy(() -> bytes(stored))
        .hasMessage(layer + ": 'etc/a' is another file; 'plyfs verify' checks all");
    Files.delete(a);
    assertThatThrownBy(() -> bytes(stored)).hasMessageContaining(": 'etc/a' is missing; ");
    Files.writeString(a, "2");
    assertThatThrownBy(() -> bytes(stored))
        .hasMessage(layer + ": 'etc/a' has another content; 'plyfs verify' checks all");
    Files.writeString(a, "1");
    assertThat(bytes(stored)).isEqualTo(tar);
    byte[] record = Files.readAllBytes(stored.tarSplit());
    Files.write(stored.tarSplit(), Arrays.copyOf(record, record.length / 2));
    assertThatThrownBy(() -> stored.write(OutputStream.nullOutputStream()))
        .hasMessage(stored.tarSplit() + " is damaged");
    Files.delete(stored.tarSplit());
    assertThatThrownBy(stored::size).hasMessageContaining("its tar was not recorded");
  }

  /** Docker records names as they are in the tar, and an entry of size 0 for all else. */
  @Test
  void recordOfDocker_isRead() throws IOException {
    byte[] tar = new TestTar().directory("./etc").file("./etc/a", "123456789").bytes();
    LayerTar stored = stored(tar);
    List<String> lines = new ArrayList<>();
    lines.add("{\"type\":1,\"name\":\"./etc/\",\"payload\":null,\"position\":0}");
    record(stored).forEach(line -> lines.add(line.replace("\"etc/a\"", "\"./etc/a\"")));
    byte[] text = (String.join("\n", lines) + "\n").getBytes(UTF_8);
    Files.write(stored.tarSplit(), TestImage.gzip(text));
    assertThat(bytes(stored)).isEqualTo(tar);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
  void tarsOfAllKinds_comeBack(int seed) throws IOException {
    Random random = new Random(seed);
    for (int i = 0; i < 12; i++) {
      byte[] tar = new Tars(random).make();
      assertComesBack(tar);
    }
  }

  /** Makes valid tars of few names, so that most are replaced. */
  private static final class Tars {
    private static final List<String> DIRECTORIES = List.of("", "d", "e", "d/e", "\u00ff\u00fe");
    private static final List<String> LEAVES =
        List.of("a", "b", "c\u00fc", "n".repeat(150), "\u00c3\u00a4", "<&>\"\\");

    private final Random random;
    private final TestTar tar = new TestTar();

    /** Names that are files now, by their content. */
    private final Map<String, Boolean> files = new TreeMap<>();

    Tars(Random random) {
      this.random = random;
    }

    byte[] make() {
      int entries = 1 + random.nextInt(40);
      for (int i = 0; i < entries; i++) {
        entry();
      }
      byte[] open = tar.unended();
      byte[] whole = Arrays.copyOf(open, open.length + random.nextInt(6) * 512);
      if (random.nextInt(4) == 0) {
        byte[] trailing = new byte[random.nextInt(2000)];
        random.nextBytes(trailing);
        whole = Arrays.copyOf(open, open.length + 1024 + trailing.length);
        System.arraycopy(trailing, 0, whole, open.length + 1024, trailing.length);
      }
      return whole;
    }

    private void entry() {
      tar.mode(random.nextInt(3) == 0 ? 0755 : random.nextInt(010000));
      tar.owner(random.nextInt(3), random.nextInt(3)).mtime(random.nextInt());
      String parent = DIRECTORIES.get(random.nextInt(DIRECTORIES.size()));
      for (int end = 1; end <= parent.length(); end++) {
        boolean whole = end == parent.length() || parent.charAt(end) == '/';
        if (whole && files.containsKey(parent.substring(0, end))) {
          directory(parent.substring(0, end));
        }
      }
      String leaf = LEAVES.get(random.nextInt(LEAVES.size()));
      String path = parent.isEmpty() ? leaf : parent + "/" + leaf;
      switch (random.nextInt(12)) {
        case 0 -> {
          if (!parent.isEmpty()) {
            directory(parent);
          }
        }
        case 1 -> {
          if (!parent.isEmpty()) {
            // A file in the place of a directory.
            files.keySet().removeIf(name -> name.startsWith(parent + "/"));
            file(parent);
          }
        }
        case 2 -> special(path);
        case 3 -> hardLink(path);
        case 4 -> tar.file((parent.isEmpty() ? "" : parent + "/") + ".wh." + leaf, content());
        case 5 -> sparse(path);
        case 6 -> gnuLongName(path);
        case 7 -> file("./" + path);
        default -> file(path);
      }
    }

    private void directory(String path) {
      files.remove(path);
      tar.directory(path);
    }

    private void special(String path) {
      files.put(path, false);
      switch (random.nextInt(3)) {
        case 0 -> tar.symlink(path, "nowhere" + "x".repeat(random.nextInt(300)));
        case 1 -> tar.fifo(path);
        default -> tar.device('3', path, 1, 1 + random.nextInt(9));
      }
    }

    private void hardLink(String path) {
      List<String> targets = files.keySet().stream().filter(name -> !name.equals(path)).toList();
      if (!targets.isEmpty()) {
        tar.hardLink(path, targets.get(random.nextInt(targets.size())));
        files.put(path, true);
      }
    }

    private void file(String path) {
      if (random.nextInt(3) == 0) {
        tar.pax("comment", "some words \u00ff").pax("mtime", random.nextInt() + ".5");
      }
      if (random.nextInt(5) == 0) {
        tar.xattr("user.x", Arrays.copyOf(content(), 100));
      }
      tar.file(path, content());
      files.put(path.startsWith("./") ? path.substring(2) : path, true);
    }

    private void sparse(String path) {
      tar.pax("GNU.sparse.major", "1").pax("GNU.sparse.minor", "0");
      tar.pax("GNU.sparse.name", path.getBytes(ISO_8859_1)).pax("GNU.sparse.realsize", "9000");
      byte[] data = new byte[512 + 600];
      random.nextBytes(data);
      Arrays.fill(data, 0, 512, (byte) 0);
      byte[] map = "2\n0\n100\n5000\n500\n".getBytes(ISO_8859_1);
      System.arraycopy(map, 0, data, 0, map.length);
      tar.file("GNUSparseFile.0/x", data);
      files.put(path, true);
    }

    private void gnuLongName(String path) {
      tar.entry('L', "././@LongLink", "", (path + "\0").getBytes(ISO_8859_1));
      tar.file("cut", content());
      files.put(path, true);
    }

    private byte[] content() {
      int[] sizes = {0, 1, 2, 511, 512, 513, 5000, 300_000};
      byte[] content = new byte[sizes[random.nextInt(random.nextInt(8) == 0 ? 8 : 7)]];
      random.nextBytes(content);
      return content;
    }
  }
}
