package plyfs.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plyfs.image.load.ImageLoader;
import plyfs.image.model.ProgressListener;
import plyfs.image.model.Reference;
import plyfs.image.store.ImageNames;
import plyfs.image.store.ImageRemoval;
import plyfs.image.store.LayerHolds;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoredImage;

/**
 * Loads, removals, prunes, new names and mounts at the same time, as by processes: each lock is of
 * an open file description, so threads keep each other out, too.
 */
final class StoreTogetherTest {
  private static final int ROUNDS = Integer.getInteger("plyfs.store.rounds", 25);
  private static final int IMAGES = 4;

  @TempDir Path directory;

  @BeforeEach
  void requireRoot() {
    TestStore.requireRoot();
  }

  private LayerStore store() {
    return new LayerStore(directory.resolve("store"));
  }

  private List<Path> archives() throws IOException {
    List<Path> archives = new ArrayList<>();
    for (int i = 0; i < IMAGES; i++) {
      TestImage image = new TestImage().layer(TestTar.ofFile("base", "of all"));
      for (int layer = 0; layer <= i; layer++) {
        image.layer(TestTar.ofFile("layer" + layer, "x".repeat(layer + 1)));
      }
      archives.add(
          TestImage.tar(directory.resolve(i + ".tar"), image.tag("image:" + i).docker24()));
    }
    return archives;
  }

  private static ImageRemoval removal(LayerStore store) {
    return new ImageRemoval(store, image -> List.of(), ProgressListener.SILENT);
  }

  @Test
  void allAtOnce_neverTakeALayerFromAMount_norLeaveAnImageWithoutOne() throws Exception {
    List<Path> archives = archives();
    List<Callable<Integer>> works = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Random random = new Random(i);
      works.add(
          () -> {
            Path archive = archives.get(random.nextInt(IMAGES));
            ImageLoader.load(archive, store(), ProgressListener.SILENT);
            return 1;
          });
    }
    works.add(attempt(random -> removal(store()).remove("image:" + random.nextInt(IMAGES), false)));
    works.add(attempt(random -> removal(store()).removeAll(image -> random.nextBoolean(), false)));
    works.add(
        attempt(
            random ->
                new ImageNames(store(), ProgressListener.SILENT)
                    .put(
                        "image:" + random.nextInt(IMAGES),
                        Objects.requireNonNull(Reference.parse("other:1")))));
    works.add(attempt(this::mount));
    works.add(attempt(this::mount));
    ImageLoader.load(archives.get(0), store(), ProgressListener.SILENT);
    int successes = runAll(works);
    assertThat(successes).isGreaterThan(3 * ROUNDS);
    for (Path archive : archives) {
      ImageLoader.load(archive, store(), ProgressListener.SILENT);
    }
    List<StoredImage> images = store().images();
    assertThat(images).hasSize(IMAGES);
    for (StoredImage image : images) {
      assertThat(store().lowerDirectories(image))
          .hasSameSizeAs(image.chainIds())
          .allSatisfy(layer -> assertThat(layer).isNotEmptyDirectory());
    }
    assertThat(removal(store()).removeAll(image -> true, false).layers()).hasSize(IMAGES + 1);
    assertThat(directory.resolve("store/tmp")).isEmptyDirectory();
    try (var layers = Files.list(directory.resolve("store/overlay2"))) {
      assertThat(layers.toList()).containsExactly(directory.resolve("store/overlay2/l"));
    }
  }

  /** Each in a thread of its own, ROUNDS times; how often they succeeded. */
  private static int runAll(List<Callable<Integer>> works) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(works.size());
    try {
      List<Future<Integer>> running = new ArrayList<>();
      for (Callable<Integer> work : works) {
        running.add(
            threads.submit(
                () -> {
                  int successes = 0;
                  for (int i = 0; i < ROUNDS; i++) {
                    successes += work.call();
                  }
                  return successes;
                }));
      }
      int successes = 0;
      for (Future<Integer> each : running) {
        successes += each.get();
      }
      return successes;
    } finally {
      threads.shutdownNow();
    }
  }

  private interface Attempt {
    void make(Random random) throws IOException;
  }

  /** May be refused, because there is no such image now or a mount uses it; nothing else. */
  private static Callable<Integer> attempt(Attempt attempt) {
    Random random = new Random(7);
    return () -> {
      try {
        attempt.make(random);
        return 1;
      } catch (IOException e) {
        assertThat(e)
            .hasMessageMatching(
                "there is no image '.*"
                    + "|cannot remove the layer .*: a mount uses .*"
                    + "|cannot read .*: No such file or directory"
                    + "|a layer of the image is missing in the store.*"
                    + "|cannot open .*ENOENT.*"
                    + "|the layer .* is being removed from its store");
        return 0;
      }
    };
  }

  /** What a mount does with the layers of its image. */
  private void mount(Random random) throws IOException {
    StoredImage image = store().find("image:" + random.nextInt(IMAGES));
    List<Path> layers = store().lowerDirectories(image);
    List<byte[]> paths = layers.stream().map(path -> path.toString().getBytes(UTF_8)).toList();
    try (LayerHolds held = LayerHolds.of(paths)) {
      assertThat(held).isNotNull();
      for (int i = 0; i < 20; i++) {
        assertThat(layers).allSatisfy(layer -> assertThat(layer).isNotEmptyDirectory());
        Thread.onSpinWait();
      }
    }
  }
}
