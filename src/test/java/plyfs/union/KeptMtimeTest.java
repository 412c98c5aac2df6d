package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import plyfs.contract.LayerTree;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.FlagsForm;
import plyfs.sys.Linux;
import plyfs.union.api.AttributeChange;
import plyfs.union.api.Caller;
import plyfs.union.api.NodeView;
import plyfs.union.api.UnionOptions;

/**
 * The modification times of a mount with {@code writeback=1}, where the kernel keeps them:
 * SEMANTICS 4.51. What the kernel reports to programs must be there after the next mount.
 */
class KeptMtimeTest extends UnionCase {
  @SuppressWarnings("NullAway.Init") // by mount
  private UnionFixture fixture;

  @SuppressWarnings("NullAway.Init")
  private UnionPaths union;

  private void mount(String... lowers) throws Exception {
    fixture = over(lowers);
    remount();
  }

  private void remount() throws Exception {
    union = fixture.mount();
    fixture.fs().callerKeepsMtimes();
  }

  private String mtime(String path) throws ErrnoException {
    return union.on(path, this::mtime);
  }

  private String mtime(long node) throws ErrnoException {
    NodeView view = new NodeView();
    fixture.fs().getAttributes(node, view);
    return view.stat().mtimeSeconds() + "." + view.stat().mtimeNanos();
  }

  /** What the kernel sends for a file that was written. */
  private static AttributeChange flushed(long mtime, long ctime) {
    return new AttributeChange().mtime(mtime, 1).ctime(ctime, 1).keptTimes(true);
  }

  private void tell(String path, AttributeChange change) throws ErrnoException {
    union.change(path, change);
  }

  @Test
  void dataThatComesAfterItsTime_movesNoMtime() throws Exception {
    mount("low=old");
    long made = union.openNew("made", 0644);
    long low = union.open("low", Linux.O_RDWR);
    tell("made", flushed(1000, 1000));
    tell("low", flushed(2000, 2000));
    union.writeAt(made, 0, "late");
    union.writeAt(low, 1, "late");
    assertThat(mtime("made")).isEqualTo("1000.1");
    assertThat(mtime("low")).isEqualTo("2000.1");
    union.release(made);
    union.release(low);
    remount();
    assertThat(mtime("made")).isEqualTo("1000.1");
    assertThat(mtime("low")).isEqualTo("2000.1");
    assertThat(union.read("low")).isEqualTo("olate");
  }

  /** The clock of the kernel has not moved since, so it sees no change of the time. */
  @Test
  void fileThatIsMadeAndWrittenAtOnce_keepsTheTimeThatWasShown_thoughNoneIsTold() throws Exception {
    mount();
    long handle = union.openNew("f", 0644);
    long[] nameless = union.openNameless("", 0644);
    String shown = mtime("f");
    String shownOfNameless = mtime(nameless[1]);
    waitForTheClock();
    union.writeAt(handle, 0, "late");
    union.writeAt(nameless[0], 0, "late");
    assertThat(mtime("f")).isEqualTo(shown);
    assertThat(mtime(nameless[1])).isEqualTo(shownOfNameless);
    union.release(handle);
    union.release(nameless[0]);
    fixture.fs().forget(nameless[1], 1);
    assertAllForgotten(fixture);
  }

  /** Until a file made now is younger than all that there are: ticks have milliseconds. */
  private void waitForTheClock() throws Exception {
    union.create("clock", "");
    String first = mtime("clock");
    while (timeOfAnotherFile().equals(first)) {
      Thread.onSpinWait();
    }
  }

  private String timeOfAnotherFile() throws Exception {
    union.unlink("clock");
    union.create("clock", "");
    return mtime("clock");
  }

  /** So that a daemon that dies before the time is told leaves no new content with an old time. */
  @Test
  void untilATimeIsTold_aFileThatWasThere_hasTheTimeOfItsChange() throws Exception {
    mount("low=old");
    fixture.onLayer(1, layer -> layer.setTimes(LayerTree.ref(layer, "low"), 1, 1, 1, 1));
    remount();
    long before = Instant.now().getEpochSecond();
    union.write("low", 0, "new");
    assertThat(union.stat("low").mtimeSeconds()).isGreaterThanOrEqualTo(before);
    tell("low", flushed(3000, 3000));
    assertThat(mtime("low")).isEqualTo("3000.1");
    assertAllForgotten(fixture);
  }

  @Test
  void everyOtherChangeOfContent_movesNoMtimeEither() throws Exception {
    mount("from=0123456789");
    long handle = union.openNew("f", 0644);
    long from = union.open("from", Linux.O_RDONLY);
    union.writeAt(handle, 0, "0123456789");
    tell("f", flushed(1000, 1000));
    UnionFs fs = fixture.fs();
    Caller user = new Caller(1, 1, 0, () -> false);
    fs.allocate(handle, 0, 0, 100, true, user);
    assertThat(mtime("f")).as("fallocate").isEqualTo("1000.1");
    assertThat(fs.copyRange(from, 0, handle, 50, 10, false, user)).isEqualTo(10);
    assertThat(mtime("f")).as("copy_file_range").isEqualTo("1000.1");
    union.truncate("f", 7);
    assertThat(mtime("f")).as("truncate to the size that the kernel has").isEqualTo("1000.1");
    union.release(union.open("f", Linux.O_RDWR | Linux.O_TRUNC));
    assertThat(mtime("f")).as("O_TRUNC").isEqualTo("1000.1");
    assertThat(union.stat("f").size()).isZero();
    tell("f", new AttributeChange().size(3).mtime(4000, 1).ctime(4000, 1));
    assertThat(mtime("f")).isEqualTo("4000.1");
    union.writeAt(handle, 0, "abc");
    assertThat(mtime("f")).isEqualTo("4000.1");
    union.release(handle);
    union.release(from);
    assertAllForgotten(fixture);
  }

  /** utimensat(2) and what the kernel flushes may be read in another order than they were sent. */
  @Test
  void timeThatWasSentBeforeAnother_andComesAfterIt_isNotTaken() throws Exception {
    mount();
    union.create("f", "");
    long node = union.resolve("f");
    tell("f", new AttributeChange().atime(8, 8).mtime(5, 5).ctime(2000, 2));
    tell("f", flushed(1000, 2000));
    assertThat(mtime("f")).isEqualTo("5.5");
    tell("f", new AttributeChange().atime(9, 9).mtime(6, 6).ctime(1999, 3));
    assertThat(mtime("f")).isEqualTo("5.5");
    assertThat(union.stat("f").atimeSeconds()).isEqualTo(9);
    tell("f", flushed(1001, 2001));
    assertThat(mtime("f")).isEqualTo("1001.1");
    long ahead = Instant.now().getEpochSecond() + 3600;
    tell("f", flushed(ahead, ahead));
    tell("f", flushed(ahead - 7200, ahead - 7200)); // the clock was set back meanwhile
    assertThat(mtime("f")).isEqualTo(ahead - 7200 + ".1");
    fixture.fs().forget(node, 1);
    assertAllForgotten(fixture);
  }

  @Test
  void writesAndTimesAtOnce_endWithTheLastTimeTold() throws Exception {
    mount();
    long handle = union.openNew("f", 0644);
    int last = 500;
    ExecutorService writer = Executors.newSingleThreadExecutor();
    try {
      Future<?> writes =
          writer.submit(
              () -> {
                UnionPaths other = new UnionPaths(fixture.fs());
                for (int i = 0; i < 4 * last; i++) {
                  other.writeAt(handle, i, "x");
                }
                return null;
              });
      for (int i = 1; i <= last; i++) {
        tell("f", flushed(i, i));
      }
      writes.get();
    } finally {
      writer.shutdown();
    }
    assertThat(mtime("f")).isEqualTo(last + ".1");
    union.release(handle);
  }

  @Test
  void dataOfAMetacopyFile_comesAfterItsTime_andMovesNoMtime() throws Exception {
    fixture = over("low=old");
    fixture.options = UnionOptions.DEFAULT.withMetacopy(true);
    remount();
    long node = union.resolve("low");
    tell("low", new AttributeChange().mode(0600));
    tell("low", flushed(1000, 1000));
    union.write("low", 0, "new");
    assertThat(mtime("low")).isEqualTo("1000.1");
    fixture.fs().forget(node, 1);
    assertAllForgotten(fixture);
  }

  @Test
  void timeThatCannotBeSet_isNotTakenForTold() throws Exception {
    Faults faults = new Faults();
    fixture = over();
    fixture.around = faults::around;
    remount();
    long handle = union.openNew("f", 0644);
    tell("f", flushed(1000, 1000));
    AttributeChange refused = new AttributeChange().mtime(2000, 1).ctime(2000, 1);
    for (int k = 1; !"setTimes".equals(faults.failed); k++) {
      faults.fail(k, Errno.EIO);
      assertThat(errno(() -> tell("f", refused))).isEqualTo("EIO");
    }
    faults.heal();
    union.writeAt(handle, 0, "late");
    assertThat(mtime("f")).isEqualTo("1000.1");
    union.release(handle);
  }

  /** chattr +a allows touch(1), and so what an append does to the time. */
  @Test
  void timeOfAnAppend_isTakenForAFileUnderAppendOnly_andNoOther() throws Exception {
    mount();
    union.create("f", "");
    long node = union.resolve("f");
    byte[] appendOnly = {0x20, 0, 0, 0};
    fixture.fs().setFlags(node, FlagsForm.FLAGS, appendOnly, union.caller);
    tell("f", flushed(1000, 1000));
    assertThat(mtime("f")).isEqualTo("1000.1");
    assertThat(errno(() -> tell("f", flushed(7, 1001)))).isEqualTo("EPERM");
    assertThat(mtime("f")).isEqualTo("1000.1");
    fixture.fs().forget(node, 1);
  }

  /** Where the kernel keeps no times, a write moves them, after utimensat(2) too. */
  @Test
  void withoutWriteBack_aWriteMovesTheMtime() throws Exception {
    fixture = over();
    union = fixture.mount();
    union.create("f", "");
    tell("f", new AttributeChange().mtime(1000, 1));
    union.write("f", 0, "new");
    assertThat(union.stat("f").mtimeSeconds()).isGreaterThan(1000);
    assertAllForgotten(fixture);
  }
}
