package plyfs.container;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import plyfs.image.FaultyDisk;
import plyfs.image.TestImage;
import plyfs.image.TestStore;
import plyfs.image.TestTar;
import plyfs.image.load.ImageLoader;
import plyfs.image.model.ProgressListener;
import plyfs.image.model.Reference;
import plyfs.image.store.ImageNames;
import plyfs.image.store.LayerStore;

/**
 * Each file system call of a change of containers fails, alone and with all later ones, and the
 * process is killed before each. A container is whole or not there, and after the next change
 * nothing is left of one that is not there.
 */
final class ContainersFaultTest {
  private static final ProgressListener SILENT = ProgressListener.SILENT;

  private Path directory;
  private Path archive;

  /** What is done to a store with the container {@code old}, which has an anonymous volume. */
  enum Change {
    CREATE {
      @Override
      void make(LayerStore store) throws IOException, BadArgumentException {
        ContainerMount named = ContainerMount.ofVolume("vol1:/v", new byte[0]);
        new Containers(store).create("new1", "demo:1", ContainersTest.settings(named), SILENT);
      }
    },
    RENAME {
      @Override
      void make(LayerStore store) throws IOException, BadArgumentException {
        new Containers(store).rename("old", "older", SILENT);
      }
    },
    REMOVE {
      @Override
      void make(LayerStore store) throws IOException {
        new Containers(store).remove("old", true, SILENT);
      }
    },
    REMOVE_VOLUME {
      @Override
      void make(LayerStore store) throws IOException {
        new Volumes(store).remove("free", SILENT);
      }
    };

    abstract void make(LayerStore store) throws IOException, BadArgumentException;
  }

  @BeforeEach
  void makeArchive() throws IOException {
    TestStore.requireRoot();
    Path memory = Path.of("/dev/shm");
    directory =
        Files.isWritable(memory)
            ? Files.createTempDirectory(memory, "plyfs-containers")
            : Files.createTempDirectory("plyfs-containers");
    TestImage demo = new TestImage().layer(TestTar.ofFile("a", "1")).tag("demo:1");
    archive = TestImage.tar(directory.resolve("demo.tar"), demo.docker24());
  }

  @AfterEach
  void removeAll() throws IOException {
    if (directory != null) {
      MoreFiles.deleteRecursively(directory, RecursiveDeleteOption.ALLOW_INSECURE);
    }
  }

  private LayerStore store() {
    return new LayerStore(directory.resolve("store"));
  }

  private void freshStore() throws IOException, InterruptedException {
    if (Files.exists(store().root())) {
      MoreFiles.deleteRecursively(store().root(), RecursiveDeleteOption.ALLOW_INSECURE);
    }
    List<String> copy = List.of("cp", "-a", directory + "/template", store().root().toString());
    assertThat(new ProcessBuilder(copy).inheritIO().start().waitFor()).isZero();
  }

  private void makeStore() throws IOException, BadArgumentException {
    ImageLoader.load(archive, store(), SILENT);
    Containers containers = new Containers(store());
    ContainerMount anonymous = ContainerMount.ofVolume("/data", new byte[0]);
    Container old = containers.create("old", "demo:1", ContainersTest.settings(anonymous), SILENT);
    Files.writeString(containers.upper(old).resolve("change"), "x");
    new Volumes(store()).create("free", Map.of(), SILENT);
    Files.move(store().root(), directory.resolve("template"));
  }

  @ParameterizedTest
  @EnumSource
  void callsThatFail_orAKillBeforeOne_leaveWholeContainers_andTheNextChangeCleansUp(Change change)
      throws IOException, BadArgumentException, InterruptedException {
    makeStore();
    freshStore();
    FaultyDisk counting = FaultyDisk.failing(call -> false);
    change.make(new LayerStore(store().root(), counting));
    int calls = counting.calls().size();
    assertThat(calls).isGreaterThan(20);
    for (int i = 0; i < calls; i++) {
      int first = i;
      attempt(change, FaultyDisk.failing(call -> call == first));
      attempt(change, FaultyDisk.failing(call -> call >= first));
      attempt(change, FaultyDisk.killedBefore(first));
    }
  }

  private void attempt(Change change, FaultyDisk disk)
      throws IOException, BadArgumentException, InterruptedException {
    freshStore();
    try {
      change.make(new LayerStore(store().root(), disk));
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("cannot ").hasMessageContaining("(EIO)");
    } catch (FaultyDisk.Killed expected) {
      assertThat(disk.calls()).isNotEmpty();
    }
    // The next change, whatever it is, cleans up.
    Reference name = Objects.requireNonNull(Reference.parse("demo:1"));
    new ImageNames(store(), SILENT).put("demo:1", name);
    List<String> ids = new ArrayList<>();
    Containers containers = new Containers(store());
    for (Container container : containers.list()) {
      ids.add(container.id());
      assertThat(containers.upper(container)).as("%s", disk.calls()).isDirectory();
      assertThat(containers.lowers(container)).hasSize(1);
      if (!container.name().equals("new1")) {
        assertThat(containers.upper(container).resolve("change")).hasContent("x");
      }
      for (ContainerMount mount : container.settings().mounts()) {
        assertThat(new Volumes(store()).find(mount.volume()).data()).isDirectory();
      }
    }
    if (change != Change.REMOVE) {
      assertThat(containers.list())
          .as("%s", disk.calls())
          .extracting(Container::name)
          .containsAnyOf("old", "older");
    }
    assertNothingElse(ids, disk.calls());
  }

  private void assertNothingElse(List<String> ids, List<String> story) throws IOException {
    Path root = store().root();
    assertThat(names(root.resolve("image/overlay2/layerdb/mounts")))
        .as("records; calls: %s", story)
        .containsExactlyInAnyOrderElementsOf(ids);
    List<String> layers = names(root.resolve("overlay2"));
    layers.removeIf(name -> name.equals("l"));
    layers.removeIf(name -> Files.exists(root.resolve("overlay2/" + name + "/committed")));
    assertThat(layers).as("layers; calls: %s", story).containsExactlyInAnyOrderElementsOf(ids);
    assertThat(names(root.resolve("overlay2/l"))).as("%s", story).hasSize(ids.size() + 1);
    assertThat(names(root.resolve("tmp"))).as("%s", story).isEmpty();
  }

  private static List<String> names(Path of) throws IOException {
    try (Stream<Path> all = Files.list(of)) {
      return new ArrayList<>(all.map(path -> path.getFileName().toString()).toList());
    }
  }
}
