package plyfs.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import plyfs.image.FaultyDisk.Killed;
import plyfs.image.disk.StoreDisk;
import plyfs.image.load.ImageLoader;
import plyfs.image.model.Descriptor;
import plyfs.image.model.Json;
import plyfs.image.model.Manifest;
import plyfs.image.model.ProgressListener;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoredImage;

/**
 * Each file system call of a load fails, alone, with each later one, and with all later ones; and
 * the process is killed before each. Whatever was in the store is there afterwards, whatever a name
 * leads to is complete, and the next load succeeds.
 */
final class StoreCallFaultTest {
  private static final String OLD = "old:1";
  private static final String NEW = "new:1";

  private Path directory;
  private Path oldTar;
  private Path newTar;
  private List<String> oldTree;
  private List<String> bothTree;
  private int calls;

  /**
   * The new image shares a layer with the old one, and takes its second name away. The old one
   * comes again with it, compressed in another way: it gets a second manifest.
   */
  @BeforeEach
  void makeImages() throws IOException {
    TestStore.requireRoot();
    // In memory, where that is possible: hundreds of loads follow.
    Path memory = Path.of("/dev/shm");
    directory =
        Files.isWritable(memory)
            ? Files.createTempDirectory(memory, "plyfs-store")
            : Files.createTempDirectory("plyfs-store");
    byte[] shared = TestTar.ofFile("shared", "1");
    TestImage old = new TestImage().layer(shared).tag(OLD).compression(TestImage::zstd);
    oldTar = TestImage.tar(directory.resolve("old.tar"), old.tag("moves:1").oci());
    TestImage oldAgain = new TestImage().layer(shared).tag(OLD).compression(TestImage::gzip);
    TestImage fresh =
        new TestImage()
            .layer(shared)
            .layer(TestTar.ofFile("a", "2"))
            .layer(TestTar.ofFile(".wh.a", ""))
            .compression(TestImage::gzip)
            .tag(NEW)
            .tag("moves:1");
    newTar =
        TestImage.tar(
            directory.resolve("new.tar"), TestImage.oneLayout(oldAgain.oci(), fresh.oci()));
    oldTree = TestTree.ofStore(freshStore().root());
    FaultyDisk counting = FaultyDisk.failing(call -> false);
    load(counting);
    calls = counting.calls().size();
    bothTree = TestTree.ofStore(store().root());
    assertThat(calls).isGreaterThan(40);
  }

  @AfterEach
  void removeImages() throws IOException {
    if (directory != null) {
      MoreFiles.deleteRecursively(directory, RecursiveDeleteOption.ALLOW_INSECURE);
    }
  }

  private LayerStore store() {
    return new LayerStore(directory.resolve("store"));
  }

  /** A store that has the old image alone. */
  private LayerStore freshStore() throws IOException {
    if (Files.exists(store().root())) {
      MoreFiles.deleteRecursively(store().root(), RecursiveDeleteOption.ALLOW_INSECURE);
    }
    ImageLoader.load(
        oldTar, new LayerStore(store().root(), FaultyDisk.failing(c -> false)), listener());
    return store();
  }

  private static ProgressListener listener() {
    return ProgressListener.SILENT;
  }

  private void load(StoreDisk disk) throws IOException {
    ImageLoader.load(newTar, new LayerStore(store().root(), disk), listener());
  }

  /** The test's whole point: nothing that was there is gone. */
  private void assertSound(List<String> story) throws IOException {
    assertThat(TestTree.ofStore(store().root()).stream().filter(line -> !isAddition(line)).toList())
        .as("what was in the store; calls: %s", story)
        .containsAll(
            oldTree.stream().filter(line -> !isNames(line) && !isManifests(line)).toList());
    assertThat(store().find(OLD).chainIds()).as("calls: %s", story).hasSize(1);
    assertThat(store().find("moves:1").chainIds()).as("calls: %s", story).hasSizeBetween(1, 3);
    for (StoredImage image : store().images()) {
      assertThat(store().lowerDirectories(image))
          .as("layers of %s; calls: %s", image, story)
          .hasSameSizeAs(image.chainIds())
          .allSatisfy(layer -> assertThat(layer).isNotEmptyDirectory());
      for (Descriptor manifest : store().manifests(image.id())) {
        Path blob = store().blob(manifest.digest());
        Json json = Json.object(blob.toString(), Files.readAllBytes(blob));
        for (Descriptor layer : Manifest.of(json).layers()) {
          assertThat(store().blob(layer.digest())).as("calls: %s", story).exists();
        }
      }
    }
    assertThat(store().manifests(store().find(OLD).id())).hasSizeBetween(1, 2);
  }

  private boolean isAddition(String line) {
    return bothTree.contains(line) && !oldTree.contains(line);
  }

  private static boolean isManifests(String line) {
    return line.contains("/manifests ");
  }

  private static boolean isNames(String line) {
    return line.startsWith("image/overlay2/repositories.json");
  }

  /** How many calls a load that failed made, those that undo and clean up included; else 0. */
  private int failAt(IntPredicate fails) throws IOException {
    freshStore();
    FaultyDisk disk = FaultyDisk.failing(fails);
    String failure = "";
    try {
      load(disk);
    } catch (IOException e) {
      failure = String.valueOf(e.getMessage());
    }
    assertSound(disk.calls());
    if (failure.isEmpty()) {
      assertThat(store().find(NEW).chainIds()).as("calls: %s", disk.calls()).hasSize(3);
    } else {
      assertThat(failure).contains("cannot ").contains("(EIO)").doesNotContain("\n");
      if (!failure.contains("could not be taken back")) {
        assertThat(TestTree.ofStore(store().root()).stream().filter(StoreCallFaultTest::isNames))
            .as("calls: %s", disk.calls())
            .isEqualTo(oldTree.stream().filter(StoreCallFaultTest::isNames).toList());
      }
    }
    nextLoadSucceeds(disk.calls());
    return failure.isEmpty() ? 0 : disk.calls().size();
  }

  private void nextLoadSucceeds(List<String> story) throws IOException {
    load(FaultyDisk.failing(call -> false));
    assertThat(TestTree.ofStore(store().root())).as("calls: %s", story).isEqualTo(bothTree);
  }

  /** A disk that is gone fails the undoing too. */
  @Test
  void allCallsFromOneOnThatFail_leaveAllNamesAndLayers() throws IOException {
    for (int i = 0; i < calls; i++) {
      int first = i;
      failAt(call -> call >= first);
    }
  }

  /** The second is one of those that undo what came before the first. */
  @Test
  void eachCallThatFails_withEachLaterOne_leavesAllNamesAndLayers() throws IOException {
    for (int i = 0; i < calls; i++) {
      int first = i;
      int end = failAt(call -> call == first);
      for (int j = i + 1; j < end; j++) {
        int second = j;
        failAt(call -> call == first || call == second);
      }
    }
  }

  @Test
  void killBeforeEachCall_leavesAllNamesAndLayers() throws IOException {
    for (int i = 0; i < calls; i++) {
      freshStore();
      FaultyDisk disk = FaultyDisk.killedBefore(i);
      try {
        load(disk);
      } catch (Killed expected) {
        // As SIGKILL leaves it.
      }
      assertSound(disk.calls());
      nextLoadSucceeds(disk.calls());
    }
  }
}
