package plyfs.model;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import plyfs.contract.LayerTree;
import plyfs.layer.MountRefusedException;
import plyfs.layer.UpperLayer;
import plyfs.layer.WhiteoutForm;
import plyfs.sys.ErrnoException;
import plyfs.sys.MountSyscalls;
import plyfs.union.UnionFixture;

/**
 * Random operations on a union do what they do to a plain tree. Systems properties: {@code
 * plyfs.model.operations} how many in all, {@code plyfs.model.seed} the first seed.
 */
final class ModelTest {
  private static final int OPERATIONS = Integer.getInteger("plyfs.model.operations", 4_000);
  private static final long SEED = Long.getLong("plyfs.model.seed", 1);
  private static final int OF_ONE_SEQUENCE = 400;
  private static final int CHECK_EVERY = 20;
  private static final int REMOUNT_EVERY = 80;

  /** Bottom layer first. */
  private static final String[][] LAYERS = {
    {
      "a/a=one",
      "a/b/c=deep",
      "a/b/d=",
      "a/d -> b",
      "b/a/a=x",
      "b/b=y",
      "c=file",
      "d/a/b/c=long",
      "d/e\377=bytes",
      "e\377/a=under a file"
    },
    {"a/a !", "a/c=two", "b/a/ opaque", "b/a/b=new", "d/a/b/d=more", "e\377=covers"},
    {"a/b/c=over", "b/c/", "c/a=dir over file", "d/b -> nowhere", "d/c/d=pure"},
  };

  /** The layers of these tests. */
  static UnionFixture fixture(boolean onHost) throws Exception {
    UnionFixture fixture =
        onHost ? UnionFixture.onHost(LAYERS.length) : UnionFixture.inMemory(LAYERS.length);
    for (int i = 0; i < LAYERS.length; i++) {
      int number = i;
      fixture.onLayer(
          LAYERS.length - i,
          layer -> {
            LayerTree.make(layer, LAYERS[number]);
            dress(layer, number);
          });
    }
    return fixture;
  }

  /** Owners, modes and times that copy-up has to keep. */
  private static void dress(UpperLayer layer, int number) throws ErrnoException {
    for (String path : List.of("a/b", "d/a/b", "d/c/d", "a/b/c")) {
      var ref = LayerTree.ref(layer, path);
      if (layer.stat(ref, new plyfs.sys.Stat())) {
        layer.chown(ref, 10 + number, 20 + number);
        layer.chmod(ref, 02751);
        layer.setTimes(ref, 1, 2, 1_000_000_000L + number, 123_456_789);
      }
    }
  }

  private static ModelTree model() throws ErrnoException {
    ModelTree model = new ModelTree();
    for (String[] layer : LAYERS) {
      model.layOver(layer);
    }
    return model;
  }

  /** Further names of the lower file {@code b/b}, none of which an upper layer covers. */
  private static final List<String> LINKS = List.of("a/b/a", "b/d", "d/a/a");

  /** Gives a lower file three more names. */
  static void link(UnionFixture fixture) throws Exception {
    for (String name : LINKS) {
      int slash = name.lastIndexOf('/');
      fixture.onLayer(
          LAYERS.length,
          layer ->
              layer.link(
                  LayerTree.ref(layer, "b/b"),
                  LayerTree.ref(layer, name.substring(0, slash)),
                  LayerTree.name(name.substring(slash + 1))));
    }
  }

  private static List<Operation> sequence(long seed) {
    Random random = new Random(seed);
    List<Operation> operations = new ArrayList<>();
    for (int i = 1; i <= OF_ONE_SEQUENCE; i++) {
      operations.add(Operation.random(random));
      if (i % REMOUNT_EVERY == 0) {
        operations.add(Operation.of(Operation.Kind.REMOUNT));
      } else if (i % CHECK_EVERY == 0) {
        operations.add(Operation.of(Operation.Kind.CHECK));
      }
    }
    return operations;
  }

  private enum Layers {
    IN_MEMORY,
    ON_DISK,
    WITH_FILE_WHITEOUTS,
    WITH_INDEX
  }

  /** What went wrong and where; null if nothing did. */
  private record Failure(int at, Throwable cause) {}

  private static @Nullable Failure run(List<Operation> operations, Layers kind) throws Exception {
    boolean onHost = kind != Layers.IN_MEMORY;
    try (UnionFixture fixture = fixture(onHost)) {
      if (kind == Layers.WITH_FILE_WHITEOUTS) {
        fixture.whiteouts = WhiteoutForm.FILE;
      }
      ModelTree model = model();
      if (kind == Layers.WITH_INDEX) {
        fixture.index = true;
        link(fixture);
        for (String name : LINKS) {
          model.link(model.get("b/b"), name);
        }
      }
      List<List<String>> before = lowers(fixture, onHost);
      ModelRun run = new ModelRun(fixture, model);
      for (int i = 0; i < operations.size(); i++) {
        try {
          run.run(operations.get(i));
        } catch (RuntimeException | AssertionError | ErrnoException | MountRefusedException e) {
          return new Failure(i, e);
        }
      }
      return before.equals(lowers(fixture, onHost))
          ? null
          : new Failure(operations.size() - 1, new AssertionError("a lower layer has changed"));
    }
  }

  private static List<List<String>> lowers(UnionFixture fixture, boolean onHost)
      throws ErrnoException, MountRefusedException {
    List<List<String>> lowers = new ArrayList<>();
    for (int i = 1; i <= LAYERS.length; i++) {
      lowers.add(onHost ? fixture.fingerprint(i) : fixture.raw(i));
    }
    return lowers;
  }

  /** Leaves operations out as long as the rest still fails. */
  private static AssertionError shrunk(
      List<Operation> operations, Failure first, Layers kind, long seed) throws Exception {
    List<Operation> left = new ArrayList<>(operations.subList(0, first.at + 1));
    Failure failure = first;
    for (int size = Math.max(1, left.size() / 2); size > 0; size /= 2) {
      for (int from = left.size() - 1 - size; from >= 0; from -= size) {
        List<Operation> candidate = new ArrayList<>(left);
        candidate.subList(from, from + size).clear();
        Failure still = run(candidate, kind);
        if (still != null && still.cause.getClass() == first.cause.getClass()) {
          left = new ArrayList<>(candidate.subList(0, still.at + 1));
          failure = still;
          from = Math.min(from, left.size() - size);
        }
      }
    }
    String text = left.stream().map(Operation::toString).collect(Collectors.joining("\n"));
    return new AssertionError(
        "seed " + seed + ": " + failure.cause + " after\n" + text, failure.cause);
  }

  private static void runAll(Layers kind, int sequences) throws Exception {
    List<Long> seeds =
        IntStream.range(0, sequences)
            .mapToObj(i -> SEED + i)
            .collect(Collectors.toCollection(ArrayList::new));
    Collections.sort(seeds);
    for (long seed : seeds) {
      List<Operation> operations = sequence(seed);
      if (kind == Layers.IN_MEMORY) {
        // Layers in memory do not tell an O_TMPFILE from a file that has lost its name.
        operations.removeIf(operation -> operation.kind() == Operation.Kind.LINK_OPEN);
      }
      Failure failure = run(operations, kind);
      if (failure != null) {
        throw shrunk(operations, failure, kind, seed);
      }
    }
  }

  @Test
  void randomOperations_onRealDirectories_doWhatTheyDoToAPlainTree() throws Exception {
    assumeTrue(MountSyscalls.effectiveUser() == 0, "needs root: mount clones, trusted.* xattrs");
    runAll(Layers.ON_DISK, Math.max(1, OPERATIONS / OF_ONE_SEQUENCE));
  }

  @Test
  void randomOperations_whereWhiteoutsAreFiles_doWhatTheyDoToAPlainTree() throws Exception {
    assumeTrue(MountSyscalls.effectiveUser() == 0, "needs root: mount clones, trusted.* xattrs");
    runAll(Layers.WITH_FILE_WHITEOUTS, Math.max(1, OPERATIONS / OF_ONE_SEQUENCE / 2));
  }

  @Test
  void randomOperations_withAnIndex_doWhatTheyDoToAPlainTree() throws Exception {
    assumeTrue(MountSyscalls.effectiveUser() == 0, "needs root: mount clones, trusted.* xattrs");
    runAll(Layers.WITH_INDEX, Math.max(1, OPERATIONS / OF_ONE_SEQUENCE / 2));
  }

  @Test
  void randomOperations_inMemory_doWhatTheyDoToAPlainTree() throws Exception {
    runAll(Layers.IN_MEMORY, Math.max(1, OPERATIONS / OF_ONE_SEQUENCE / 10));
  }
}
