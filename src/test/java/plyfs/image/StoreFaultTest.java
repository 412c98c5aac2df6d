package plyfs.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plyfs.image.load.ImageLoader;
import plyfs.image.load.LoadedImage;
import plyfs.image.model.BadImageException;
import plyfs.image.model.ProgressListener;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoreLoad;
import plyfs.image.store.StorePaths;

/** Full disks, loads that were killed, loads at the same time. */
final class StoreFaultTest {
  @TempDir Path directory;

  @BeforeEach
  void requireRoot() {
    TestStore.requireRoot();
  }

  private static TestImage image(int seed, int bytes) {
    byte[] content = new byte[bytes];
    new Random(seed).nextBytes(content);
    return new TestImage()
        .layer(new TestTar().file("random", content).bytes())
        .layer(TestTar.ofFile("small", "1"))
        .tag("image" + seed);
  }

  @Test
  void fullDisk_isOneClearSentence_andTheStoreIsAsBefore() throws Exception {
    TestCommand.require("mkfs.ext4");
    TestCommand.require("losetup");
    Path disk = directory.resolve("disk");
    try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
      file.setLength(16 << 20);
    }
    TestCommand.run("mkfs.ext4", "-q", "-m", "0", disk.toString());
    Path mounted = Files.createDirectory(directory.resolve("mounted"));
    TestCommand.run("mount", "-o", "loop", disk.toString(), mounted.toString());
    try {
      TestStore test = new TestStore(mounted);
      test.load(TestImage.tar(directory.resolve("fits"), image(1, 1 << 20).skopeo()));
      List<String> before = TestTree.withTimes(test.store.root().resolve("overlay2"));
      Path large = TestImage.tar(directory.resolve("large"), image(2, 20 << 20).skopeo());
      assertThatThrownBy(() -> test.load(large))
          .hasMessageStartingWith("layer sha256:")
          .hasMessageContaining("entry 'random': cannot be unpacked: No space left on device")
          .hasMessageNotContaining("\n");
      Path packed =
          Files.write(directory.resolve("packed"), TestImage.gzip(Files.readAllBytes(large)));
      assertThatThrownBy(() -> test.load(packed))
          .hasMessageContaining("cannot write ")
          .hasMessageContaining("No space left on device");
      assertThat(TestTree.withTimes(test.store.root().resolve("overlay2"))).isEqualTo(before);
      assertThat(test.store.root().resolve("tmp")).isEmptyDirectory();
      assertThat(test.store.images()).hasSize(1);
      test.load(TestImage.tar(directory.resolve("fits"), image(3, 2 << 20).skopeo()));
      assertThat(test.store.images()).hasSize(2);
    } finally {
      TestCommand.run("umount", mounted.toString());
    }
  }

  /** Seen in a container, whose root is an overlay: the load said EPERM and not why. */
  @Test
  void storeOnAnOverlay_saysThatItCannotHoldWhiteouts_andTakesNoLayer() throws Exception {
    Path merged = Files.createDirectory(directory.resolve("merged"));
    for (String part : List.of("lower", "upper", "work")) {
      Files.createDirectory(directory.resolve(part));
    }
    TestCommand.run(
        "mount",
        "-t",
        "overlay",
        "overlay",
        "-o",
        String.format("lowerdir=%1$s/lower,upperdir=%1$s/upper,workdir=%1$s/work", directory),
        merged.toString());
    try {
      TestStore test = new TestStore(merged);
      TestImage image =
          new TestImage()
              .layer(TestTar.ofFile("a", "1"))
              .layer(TestTar.ofFile(".wh.a", ""))
              .tag("hides");
      assertThatThrownBy(() -> test.load(image.docker24()))
          .hasMessageStartingWith("layer sha256:")
          .hasMessageContaining("the store's file system cannot hold the mark that hides 'a'")
          .hasMessageContaining("choose a store on ext4, xfs or btrfs with --store (EPERM)");
      assertThat(test.store.images()).isEmpty();
      assertThat(test.store.root().resolve("tmp")).isEmptyDirectory();
    } finally {
      TestCommand.run("umount", merged.toString());
    }
  }

  @Test
  void loadsAtTheSameTime_bothSucceed_andTheStoreHasEachLayerOnce() throws Exception {
    Path same = TestImage.tar(directory.resolve("same"), image(1, 3 << 20).docker24());
    TestStore test = new TestStore(directory);
    int loads = 4;
    CyclicBarrier together = new CyclicBarrier(loads);
    ExecutorService threads = Executors.newFixedThreadPool(loads);
    try {
      List<Future<List<LoadedImage>>> running =
          IntStream.range(0, loads)
              .mapToObj(
                  i ->
                      threads.submit(
                          () -> {
                            together.await();
                            return test.load(same);
                          }))
              .toList();
      for (Future<List<LoadedImage>> load : running) {
        assertThat(load.get().get(0).id()).isEqualTo(image(1, 3 << 20).id());
      }
    } finally {
      threads.shutdownNow();
    }
    List<String> together4 = TestTree.ofStore(test.store.root());
    Path alone = Files.createDirectory(directory.resolve("alone"));
    TestStore reference = new TestStore(alone);
    reference.load(same);
    assertThat(together4).isEqualTo(TestTree.ofStore(reference.store.root()));
  }

  @Test
  void whatAKilledLoadLeft_isRemovedByTheNext_butNeverARunningOne() throws Exception {
    TestStore test = new TestStore(directory);
    test.load(image(1, 100).docker24());
    Path root = test.store.root();
    List<String> before = TestTree.of(root);
    Files.createDirectories(root.resolve("tmp/load-dead/layer-0/layer/diff/etc"));
    String dead = "0123456789abcdef".repeat(4);
    String link = StorePaths.link(dead);
    Files.createDirectories(root.resolve("overlay2/" + dead + "/diff"));
    Files.createFile(root.resolve("overlay2/" + dead + "/committed"));
    Files.writeString(root.resolve("overlay2/" + dead + "/link"), link);
    Files.createSymbolicLink(root.resolve("overlay2/l/" + link), Path.of("../" + dead + "/diff"));
    Path container = Files.createDirectories(root.resolve("overlay2/of-a-container/diff"));
    try (StoreLoad running = StoreLoad.begin(test.store, ProgressListener.SILENT)) {
      assertThat(root.resolve("tmp/load-dead")).doesNotExist();
      Path spool = Files.createFile(running.spool());
      test.load(image(1, 100).docker24());
      assertThat(spool).exists();
    }
    assertThat(container).exists();
    Files.delete(container);
    Files.delete(container.getParent());
    test.load(image(1, 100).docker24());
    assertThat(TestTree.of(root)).isEqualTo(before);
  }

  /** A file in tmp failed every load (ENOTDIR); layers of Docker's would have been removed. */
  @Test
  void whatOthersPutIntoTheStore_staysAndDisturbsNothing() throws IOException {
    TestStore test = new TestStore(directory);
    test.load(image(1, 100).docker24());
    Path root = test.store.root();
    String docker = "fedcba9876543210".repeat(4);
    Files.createFile(root.resolve("tmp/stray"));
    Files.createFile(root.resolve("tmp/load-stray"));
    Files.createDirectories(root.resolve("tmp/GetImageBlob123"));
    Files.createFile(root.resolve("overlay2/stray"));
    Files.createDirectories(root.resolve("overlay2/" + docker + "/diff/etc"));
    Files.createFile(root.resolve("overlay2/" + docker + "/committed"));
    Files.writeString(root.resolve("overlay2/" + docker + "/link"), "YSCBOCMBFKTGU5X4NZXNOXHLTD");
    Files.createSymbolicLink(root.resolve("overlay2/l/GONE"), Path.of("../gone/diff"));
    Files.createFile(root.resolve("image/overlay2/imagedb/content/sha256/.backup~"));
    List<String> before = TestTree.of(root);
    test.load(image(1, 100).docker24());
    assertThat(TestTree.of(root)).isEqualTo(before);
    test.load(image(2, 100).docker24());
    assertThat(TestTree.of(root)).containsAll(before.stream().filter(l -> !isNames(l)).toList());
    assertThat(test.store.images()).hasSize(2);
  }

  private static boolean isNames(String line) {
    return line.contains("repositories.json");
  }

  @Test
  void whatCannotBeRemoved_isANotice_andTheLoadGoesOn() throws Exception {
    TestCommand.require("chattr");
    TestStore test = new TestStore(directory);
    test.load(image(1, 100).docker24());
    Path kept = Files.createDirectories(test.store.root().resolve("tmp/load-dead/kept"));
    TestCommand.run("chattr", "+i", kept.toString());
    try {
      List<String> notices = new ArrayList<>();
      ProgressListener listener =
          new ProgressListener() {
            @Override
            public void notice(String sentence) {
              notices.add(sentence);
            }
          };
      Path tar = TestImage.tar(directory.resolve("second"), image(2, 1).docker24());
      ImageLoader.load(tar, test.store, listener);
      assertThat(test.store.images()).hasSize(2);
      assertThat(notices)
          .singleElement()
          .asString()
          .startsWith("what a killed load may have left in " + test.store.root().resolve("tmp"))
          .contains("Operation not permitted");
    } finally {
      TestCommand.run("chattr", "-i", kept.toString());
    }
  }

  @Test
  void loadThatFailsInItsLastLayer_leavesNothingOfTheOthers() throws IOException {
    TestStore test = new TestStore(directory);
    test.load(image(1, 100).docker24());
    List<String> before = TestTree.of(test.store.root());
    TestImage bad = image(2, 100).layer(TestTar.ofFile("../x", ""));
    assertThatThrownBy(() -> test.load(bad.docker24())).isInstanceOf(BadImageException.class);
    assertThat(TestTree.of(test.store.root())).isEqualTo(before);
  }

  @Test
  void storeThatCannotBeMade_isOneClearSentence() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    Path image = TestImage.tar(directory.resolve("image"), image(1, 1).docker24());
    assertThatThrownBy(
            () ->
                ImageLoader.load(
                    image, new LayerStore(file.resolve("store")), ProgressListener.SILENT))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("cannot make the directory " + file.resolve("store"));
  }
}
