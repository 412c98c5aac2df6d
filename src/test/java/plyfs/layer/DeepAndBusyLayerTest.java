package plyfs.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.layer.TestMounts.bytes;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;
import plyfs.sys.Stat;

/** A layer with few descriptors: deep trees, many directories, and moves while others look. */
final class DeepAndBusyLayerTest {
  private static final int LIMIT = 32; // for two layers: 16 each
  private static final Name CHILD = Name.of("c");

  private final TestMounts places = new TestMounts();
  private int before;
  private LayerStack stack;

  DeepAndBusyLayerTest() throws Exception {
    stack = LayerStack.of(List.of(), null, OverlayXattr.TRUSTED);
  }

  @BeforeEach
  void open() throws Exception {
    Path upper = places.directory("upper");
    Path work = places.directory("work");
    before = TestMounts.openDescriptors();
    stack = LayerStack.open(TestMounts.plan(upper, work, places.directory("lower")), LIMIT);
  }

  @AfterEach
  void close() throws Exception {
    stack.close();
    try {
      assertThat(TestMounts.openDescriptors()).as("no descriptor leaks").isEqualTo(before);
    } finally {
      places.close();
    }
  }

  private UpperLayer upper() {
    UpperLayer upper = stack.upper();
    if (upper == null) {
      throw new IllegalStateException("opened with an upper layer");
    }
    return upper;
  }

  private static LayerRef makeBelow(UpperLayer upper, LayerRef directory, Name name)
      throws ErrnoException {
    LayerRef made = upper.prepareDirectory();
    upper.publish(made, directory, name);
    return made;
  }

  /** SEMANTICS 4.87: no path is ever longer than one name. */
  @Test
  void twoThousandDirectoriesDeep_withSixteenDescriptors() throws Exception {
    UpperLayer upper = upper();
    List<LayerRef> chain = new ArrayList<>();
    Name long60 = Name.of("d".repeat(60));
    LayerRef at = upper.root();
    for (int depth = 0; depth < 2000; depth++) {
      at = makeBelow(upper, at, long60);
      chain.add(at);
    }
    LayerRef cold = upper.root();
    for (int depth = 0; depth < 2000; depth++) {
      cold = new LayerRef(cold, long60);
    }
    Stat stat = new Stat();
    assertThat(upper.stat(cold, stat)).isTrue();
    long ino = stat.ino();
    assertThat(upper.stat(chain.get(1999), stat)).isTrue();
    assertThat(stat.ino()).isEqualTo(ino);
    upper.chmod(cold, 0711);
    for (int i = 0; i < 2000; i += 97) {
      assertThat(upper.stat(chain.get(i), stat)).isTrue();
      upper.list(chain.get(i), (name, type, number) -> {});
    }
    assertThat(TestMounts.openDescriptors()).isLessThanOrEqualTo(before + LIMIT + 10);
  }

  @Test
  void manyDirectories_keepTheDescriptorBound() throws Exception {
    UpperLayer upper = upper();
    List<LayerRef> directories = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      LayerRef made = makeBelow(upper, upper.root(), Name.of("d" + i));
      makeBelow(upper, made, CHILD);
      directories.add(made);
    }
    Stat stat = new Stat();
    for (int round = 0; round < 3; round++) {
      for (LayerRef directory : directories) {
        assertThat(upper.stat(new LayerRef(directory, CHILD), stat)).isTrue();
        assertThat(TestMounts.openDescriptors()).isLessThanOrEqualTo(before + LIMIT + 10);
      }
    }
    directories.forEach(upper::forget);
    assertThat(TestMounts.openDescriptors()).isLessThanOrEqualTo(before + 10);
  }

  /**
   * Two towers with an impostor each: while their tops swap places, whoever looks through a
   * reference finds its own object, never the one of the same path.
   */
  @Test
  void looksBelowMovingDirectories_alwaysFindTheirOwnObjects() throws Exception {
    UpperLayer upper = upper();
    LayerRef one = makeBelow(upper, upper.root(), Name.of("one"));
    LayerRef other = makeBelow(upper, upper.root(), Name.of("other"));
    List<LayerRef> bottoms = new ArrayList<>();
    List<Long> inodes = new ArrayList<>();
    for (LayerRef top : List.of(one, other)) {
      LayerRef at = top;
      for (int depth = 0; depth < 20; depth++) {
        at = makeBelow(upper, at, CHILD);
      }
      Stat stat = new Stat();
      assertThat(upper.stat(at, stat)).isTrue();
      bottoms.add(at);
      inodes.add(stat.ino());
      upper.setXattr(at, bytes("user.tower"), bytes(top.toString()), 0);
    }
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      Future<Integer> mover = threads.submit(() -> moveUntil(done, one, other));
      List<Future<?>> lookers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        int which = i % 2;
        lookers.add(
            threads.submit(
                () -> {
                  look(bottoms.get(which), inodes.get(which), which == 0 ? one : other);
                  return null;
                }));
      }
      for (Future<?> looker : lookers) {
        looker.get();
      }
      done.set(true);
      assertThat(mover.get()).isPositive();
    } finally {
      done.set(true);
      threads.shutdownNow();
    }
    assertThat(TestMounts.openDescriptors()).isLessThanOrEqualTo(before + LIMIT + 10);
  }

  private int moveUntil(AtomicBoolean done, LayerRef one, LayerRef other) throws Exception {
    UpperLayer upper = upper();
    LayerRef third = makeBelow(upper, upper.root(), Name.of("third"));
    int moves = 0;
    while (!done.get() || moves == 0) {
      upper.exchange(one, other);
      upper.move(other, third, Name.of("below"), 0);
      upper.move(other, upper.root(), Name.of("one"), 0);
      upper.exchange(one, other);
      moves += 4;
    }
    return moves;
  }

  private void look(LayerRef bottom, long ino, LayerRef top) throws Exception {
    UpperLayer upper = upper();
    Stat stat = new Stat();
    LayerRef absent = new LayerRef(bottom, Name.of("absent"));
    List<LayerRef> filler = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      // Other references to the way down, so that the few descriptors change hands all the time.
      LayerRef at = top;
      for (int depth = 0; depth < 20; depth++) {
        at = new LayerRef(at, CHILD);
      }
      filler.add(at);
      assertThat(upper.stat(at, stat)).isTrue();
      assertThat(stat.ino()).isEqualTo(ino);
      assertThat(upper.stat(bottom, stat)).isTrue();
      assertThat(stat.ino()).isEqualTo(ino);
      assertThat(upper.stat(absent, stat)).isFalse();
      assertThat(upper.xattr(bottom, bytes("user.tower"))).isNotNull();
      upper.list(bottom, (name, type, number) -> {});
      upper.forget(at);
    }
    assertThat(filler).hasSize(2000);
  }

  /** A request that uses a kept object when it gets a name again goes on undisturbed. */
  @Test
  void keepAndRename_whileOthersLook() throws Exception {
    UpperLayer upper = upper();
    LayerRef file = upper.prepareFile();
    upper.publish(file, upper.root(), Name.of("f"));
    Stat first = new Stat();
    assertThat(upper.stat(file, first)).isTrue();
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<?>> lookers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        lookers.add(
            threads.submit(
                () -> {
                  Stat stat = new Stat();
                  while (!done.get()) {
                    assertThat(upper.stat(file, stat)).isTrue();
                    assertThat(stat.ino()).isEqualTo(first.ino());
                    assertThat(upper.xattrNames(file)).isNotNull();
                  }
                  return null;
                }));
      }
      for (int i = 0; i < 3000; i++) {
        upper.keep(file);
        upper.rename(file, upper.root(), Name.of("f"));
      }
      done.set(true);
      for (Future<?> looker : lookers) {
        looker.get();
      }
    } finally {
      done.set(true);
      threads.shutdownNow();
    }
    upper.forget(file);
  }
}
