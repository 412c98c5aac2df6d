package plyfs.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plyfs.image.load.LoadedImage;
import plyfs.image.store.StoredImage;

/** What other programs write. */
final class InteroperabilityTest {
  @TempDir Path directory;
  private TestStore test;

  @BeforeEach
  void makeStore() {
    TestStore.requireRoot();
    test = new TestStore(directory);
  }

  private String path(String name) {
    return directory.resolve(name).toString();
  }

  private static TestImage image() {
    TestTar tar =
        new TestTar()
            .mode(0755)
            .directory("bin")
            .xattr(
                "security.capability",
                new byte[] {1, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
            .file("bin/ping", "program")
            .hardLink("bin/link", "bin/ping");
    return new TestImage()
        .layer(tar.bytes())
        .layer(TestTar.ofFile("bin/.wh.link", ""))
        .tag("v1")
        .compression(TestImage::gzip);
  }

  @Test
  void whatSkopeoCopies_isTheSameImage() throws Exception {
    TestCommand.require("skopeo");
    TestImage.directory(directory.resolve("layout"), image().oci());
    String source = "oci:" + path("layout") + ":v1";
    for (String[] form :
        new String[][] {
          {"docker-archive:", path("docker.tar"), ":some/name:tag"},
          {"oci-archive:", path("oci.tar"), ":tag"},
          {"oci:", path("copy"), ":tag"}
        }) {
      TestCommand.run("skopeo", "--insecure-policy", "copy", source, form[0] + form[1] + form[2]);
      LoadedImage loaded = test.load(Path.of(form[1])).get(0);
      assertThat(loaded.id()).as(form[0]).isEqualTo(image().id());
    }
    StoredImage stored = test.store.images().get(0);
    assertThat(stored.tags()).containsExactly("some/name:tag", "tag:latest");
    assertThat(TestTree.of(test.store.lowerDirectories(stored).get(1)))
        .contains(
            "bin/link 100755 0:0 'program' security.capability=0100000201000000"
                + "000000000000000000000000");
  }

  @Test
  void layersThatUmociWrites_withoutTheEndOfATar_areRead() throws Exception {
    TestCommand.require("umoci");
    TestCommand.run("umoci", "init", "--layout", path("layout"));
    TestCommand.run("umoci", "new", "--image", path("layout") + ":v1");
    Path tree = Files.createDirectories(directory.resolve("tree/etc"));
    Files.writeString(tree.resolve("name"), "abc");
    TestCommand.run(
        "umoci", "insert", "--image", path("layout") + ":v1", path("tree"), "/inserted");
    TestCommand.run(
        "umoci", "insert", "--image", path("layout") + ":v1", "--whiteout", "/inserted/etc");
    test.load(directory.resolve("layout"));
    List<Path> lower = test.store.lowerDirectories(test.store.find("v1"));
    assertThat(TestTree.of(lower.get(0))).contains("inserted/etc 20000 0:0 dev=0");
    assertThat(TestTree.of(lower.get(1))).contains("inserted/etc/name 100644 0:0 'abc'");
  }

  @Test
  void treePackedByGnuTar_isUnpackedWithoutAnyDifference() throws Exception {
    TestCommand.require("tar");
    byte[] original =
        new TestTar()
            .mode(02775)
            .owner(3, 4)
            .directory(".")
            .directory("\u00ff\u00fe")
            .pax("mtime", "1700000000.123456789")
            .xattr("user.bin", new byte[] {0, '\n', (byte) 0xff})
            .file("\u00ff\u00fe/f", "x")
            .hardLink("h", "\u00ff\u00fe/f")
            .symlink("s", "x".repeat(200))
            .file("n".repeat(200), "y")
            .device('4', "b", 7, 9)
            .fifo("p")
            .bytes();
    Path tree = test.unpack(original);
    String file = path("pax.tar");
    TestCommand.run(
        "tar",
        "--format=pax",
        "--numeric-owner",
        "--xattrs",
        "--xattrs-include=*",
        "-C",
        tree.toString(),
        "-cf",
        file,
        ".");
    TestStore pax = new TestStore(Files.createDirectory(directory.resolve("pax")));
    assertThat(TestTree.withTimes(pax.unpack(Files.readAllBytes(Path.of(file)))))
        .isEqualTo(TestTree.withTimes(tree));
    TestCommand.run(
        "tar", "--format=gnu", "--numeric-owner", "-C", tree.toString(), "-cf", file, ".");
    TestStore gnu = new TestStore(Files.createDirectory(directory.resolve("gnu")));
    assertThat(TestTree.of(gnu.unpack(Files.readAllBytes(Path.of(file)))))
        .isEqualTo(TestTree.of(tree).stream().map(l -> l.replaceAll(" user.*", "")).toList());
  }

  @Test
  void sparseFilesOfGnuTar_inEveryFormat_keepTheirHoles() throws Exception {
    TestCommand.require("tar");
    Path tree = Files.createDirectory(directory.resolve("tree"));
    TestCommand.run("truncate", "-s", "3G", tree.resolve("holes").toString());
    TestCommand.run(
        "dd",
        "if=/dev/urandom",
        "of=" + tree.resolve("holes"),
        "bs=4096",
        "count=1",
        "seek=500000",
        "conv=notrunc");
    for (String form : List.of("0.0", "0.1", "1.0", "gnu")) {
      String file = path("sparse.tar");
      String[] options =
          form.equals("gnu")
              ? new String[] {"--format=gnu", "-S"}
              : new String[] {"--format=pax", "-S", "--sparse-version=" + form};
      List<String> command = new ArrayList<>(List.of("tar"));
      command.addAll(List.of(options));
      command.addAll(List.of("-C", tree.toString(), "-cf", file, "holes"));
      TestCommand.run(command.toArray(String[]::new));
      TestStore fresh = new TestStore(Files.createDirectory(directory.resolve(form)));
      Path again = fresh.unpack(Files.readAllBytes(Path.of(file))).resolve("holes");
      assertThat(TestCommand.run("stat", "-c", "%s", again.toString()).strip())
          .as(form)
          .isEqualTo("3221225472");
      assertThat(TestCommand.run("stat", "-c", "%b", again.toString()).strip()).isEqualTo("8");
      assertThat(
              TestCommand.run(
                  "dd", "if=" + again, "bs=4096", "skip=500000", "count=1", "status=none"))
          .isEqualTo(
              TestCommand.run(
                  "dd",
                  "if=" + tree.resolve("holes"),
                  "bs=4096",
                  "skip=500000",
                  "count=1",
                  "status=none"));
    }
  }
}
