package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import plyfs.layer.MountRefusedException;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.union.api.UnionOptions;

/**
 * What fsync does and tells: SEMANTICS 4.45, 4.46, 4.97. In memory, with files just made, since
 * only those are reached through the layer that is watched.
 */
class FileSyncTest extends UnionCase {
  private static final UnionOptions VOLATILE = UnionOptions.DEFAULT.asVolatile();

  private final LayerSpy spy = new LayerSpy();

  private UnionPaths watched(UnionFixture fixture) throws ErrnoException, MountRefusedException {
    fixture.around = spy::around;
    return fixture.mount();
  }

  @Override
  boolean onHost() {
    return false;
  }

  @Test
  void copiedUpFile_isSyncedBeforeItGetsItsName() throws Exception {
    UnionFixture fixture = over("d/f=1");
    UnionPaths union = watched(fixture);
    union.chmod("d", 0700);
    spy.calls.clear();
    union.write("d/f", 0, "2");
    assertThat(spy.calls)
        .containsSubsequence(
            "prepareFile",
            "write",
            "startWriteBack",
            "chown",
            "setXattr",
            "chmod",
            "setTimes",
            "sync",
            "publish");
  }

  @Test
  void copyWithoutData_isNotSynced() throws Exception {
    UnionFixture fixture = over("d/f=1");
    UnionPaths union = watched(fixture);
    union.truncate("d/f", 0);
    assertThat(spy.calls).contains("publish").doesNotContain("sync");
    assertThat(union.read("d/f")).isEmpty();
  }

  @Test
  void volatileMount_syncsNothing() throws Exception {
    UnionFixture fixture = over("d/f=1");
    fixture.options = VOLATILE;
    UnionPaths union = watched(fixture);
    union.chmod("d/f", 0600);
    long handle = union.openNew("d/new", 0600);
    union.writeAt(handle, 0, "2");
    fixture.fs().sync(handle, false);
    fixture.fs().syncDirectory(UnionFs.ROOT_ID);
    union.release(handle);
    assertThat(spy.calls)
        .contains("publish", "isWrittenBack")
        .doesNotContain("sync", "startWriteBack");
  }

  @Test
  void volatileMount_failsEveryFsync_onceDataIsLost() throws Exception {
    UnionFixture fixture = over("low=1");
    fixture.options = VOLATILE;
    UnionPaths union = watched(fixture);
    long lost = union.openNew("lost", 0600);
    long other = union.openNew("other", 0600);
    long low = union.open("low", Linux.O_RDONLY);
    fixture.fs().sync(lost, false);
    spy.isWrittenBack = false;
    union.release(lost); // nobody has asked before the end
    spy.isWrittenBack = true;
    for (long handle : new long[] {other, low, other}) {
      assertThat(errno(() -> fixture.fs().sync(handle, true))).isEqualTo("EIO");
    }
    assertThat(errno(() -> fixture.fs().syncDirectory(UnionFs.ROOT_ID))).isEqualTo("EIO");
    union.writeAt(other, 0, "still");
    assertThat(union.readAt(other, 0, 5)).isEqualTo("still");
    union.release(other);
    union.release(low);
  }

  /** SEMANTICS 4.97: a sync that fails is the error of the write. */
  @Test
  void writeToASynchronousOpen_isSyncedBeforeItReturns() throws Exception {
    UnionFixture fixture = over("d/");
    Faults faults = new Faults();
    fixture.around = faults::around;
    UnionPaths union = fixture.mount();
    long handle = union.openNew("d/f", 0600);
    for (int how : new int[] {0, Linux.O_DSYNC, Linux.O_SYNC}) {
      faults.fail(2, Errno.ENOSPC);
      assertThat(errno(() -> union.writeAt(handle, 0, "text", how)))
          .isEqualTo(how == 0 ? "ok" : "ENOSPC");
      assertThat(faults.failed).isEqualTo(how == 0 ? null : "sync");
      faults.heal();
      assertThat(errno(() -> union.writeAt(handle, 0, "text", how))).isEqualTo("ok");
    }
    union.release(handle);
  }

  /** Seen as an fsync that failed for ever, though the disk was full for a moment only. */
  @Test
  void lackOfSpace_isToldToWhoAsked_andNotLater_whereOpensAreNotKnown() throws Exception {
    UnionFixture fixture = over("d/");
    Faults faults = new Faults();
    fixture.around = faults::around;
    UnionPaths union = fixture.mount();
    long handle = union.openNew("f", 0600);
    long node = union.resolve("f");
    for (int errno : new int[] {Errno.ENOSPC, Errno.EDQUOT, Errno.ENOSPC}) {
      faults.fail(1, errno);
      assertThat(errno(() -> fixture.fs().sync(node, true))).isEqualTo(Errno.name(errno));
      faults.heal();
      assertThat(errno(() -> fixture.fs().sync(node, false))).isEqualTo("ok");
    }
    faults.fail(1, Errno.EIO);
    for (int i = 0; i < 3; i++) { // nobody knows who has heard of it
      assertThat(errno(() -> fixture.fs().sync(node, false))).isEqualTo("EIO");
      faults.heal();
    }
    faults.fail(1, Errno.ENOSPC);
    assertThat(errno(() -> fixture.fs().sync(node, false))).isEqualTo("ENOSPC");
    faults.heal();
    assertThat(errno(() -> fixture.fs().sync(node, false))).isEqualTo("EIO");
    fixture.fs().forget(node, 1);
    union.release(handle);
    assertAllForgotten(fixture);
  }

  /** As the kernel tells each descriptor: what could not be written back may be lost. */
  @Test
  void lackOfSpace_isToldToEachOpen_once() throws Exception {
    UnionFixture fixture = over("d/");
    Faults faults = new Faults();
    fixture.around = faults::around;
    UnionPaths union = fixture.mount();
    long one = union.openNew("f", 0600);
    long two = union.open("f", Linux.O_RDONLY);
    faults.fail(1, Errno.ENOSPC);
    assertThat(errno(() -> fixture.fs().sync(one, false))).isEqualTo("ENOSPC");
    faults.heal();
    assertThat(errno(() -> fixture.fs().sync(one, false))).isEqualTo("ok");
    assertThat(errno(() -> fixture.fs().sync(two, false))).isEqualTo("ENOSPC");
    for (long handle : new long[] {one, two}) {
      assertThat(errno(() -> fixture.fs().sync(handle, false))).isEqualTo("ok");
      union.release(handle);
    }
  }

  /** The opens share one descriptor, and the file system tells a descriptor only once. */
  @Test
  void failedSync_isToldToEachOpen_once() throws Exception {
    UnionFixture fixture = over("d/");
    Faults faults = new Faults();
    fixture.around = faults::around;
    UnionPaths union = fixture.mount();
    long one = union.openNew("f", 0600);
    long two = union.open("f", Linux.O_RDONLY);
    faults.fail(1, Errno.EIO);
    assertThat(errno(() -> fixture.fs().sync(one, false))).isEqualTo("EIO");
    faults.heal();
    long later = union.open("f", Linux.O_RDWR);
    assertThat(errno(() -> fixture.fs().sync(later, false))).isEqualTo("ok");
    assertThat(errno(() -> fixture.fs().sync(two, true))).isEqualTo("EIO");
    for (long handle : new long[] {one, two, later}) {
      assertThat(errno(() -> fixture.fs().sync(handle, false))).isEqualTo("ok");
      union.release(handle);
    }
    assertAllForgotten(fixture);
  }
}
