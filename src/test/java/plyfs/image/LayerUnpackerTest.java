package plyfs.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plyfs.image.disk.StoreFiles;
import plyfs.image.load.ImageLoader;
import plyfs.image.model.Digest;
import plyfs.image.model.ProgressListener;
import plyfs.image.store.StoredImage;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

final class LayerUnpackerTest {
  @TempDir Path directory;
  private TestStore test;

  @BeforeEach
  void makeStore() {
    TestStore.requireRoot();
    test = new TestStore(directory);
  }

  private List<String> unpack(TestTar tar) throws IOException {
    return TestTree.of(test.unpack(tar.bytes()));
  }

  @Test
  void allTypes_keepModeOwnerTimesAndLinkCount() throws IOException {
    TestTar tar =
        new TestTar()
            .mode(02751)
            .owner(10, 20)
            .mtime(7)
            .directory(".")
            .mode(01777)
            .directory("tmp")
            .mode(04711)
            .pax("mtime", "1350244992.023960108")
            .file("tmp/suid", "x")
            .hardLink("link", "./tmp/suid")
            .mode(0777)
            .symlink("sym", "/no/where")
            .hardLink("symlink-again", "sym")
            .mode(0600)
            .fifo("fifo")
            .device('3', "null", 1, 3)
            .device('4', "big", 259, 300_000)
            .pax("mtime", "-1.25")
            .pax("uid", "4000000000")
            .file("old", "");
    assertThat(TestTree.withTimes(test.unpack(tar.bytes())))
        .containsExactly(
            ". 42751 10:20 nlink=3 7.000000000",
            "big 60600 10:20 dev="
                + (300_000 & 0xff | 259 << 8 | (300_000 & ~0xff) << 12)
                + " nlink=1 7.000000000",
            "fifo 10600 10:20 nlink=1 7.000000000",
            "link 104711 10:20 'x' nlink=2 1350244992.023960108",
            "null 20600 10:20 dev=259 nlink=1 7.000000000",
            "old 100600 -294967296:20 '' nlink=1 -2.750000000",
            "sym 120777 10:20 -> /no/where nlink=2 7.000000000",
            "symlink-again 120777 10:20 -> /no/where nlink=2 7.000000000",
            "tmp 41777 10:20 nlink=2 7.000000000",
            "tmp/suid 104711 10:20 'x' nlink=2 1350244992.023960108");
  }

  @Test
  void atime_isKeptWhereTheArchiveHasIt() throws Exception {
    TestTar tar = new TestTar().pax("atime", "12.5").file("f", "").file("g", "");
    try (Fd dir = StoreFiles.openDirectory(test.unpack(tar.bytes()))) {
      Stat stat = new Stat();
      Syscalls.statx(dir, new byte[] {'f'}, stat);
      assertThat(stat.atimeSeconds()).isEqualTo(12);
      assertThat(stat.atimeNanos()).isEqualTo(500_000_000);
      Syscalls.statx(dir, new byte[] {'g'}, stat);
      assertThat(stat.atimeSeconds()).isEqualTo(1_000_000_000L);
    }
  }

  /** Seen by chance: with umask 077 nobody but root could have entered the image. */
  @Test
  void rootThatIsNotNamed_hasMode755_whateverTheUmask() throws IOException {
    for (int umask : new int[] {0, 077}) {
      int before = MountSyscalls.umask(umask);
      try {
        assertThat(TestTree.of(test.unpack(TestTar.ofFile("f" + umask, "1"))))
            .contains(". 40755 0:0");
      } finally {
        MountSyscalls.umask(before);
      }
    }
  }

  @Test
  void missingParents_andARootThatIsNotNamed_getDefinedAttributes() throws IOException {
    assertThat(TestTree.withTimes(test.unpack(TestTar.ofFile("a/b/c", ""))))
        .containsExactly(
            ". 40755 0:0 nlink=3 0.000000000",
            "a 40755 0:0 nlink=3 0.000000000",
            "a/b 40755 0:0 nlink=2 0.000000000",
            "a/b/c 100644 0:0 '' nlink=1 1000000000.000000000");
  }

  /** The tree of the topmost layer. */
  private List<String> unpackOnto(TestTar lower, TestTar upper) throws IOException {
    TestImage image = new TestImage().layer(lower.bytes()).layer(upper.bytes());
    StoredImage stored = test.store.find(test.load(image.docker24()).id().hex());
    return TestTree.withTimes(test.store.lowerDirectories(stored).get(0));
  }

  private static TestTar base() {
    return new TestTar()
        .mode(0750)
        .owner(1, 2)
        .mtime(5)
        .directory(".")
        .mode(01777)
        .xattr("user.a", new byte[] {1})
        .directory("tmp")
        .mode(0644)
        .file("tmp/kept", "lower")
        .symlink("bin", "usr/bin");
  }

  /** Layers of Nix and ko have them; they were refused. */
  @Test
  void absolutePaths_andDotsThatStayInside_areTaken() throws IOException {
    assertThat(
            unpack(
                new TestTar()
                    .mode(0755)
                    .directory("/etc")
                    .file("/etc/x", "1")
                    .file("/../up", "2")
                    .file("a/b/../../c", "3")
                    .file("/etc/.wh.gone", "")
                    .hardLink("/h", "/etc/./x")
                    .hardLink("i", "a/../c")))
        .containsExactly(
            ". 40755 0:0",
            "c 100755 0:0 '3'",
            "etc 40755 0:0",
            "etc/gone 20000 0:0 dev=0",
            "etc/x 100755 0:0 '1'",
            "h 100755 0:0 '1'",
            "i 100755 0:0 '3'",
            "up 100755 0:0 '2'");
  }

  @Test
  void entryBelowASymlink_isUnpackedWhereItLeads_andNeverOutside() throws IOException {
    Path outside = Files.createDirectory(directory.resolve("outside"));
    assertThat(
            unpack(
                new TestTar()
                    .symlink("bin", "usr/./bin/")
                    .file("bin/x", "1")
                    .file("bin/.wh.gone", "")
                    .file("bin/deep/y", "2")
                    .hardLink("h", "bin/x")
                    .symlink("abs", outside.toString())
                    .file("abs/z", "3")
                    .symlink("a/up", "../../../..")
                    .file("a/up/w", "4")
                    .symlink("twice", "one")
                    .file("twice/1", "5")
                    .symlink("twice", "two")
                    .file("twice/2", "6")))
        .contains(
            "usr/bin/x 100644 0:0 '1'",
            "usr/bin/gone 20000 0:0 dev=0",
            "usr/bin/deep/y 100644 0:0 '2'",
            "h 100644 0:0 '1'",
            outside.toString().substring(1) + "/z 100644 0:0 '3'",
            "w 100644 0:0 '4'",
            "one/1 100644 0:0 '5'",
            "two/2 100644 0:0 '6'");
    assertThat(outside).isEmptyDirectory();
  }

  @Test
  void opaqueBelowASymlink_hidesWhereItLeads() throws IOException {
    assertThat(unpack(new TestTar().symlink("bin", "usr/bin").file("bin/.wh..wh..opq", "")))
        .contains("usr/bin 40755 0:0 trusted.overlay.opaque=79");
  }

  @Test
  void symlinkOfALowerLayer_isFollowed_unlessThisLayerHidesIt() throws IOException {
    assertThat(unpackOnto(base(), new TestTar().file("bin/x", "1")))
        .anyMatch(line -> line.startsWith("usr/bin/x "))
        .noneMatch(line -> line.startsWith("bin"));
    assertThat(unpackOnto(base(), new TestTar().file(".wh.bin", "").file("bin/x", "1")))
        .anyMatch(line -> line.startsWith("bin/x "));
  }

  /** /tmp became 0755 and root's when a layer had tmp/foo and no tmp. */
  @Test
  void directoryThatALayerDoesNotDescribe_keepsTheAttributesOfTheLayersBelow() throws IOException {
    assertThat(unpackOnto(base(), new TestTar().file("tmp/foo", "").file("new/.wh.x", "")))
        .contains(
            ". 40750 1:2 nlink=4 5.000000000",
            "new 40755 0:0 nlink=2 0.000000000",
            "tmp 41777 1:2 nlink=2 5.000000000 user.a=01");
    assertThat(unpackOnto(base(), new TestTar().file("tmp/.wh.kept", "")))
        .contains("tmp 41777 1:2 nlink=2 5.000000000 user.a=01");
    assertThat(unpackOnto(base(), new TestTar().mode(0700).directory("tmp").file("tmp/foo", "")))
        .contains("tmp 40700 0:0 nlink=2 1000000000.000000000");
  }

  @Test
  void directoryThatALayerHides_getsNothingFromBelow() throws IOException {
    for (TestTar tar :
        List.of(
            new TestTar().file(".wh.tmp", "").file("tmp/foo", ""),
            new TestTar().file("tmp/foo", "").file(".wh.tmp", ""))) {
      assertThat(unpackOnto(base(), tar))
          .contains("tmp 40755 0:0 nlink=2 0.000000000 trusted.overlay.opaque=79");
    }
    assertThat(unpackOnto(base(), new TestTar().file(".wh..wh..opq", "").file("tmp/foo", "")))
        .contains(". 40750 1:2 nlink=3 5.000000000", "tmp 40755 0:0 nlink=2 0.000000000");
  }

  /** It was refused; umoci links to the file of the layers below. */
  @Test
  void hardLinkIntoALowerLayer_bringsTheFileIntoThisOne() throws IOException {
    assertThat(unpackOnto(base(), new TestTar().hardLink("h", "tmp/kept").hardLink("l", "/bin")))
        .contains(
            "h 100644 1:2 'lower' nlink=2 5.000000000",
            "tmp/kept 100644 1:2 'lower' nlink=2 5.000000000",
            "l 120777 1:2 -> usr/bin nlink=2 5.000000000",
            "tmp 41777 1:2 nlink=2 5.000000000 user.a=01");
  }

  @Test
  void oldSparseFile_withFurtherBlocks_isUnpacked() throws IOException {
    assertThat(unpack(new TestTar().oldSparse("s", 2048).file("after", "1")))
        .anyMatch(line -> line.startsWith("s 100644 0:0 100 bytes "))
        .contains("after 100644 0:0 '1'");
  }

  @Test
  void whiteoutsBecomeDevices_opaqueBecomesAnAttribute() throws IOException {
    TestTar tar =
        new TestTar()
            .file("d/.wh.gone", "")
            .mode(0700)
            .directory("o")
            .file("o/.wh..wh..opq", "")
            .file("o/.wh.needless", "")
            .file("o/sub/.wh.needless", "")
            .file("implied/.wh..wh..opq", "");
    assertThat(unpack(tar))
        .containsExactly(
            ". 40755 0:0",
            "d 40755 0:0",
            "d/gone 20000 0:0 dev=0",
            "implied 40755 0:0 trusted.overlay.opaque=79",
            "o 40700 0:0 trusted.overlay.opaque=79");
  }

  @Test
  void whiteoutsNeverAffectTheirOwnLayer_whateverTheOrder() throws IOException {
    List<String> before =
        unpack(
            new TestTar()
                .file(".wh.file", "")
                .file(".wh.dir", "")
                .file("dir/.wh..wh..opq", "")
                .mode(0644)
                .file("file", "1")
                .file("dir/x", "2"));
    List<String> after =
        unpack(
            new TestTar()
                .file("dir/x", "2")
                .file("file", "1")
                .file("dir/.wh..wh..opq", "")
                .file(".wh.dir", "")
                .file(".wh.file", ""));
    assertThat(before)
        .isEqualTo(after)
        .containsExactly(
            ". 40755 0:0",
            "dir 40755 0:0 trusted.overlay.opaque=79",
            "dir/x 100644 0:0 '2'",
            "file 100644 0:0 '1'");
  }

  @Test
  void whiteoutOfADirectoryThatTheLayerMakes_makesItOpaque() throws IOException {
    assertThat(unpack(new TestTar().file("d/x", "").file(".wh.d", "")))
        .contains("d 40755 0:0 trusted.overlay.opaque=79");
  }

  /** Tools write both for one rm -r; it was refused, for 'test' is not a directory. */
  @Test
  void whiteoutBelowAWhiteout_isHiddenWithIt_whateverTheOrder() throws IOException {
    List<String> hidden = List.of(". 40755 0:0", "test 20000 0:0 dev=0");
    for (String inner : List.of("test/.wh.test", "test/sub/.wh.x", "test/.wh..wh..opq")) {
      assertThat(unpack(new TestTar().file(".wh.test", "").file(inner, "")))
          .as(".wh.test, then %s", inner)
          .isEqualTo(hidden);
      assertThat(unpack(new TestTar().file(inner, "").file(".wh.test", "")))
          .as("%s, then .wh.test", inner)
          .isEqualTo(hidden);
    }
  }

  @Test
  void whiteoutBelowAWhiteout_whereTheLayerHasTheDirectory_leavesItOpaque() throws IOException {
    List<String> opaque = List.of(". 40755 0:0", "test 40755 0:0 trusted.overlay.opaque=79");
    TestTar before = new TestTar().mode(0755).directory("test");
    assertThat(unpack(before.file("test/.wh.test", "").file(".wh.test", ""))).isEqualTo(opaque);
    TestTar after = new TestTar().file(".wh.test", "").mode(0755).directory("test");
    assertThat(unpack(after.file("test/.wh.test", ""))).isEqualTo(opaque);
    assertThat(unpack(new TestTar().file(".wh.b", "").file("b/c/d", "")))
        .containsExactly(
            ". 40755 0:0",
            "b 40755 0:0 trusted.overlay.opaque=79",
            "b/c 40755 0:0",
            "b/c/d 100644 0:0 ''");
  }

  @Test
  void markBelowAFileOfTheLayer_hidesNothing() throws IOException {
    for (String mark : List.of("test/.wh.x", "test/sub/.wh.x", "test/.wh..wh..opq")) {
      assertThat(unpack(new TestTar().file("test", "1").file(mark, "")))
          .as(mark)
          .containsExactly(". 40755 0:0", "test 100644 0:0 '1'");
      assertThat(unpack(new TestTar().file(mark, "").file("test", "1")))
          .as(mark)
          .containsExactly(". 40755 0:0", "test 100644 0:0 '1'");
    }
  }

  @Test
  void opaqueRoot_endsTheStackAtThatLayer() throws IOException {
    TestImage image =
        new TestImage()
            .layer(TestTar.ofFile("below", ""))
            .layer(TestTar.ofFile(".wh..wh..opq", ""))
            .layer(TestTar.ofFile("top", ""));
    StoredImage stored = test.store.find(test.load(image.docker24()).id().hex());
    List<Path> lower = test.store.lowerDirectories(stored);
    assertThat(lower).hasSize(2);
    assertThat(TestTree.of(lower.get(1))).containsExactly(". 40755 0:0");
  }

  @Test
  void aufsLeftovers_areSkipped_butServeAsLinkTargets() throws IOException {
    TestTar tar =
        new TestTar()
            .directory(".wh..wh.plnk")
            .file(".wh..wh.plnk/12.34", "linked")
            .file(".wh..wh.aufs", "")
            .file(".wh..wh.orph/x", "")
            .hardLink("a", ".wh..wh.plnk/12.34")
            .hardLink("b", ".wh..wh.plnk/12.34");
    assertThat(unpack(tar))
        .containsExactly(". 40755 0:0", "a 100644 0:0 'linked'", "b 100644 0:0 'linked'");
  }

  @Test
  void laterEntryReplacesEarlierOne() throws IOException {
    TestTar tar =
        new TestTar()
            .file("file-dir", "1")
            .mode(0755)
            .directory("file-dir")
            .file("dir-file/deep/x", "1")
            .file("dir-file", "2")
            .xattr("user.old", new byte[] {1})
            .directory("dir-dir")
            .file("dir-dir/kept", "")
            .mode(0700)
            .xattr("user.new", new byte[] {2})
            .directory("dir-dir")
            .symlink("sym-dir", "dir-dir")
            .directory("sym-dir")
            .file("dup", "first")
            .file("dup", "second");
    assertThat(unpack(tar))
        .containsExactly(
            ". 40755 0:0",
            "dir-dir 40700 0:0 user.new=02",
            "dir-dir/kept 100755 0:0 ''",
            "dir-file 100755 0:0 '2'",
            "dup 100700 0:0 'second'",
            "file-dir 40755 0:0",
            "sym-dir 40700 0:0");
  }

  @Test
  void binaryXattrs_surviveByteForByte() throws IOException {
    byte[] capability = {
      1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xfe, 0, '\n', 0, 0, 0, 0
    };
    TestTar tar =
        new TestTar()
            .owner(5, 5)
            .mode(04755)
            .xattr("security.capability", capability)
            .xattr("user.empty", new byte[0])
            .xattr("user.\u00ff\u00fe", new byte[] {(byte) 0x80})
            .file("bin", "program");
    assertThat(unpack(tar).get(1))
        .startsWith("bin 104755 5:5 'program'")
        .contains(" security.capability=010000020020000000000000fffe000a00000000")
        .contains(" user.empty=")
        .contains(" user.\u00ff\u00fe=80");
  }

  @Test
  void xattrsOfLibarchive_areRead() throws IOException {
    assertThat(unpack(new TestTar().pax("LIBARCHIVE.xattr.user.a%3Db", "/wA=").file("f", "")))
        .contains("f 100644 0:0 '' user.a=b=ff00");
  }

  @Test
  void marksOfUnionFileSystems_cannotBeForged() throws IOException {
    byte[] tar =
        new TestTar()
            .xattr("trusted.overlay.opaque", new byte[] {'y'})
            .xattr("user.overlay.opaque", new byte[] {'y'})
            .xattr("user.fuseoverlayfs.opaque", new byte[] {'y'})
            .xattr("user.kept", new byte[] {1})
            .directory("d")
            .xattr("trusted.overlay.redirect", new byte[] {'/', 'e', 't', 'c'})
            .xattr("trusted.overlay.metacopy", new byte[0])
            .file("f", "")
            .bytes();
    List<String> notices = new ArrayList<>();
    ProgressListener listener =
        new ProgressListener() {
          @Override
          public void notice(String sentence) {
            notices.add(sentence);
          }
        };
    Path file = TestImage.tar(directory.resolve("i"), new TestImage().layer(tar).docker24());
    ImageLoader.load(file, test.store, listener);
    assertThat(TestTree.of(test.store.lowerDirectories(test.store.images().get(0)).get(0)))
        .containsExactly(". 40755 0:0", "d 40644 0:0 user.kept=01", "f 100644 0:0 ''");
    assertThat(notices)
        .containsExactly(
            "layer "
                + Digest.sha256(tar)
                + ": left out 5 extended attributes that belong to union file systems");
  }

  @Test
  void namesThatAreNotUtf8_andLongOnes_areKept() throws IOException {
    String odd = "\u00ff\u00fe\n\\-";
    String longName = "n".repeat(255);
    String deep = "d/".repeat(200) + "f";
    TestTar tar =
        new TestTar()
            .file(odd, "1")
            .pax("path", odd + "/x".replace('/', '_'))
            .file("ignored", "2")
            .file(longName, "3")
            .symlink("s", "\u00fe".repeat(300))
            .entry('L', "././@LongLink", "", ("gnu" + odd + "\0").getBytes(ISO_8859_1))
            .file("short", "4")
            .file(deep, "5");
    assertThat(unpack(tar))
        .contains(
            "\\xff\\xfe\\x0a\\\\- 100644 0:0 '1'",
            "\\xff\\xfe\\x0a\\\\-_x 100644 0:0 '2'",
            longName + " 100644 0:0 '3'",
            "s 120644 0:0 -> ".replace("120644", "120777") + "\\xfe".repeat(300),
            "gnu\\xff\\xfe\\x0a\\\\- 100644 0:0 '4'",
            deep + " 100644 0:0 '5'");
  }

  @Test
  void sparseFiles_keepTheirHoles() throws Exception {
    byte[] map = "2\n1048576\n3\n4194304\n512\n".getBytes(ISO_8859_1);
    byte[] data = new byte[512 + 3 + 512];
    System.arraycopy(map, 0, data, 0, map.length);
    Arrays.fill(data, 512, data.length, (byte) 'x');
    TestTar tar =
        new TestTar()
            .pax("GNU.sparse.major", "1")
            .pax("GNU.sparse.minor", "0")
            .pax("GNU.sparse.name", "holes")
            .pax("GNU.sparse.realsize", "5000000000")
            .file("GNUSparseFile.0/holes", data)
            .file("after", "y");
    Path layer = test.unpack(tar.bytes());
    assertThat(Files.readString(layer.resolve("after"))).isEqualTo("y");
    try (Fd dir = StoreFiles.openDirectory(layer);
        Fd file = Fd.openat(dir, "holes".getBytes(ISO_8859_1), Linux.O_RDONLY, 0)) {
      Stat stat = new Stat();
      Syscalls.statx(file, Syscalls.SELF, stat);
      assertThat(stat.size()).isEqualTo(5_000_000_000L);
      assertThat(stat.blocks() * 512).isLessThan(64 << 10);
      assertThat(FileSyscalls.lseek(file, 0, Linux.SEEK_DATA)).isEqualTo(1_048_576);
      assertThat(FileSyscalls.lseek(file, 2 << 20, Linux.SEEK_DATA)).isEqualTo(4_194_304);
    }
  }

  @Test
  void archiveThatEndsRightAfterItsLastFile_isAccepted() throws IOException {
    byte[] unended = new TestTar().file("a", "1").file("b", "123").unended();
    byte[] cut = Arrays.copyOf(unended, unended.length - 509);
    assertThat(TestTree.of(test.unpack(cut)))
        .containsExactly(". 40755 0:0", "a 100644 0:0 '1'", "b 100644 0:0 '123'");
    assertThat(TestTree.of(test.unpack(unended))).hasSize(3);
  }

  @Test
  void bytesAfterTheEndOfTheTar_belongToTheDiffId() throws IOException {
    byte[] tar = TestTar.ofFile("a", "1");
    byte[] longer = Arrays.copyOf(tar, tar.length + 20_000);
    longer[longer.length - 1] = 1;
    assertThat(TestTree.of(test.unpack(longer))).hasSize(2);
  }

  @Test
  void entriesBelowADirectoryWithoutPermissions_areUnpacked_andItIsRemovedAgain()
      throws IOException {
    TestTar tar = new TestTar().mode(0).directory("d").mode(0600).file("d/f", "1");
    assertThat(unpack(tar)).contains("d 40000 0:0", "d/f 100600 0:0 '1'");
  }
}
