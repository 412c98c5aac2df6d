package plyfs.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import plyfs.image.FaultyDisk.Killed;
import plyfs.image.load.ImageLoader;
import plyfs.image.load.ImageMaker;
import plyfs.image.model.ConfigDraft;
import plyfs.image.model.ProgressListener;
import plyfs.image.model.Reference;
import plyfs.image.store.ImageNames;
import plyfs.image.store.ImageRemoval;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoredImage;

/**
 * Each file system call of tag, rmi, prune and commit fails, alone and with all later ones, and the
 * process is killed before each. Every name leads to a whole image afterwards, no image that was to
 * stay is lost, and the next command ends what was begun: nothing of a removed image is left.
 */
final class StoreChangeFaultTest {
  private Path directory;
  private Path archive;

  /** What is done to a store with {@code kept:1} and {@code gone:1}, which share a layer. */
  enum Change {
    TAG {
      @Override
      void make(LayerStore store) throws IOException {
        Reference name = Objects.requireNonNull(Reference.parse("third:1"));
        new ImageNames(store, ProgressListener.SILENT).put("gone:1", name);
      }
    },
    REMOVE {
      @Override
      void make(LayerStore store) throws IOException {
        removal(store).remove("gone:1", false);
      }
    },
    UNTAG {
      @Override
      void make(LayerStore store) throws IOException {
        removal(store).remove("again:1", false);
      }
    },
    COMMIT {
      @Override
      void make(LayerStore store) throws IOException {
        byte[] layer = TestTar.ofFile("made", "4");
        ConfigDraft parent = ConfigDraft.of("parent", store.config(store.find("kept:1")));
        ConfigDraft.Step step = new ConfigDraft.Step(Instant.EPOCH, "commit", "", "");
        ImageMaker.make(
            store,
            parent,
            step,
            out -> {
              out.write(layer);
              return true;
            },
            Reference.parse("made:1"),
            ProgressListener.SILENT);
      }
    },
    PRUNE {
      @Override
      void make(LayerStore store) throws IOException {
        removal(store).removeAll(image -> image.tags().contains("gone:1"), false);
      }
    };

    abstract void make(LayerStore store) throws IOException;

    static ImageRemoval removal(LayerStore store) {
      return new ImageRemoval(store, image -> List.of(), ProgressListener.SILENT);
    }
  }

  @BeforeEach
  void makeArchive() throws IOException {
    TestStore.requireRoot();
    Path memory = Path.of("/dev/shm");
    directory =
        Files.isWritable(memory)
            ? Files.createTempDirectory(memory, "plyfs-store")
            : Files.createTempDirectory("plyfs-store");
    byte[] shared = TestTar.ofFile("shared", "1");
    TestImage kept = new TestImage().layer(shared).tag("kept:1").tag("again:1");
    TestImage gone =
        new TestImage()
            .layer(shared)
            .layer(TestTar.ofFile("a", "2"))
            .layer(TestTar.ofFile("b", "3"))
            .tag("gone:1");
    archive = TestImage.tar(directory.resolve("kept.tar"), kept.docker24());
    TestImage.tar(directory.resolve("gone.tar"), gone.docker24());
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

  private void freshStore() throws IOException {
    if (Files.exists(store().root())) {
      MoreFiles.deleteRecursively(store().root(), RecursiveDeleteOption.ALLOW_INSECURE);
    }
    load(archive);
    load(directory.resolve("gone.tar"));
  }

  private void load(Path tar) throws IOException {
    ImageLoader.load(tar, store(), ProgressListener.SILENT);
  }

  private List<String> tree() throws IOException {
    return TestTree.ofStore(store().root());
  }

  @ParameterizedTest
  @EnumSource
  void callsThatFail_orAKillBeforeOne_loseNothing_andTheNextChangeEndsIt(Change change)
      throws IOException {
    freshStore();
    FaultyDisk counting = FaultyDisk.failing(call -> false);
    change.make(new LayerStore(store().root(), counting));
    final List<String> done = tree();
    int calls = counting.calls().size();
    assertThat(calls).isGreaterThan(20);
    for (int i = 0; i < calls; i++) {
      int first = i;
      attempt(change, FaultyDisk.failing(call -> call == first), done);
      attempt(change, FaultyDisk.failing(call -> call >= first), done);
      attempt(change, FaultyDisk.killedBefore(first), done);
    }
  }

  private void attempt(Change change, FaultyDisk disk, List<String> done) throws IOException {
    freshStore();
    List<String> before = tree();
    String failure = "";
    try {
      change.make(new LayerStore(store().root(), disk));
    } catch (IOException e) {
      failure = String.valueOf(e.getMessage());
      assertThat(failure).contains("cannot ").contains("(EIO)").doesNotContain("\n");
    } catch (Killed expected) {
      failure = "killed";
    }
    assertSound(disk.calls());
    if (!failure.isEmpty()) {
      boolean hasNames =
          store().images().stream().anyMatch(image -> image.tags().contains("gone:1"));
      assertThat(hasNames || change != Change.TAG).isTrue();
    }
    // The next change, whatever it is, cleans up.
    load(archive);
    if (tree().equals(before) || change == Change.COMMIT) {
      // A commit that was killed can have left its image, which only lacks the name.
      change.make(store());
    } else if (!tree().equals(done)) {
      // Between the two only an image can have lost its name: nothing is lost, and prune takes it.
      Change.removal(store()).removeAll(image -> image.tags().isEmpty(), false);
    }
    assertThat(tree()).as("calls: %s", disk.calls()).isEqualTo(done);
  }

  /** Whatever a name leads to is whole. */
  private void assertSound(List<String> story) throws IOException {
    assertThat(store().find("kept:1").chainIds()).as("calls: %s", story).hasSize(1);
    for (StoredImage image : store().images()) {
      assertThat(store().lowerDirectories(image))
          .as("layers of %s; calls: %s", image, story)
          .hasSameSizeAs(image.chainIds())
          .allSatisfy(layer -> assertThat(layer).isNotEmptyDirectory());
    }
  }
}
