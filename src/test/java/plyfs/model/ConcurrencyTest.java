package plyfs.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Name;
import plyfs.union.UnionFixture;
import plyfs.union.UnionFs;
import plyfs.union.UnionPaths;
import plyfs.union.api.AttributeChange;
import plyfs.union.api.NodeView;
import plyfs.union.api.UnionOptions;

/** Many threads on one union. System property: {@code plyfs.concurrency.operations} a thread. */
final class ConcurrencyTest {
  private static final int THREADS = 8;
  private static final int OPERATIONS = Integer.getInteger("plyfs.concurrency.operations", 300);
  private static final int ROUNDS = 20;
  private static final int DEADLOCK_SECONDS = 300;

  /** What an operation may end with when another one is quicker. */
  private static final Set<Integer> EXPECTED =
      Set.of(
          Errno.ENOENT,
          Errno.EEXIST,
          Errno.ENOTDIR,
          Errno.EISDIR,
          Errno.ENOTEMPTY,
          Errno.EINVAL,
          Errno.ENODATA,
          Errno.EPERM,
          Errno.ENXIO,
          Errno.EOPNOTSUPP);

  private UnionFixture fixture = UnionFixture.inMemory(1);

  @BeforeEach
  void layers() throws Exception {
    fixture.close();
    assumeTrue(MountSyscalls.effectiveUser() == 0, "needs root: mount clones, trusted.* xattrs");
    fixture = ModelTest.fixture(true);
    fixture.options = UnionOptions.DEFAULT.withSync(false);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private interface Work {
    void run(UnionPaths union, int thread) throws Exception;
  }

  private void inParallel(Work work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Callable<Boolean>> tasks = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int thread = i;
        UnionPaths union = new UnionPaths(fixture.fs());
        tasks.add(
            () -> {
              work.run(union, thread);
              return true;
            });
      }
      for (Future<Boolean> done : threads.invokeAll(tasks, DEADLOCK_SECONDS, TimeUnit.SECONDS)) {
        assertThat(done.get()).isTrue();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static void attempt(UnionPaths union, UnionFs fs, Operation op) throws ErrnoException {
    try {
      apply(union, fs, op);
    } catch (ErrnoException e) {
      if (!EXPECTED.contains(e.errno())) {
        throw e;
      }
    }
  }

  private static void apply(UnionPaths union, UnionFs fs, Operation op) throws ErrnoException {
    switch (op.kind()) {
      case CREATE -> union.create(op.path(), op.other());
      case MKDIR -> union.mkdir(op.path(), 0755);
      case MKFIFO -> union.mknod(op.path(), Linux.S_IFIFO | 0600, 0);
      case SYMLINK -> union.symlink(op.other(), op.path());
      case UNLINK -> union.unlink(op.path());
      case RMDIR -> union.rmdir(op.path());
      case LINK -> union.link(op.path(), op.other());
      case RENAME -> union.rename(op.path(), op.other(), op.number());
      case CHMOD, CHMOD_OPEN -> union.chmod(op.path(), op.number());
      case CHOWN -> union.change(op.path(), new AttributeChange().uid(op.number()));
      case SET_TIMES -> union.change(op.path(), new AttributeChange().mtime(op.number(), 0));
      case SET_XATTR -> union.setXattr(op.path(), op.other(), op.path());
      case REMOVE_XATTR -> union.removeXattr(op.path(), op.other());
      case WRITE, WRITE_OPEN -> union.write(op.path(), op.number(), op.other());
      case TRUNCATE -> union.truncate(op.path(), op.number());
      case OPEN, READ_OPEN -> union.read(op.path());
      case OPEN_NAMELESS, LINK_OPEN -> linkNameless(union, fs, op);
      case CLOSE, CHECK, REMOUNT -> union.list("", op.slot() % 2 == 0);
    }
  }

  private static void linkNameless(UnionPaths union, UnionFs fs, Operation op)
      throws ErrnoException {
    long[] made = union.openNameless("", 0600);
    try {
      union.writeAt(made[0], 0, "nameless");
      union.linkNode(made[1], op.path());
    } finally {
      fs.release(made[0]);
      fs.forget(made[1], 1);
    }
  }

  private void assertConsistent(UnionPaths union) throws Exception {
    assertThat(fixture.fs().nodeCount()).isEqualTo(1);
    assertThat(fixture.fs().handleCount()).isZero();
    assertThat(fixture.workdir()).isEmpty();
    List<String> now = union.snapshot();
    assertThat(fixture.fs().nodeCount()).isEqualTo(1);
    assertThat(fixture.mount().snapshot()).isEqualTo(now);
  }

  @Test
  void randomOperationsOfEightThreads_leaveAConsistentTree_andNothingBehind() throws Exception {
    randomOperations(OPERATIONS);
  }

  @Test
  void randomOperations_withAnIndex_leaveAConsistentTree() throws Exception {
    fixture.index = true;
    ModelTest.link(fixture);
    randomOperations(OPERATIONS / 2);
  }

  @Test
  void randomOperations_withMetacopy_leaveAConsistentTree() throws Exception {
    fixture.options = fixture.options.withMetacopy(true);
    randomOperations(OPERATIONS / 2);
  }

  @Test
  void randomOperations_withAnIndexAndMetacopy_leaveAConsistentTree() throws Exception {
    fixture.index = true;
    fixture.options = fixture.options.withMetacopy(true);
    ModelTest.link(fixture);
    randomOperations(OPERATIONS / 2);
  }

  private void randomOperations(int ofEach) throws Exception {
    int descriptors = UnionFixture.descriptors();
    List<List<String>> lowers = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      lowers.add(fixture.fingerprint(i));
    }
    UnionPaths union = fixture.mount();
    inParallel(
        (mine, thread) -> {
          Random random = new Random(thread);
          for (int i = 0; i < ofEach; i++) {
            attempt(mine, fixture.fs(), Operation.random(random));
          }
        });
    assertConsistent(union);
    fixture.unmount();
    assertThat(UnionFixture.descriptors()).isLessThanOrEqualTo(descriptors);
    for (int i = 1; i <= 3; i++) {
      assertThat(fixture.fingerprint(i)).isEqualTo(lowers.get(i - 1));
    }
  }

  @Test
  void concurrentCopyUpOfOneFile_makesOneUpperObject() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      layers();
      UnionPaths union = fixture.mount();
      inParallel((mine, thread) -> mine.write("d/a/b/d", 10L + thread, "" + thread));
      assertThat(union.read("d/a/b/d")).isEqualTo("more\0\0\0\0\0\00001234567");
      assertConsistent(union);
    }
  }

  @Test
  void copyUpAgainstUnlinkAndRename_losesNothing() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      layers();
      UnionPaths union = fixture.mount();
      long kept = union.resolve("d/a/b/c");
      long handle = fixture.fs().open(kept, Linux.O_RDONLY, false, union.caller);
      inParallel(
          (mine, thread) -> {
            Operation.Kind[] kinds = {Operation.Kind.RENAME, Operation.Kind.UNLINK};
            if (thread < 2) {
              attempt(
                  mine, fixture.fs(), new Operation(kinds[thread], "d/a/b/c", "d/a/b/moved", 0, 0));
            } else {
              NodeView view = new NodeView();
              fixture.fs().setAttributes(kept, new AttributeChange().mode(0700), mine.caller, view);
              assertThat(view.stat().mode() & 07777).isEqualTo(0700);
            }
          });
      assertThat(union.readAt(handle, 0, 100)).isEqualTo("long");
      fixture.fs().release(handle);
      fixture.fs().forget(kept, 1);
      assertConsistent(union);
    }
  }

  @Test
  void renamesOfHardLinksOfOneFile_moveEachItsOwnName() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      layers();
      UnionPaths union = fixture.mount();
      for (int i = 0; i < THREADS; i++) {
        union.mkdir("dir" + i, 0755);
      }
      union.create("dir0/one", "");
      for (int i = 1; i < THREADS; i++) {
        union.link("dir0/one", "dir" + i + "/one");
      }
      long node = union.resolve("dir0/one");
      inParallel(
          (mine, thread) -> {
            String mineOnly = "dir" + thread;
            for (int i = 0; i < 20; i++) {
              mine.rename(mineOnly + "/one", mineOnly + "/other", 0);
              mine.chmod(mineOnly + "/other", 0600);
              mine.rename(mineOnly + "/other", mineOnly + "/one", 0);
            }
            if (thread > 0) {
              mine.unlink(mineOnly + "/one");
            }
          });
      assertThat(union.names("dir0")).containsExactly("one");
      assertThat(union.names("dir1")).isEmpty();
      assertThat(union.view("dir0/one").nlink()).isEqualTo(1);
      union.unlink("dir0/one");
      NodeView view = new NodeView();
      fixture.fs().getAttributes(node, view);
      assertThat(view.nlink()).isZero();
      fixture.fs().forget(node, 1);
      assertConsistent(union);
    }
  }

  @Test
  void createAgainstRmdir_neverLosesTheNewFile() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      layers();
      UnionPaths union = fixture.mount();
      AtomicInteger created = new AtomicInteger();
      AtomicInteger removed = new AtomicInteger();
      inParallel(
          (mine, thread) -> {
            try {
              if (thread % 2 == 0) {
                mine.rmdir("b/c");
                removed.incrementAndGet();
              } else {
                mine.create("b/c/f" + thread, "");
                created.incrementAndGet();
              }
            } catch (ErrnoException e) {
              assertThat(e.errno()).isIn(Errno.ENOENT, Errno.ENOTEMPTY);
            }
          });
      assertThat(union.exists("b/c")).isEqualTo(removed.get() == 0);
      assertThat(created.get() == 0).isEqualTo(removed.get() == 1);
      assertConsistent(union);
    }
  }

  @Test
  void forgetAgainstLookup_ofHardLinksInTwoDirectories_keepsOneNode() throws Exception {
    UnionPaths union = fixture.mount();
    union.link("a/c", "d/link");
    Name[] names = {Name.of("c"), Name.of("link")};
    long[] parents = {union.resolve("a"), union.resolve("d")};
    inParallel(
        (mine, thread) -> {
          NodeView view = new NodeView();
          NodeView other = new NodeView();
          for (int i = 0; i < 10 * OPERATIONS; i++) {
            int one = (i + thread) % 2;
            fixture.fs().lookup(parents[one], names[one], view);
            fixture.fs().lookup(parents[1 - one], names[1 - one], other);
            assertThat(other.nodeId()).isEqualTo(view.nodeId());
            assertThat(view.nlink()).isEqualTo(2);
            fixture.fs().forget(view.nodeId(), 2);
          }
        });
    fixture.fs().forget(parents[0], 1);
    fixture.fs().forget(parents[1], 1);
    assertConsistent(union);
  }
}
