package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import plyfs.sys.Linux;
import plyfs.union.api.Caller;

/** What happens while the data of a file is copied up: SEMANTICS 4.40, 4.42, 4.43. */
class HeldCopyUpTest extends UnionCase {
  private static final int SIZE = 5 << 20;

  private final CountDownLatch isCopying = new CountDownLatch(1);
  private final CountDownLatch mayGoOn = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void end() {
    mayGoOn.countDown();
    threads.shutdown();
  }

  /** Is asked between two pieces of data, and waits there. */
  private boolean hold() {
    isCopying.countDown();
    try {
      mayGoOn.await();
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Caller caller(BooleanSupplier abandoned) {
    return new Caller(0, 0, 0, abandoned);
  }

  private UnionFixture withBigFile() throws Exception {
    UnionFixture fixture = over("f=", "d/other=other", "d/more=more");
    Files.write(fixture.realPath(1, "f"), new byte[SIZE]);
    fixture.mount();
    return fixture;
  }

  /** Opens the file for writing in another thread, which waits in the middle of the copy. */
  private Future<Long> openAndHold(UnionFixture fixture) throws Exception {
    UnionPaths opener = new UnionPaths(fixture.fs());
    opener.caller = caller(this::hold);
    Future<Long> handle =
        threads.submit(
            () -> {
              try {
                return opener.open("f", Linux.O_RDWR);
              } finally {
                isCopying.countDown(); // where extents are shared there is nothing to wait in
              }
            });
    isCopying.await();
    return handle;
  }

  @Test
  void othersGoOn_whileAFileIsCopied() throws Exception {
    UnionFixture fixture = withBigFile();
    Future<Long> held = openAndHold(fixture);
    UnionPaths union = new UnionPaths(fixture.fs());
    assertThat(union.read("d/other")).isEqualTo("other");
    assertThat(union.stat("f").size()).isEqualTo(SIZE);
    union.write("d/other", 0, "OTHER");
    union.chmod("d/more", 0600);
    union.create("new", "1");
    union.rename("new", "newer", 0);
    assertThat(union.names("")).containsExactly("d", "f", "newer");
    assertThat(union.read("d/other")).isEqualTo("OTHER");
    assertThat(held.isDone()).as("the file is still copied").isFalse();
    mayGoOn.countDown();
    union.release(held.get());
    assertThat(union.stat("f").size()).isEqualTo(SIZE);
    assertAllForgotten(fixture);
  }

  @Test
  void callerKilledInTheMiddle_leavesNothing() throws Exception {
    UnionFixture fixture = withBigFile();
    UnionPaths union = new UnionPaths(fixture.fs());
    int[] asked = {0};
    union.caller = caller(() -> ++asked[0] == 3);
    assertThat(errno(() -> union.open("f", Linux.O_RDWR))).isEqualTo("EINTR");
    assertThat(asked[0]).isEqualTo(3);
    assertAllForgotten(fixture);
    fixture.unmount();
    assertThat(fixture.raw(0)).isEmpty();
  }

  @Test
  void callerKilledWhileAnotherCopies_doesNotWaitForTheCopy() throws Exception {
    UnionFixture fixture = withBigFile();
    Future<Long> held = openAndHold(fixture);
    UnionPaths union = new UnionPaths(fixture.fs());
    union.caller = caller(() -> true);
    assertThat(errno(() -> union.open("f", Linux.O_RDWR))).isEqualTo("EINTR");
    assertThat(held.isDone()).as("the file is still copied").isFalse();
    mayGoOn.countDown();
    union.release(held.get());
    assertAllForgotten(fixture);
  }

  /** copy_file_range(2) of up to 2 GiB is one request. */
  @Test
  void callerKilledDuringCopyFileRange_getsLess() throws Exception {
    UnionFixture fixture = over("f=");
    Files.write(fixture.realPath(1, "f"), new byte[40 << 20]);
    UnionPaths union = fixture.mount();
    union.create("g", "");
    long from = union.open("f", Linux.O_RDONLY);
    long to = union.open("g", Linux.O_RDWR);
    int[] asked = {0};
    long size = 40 << 20;
    long copied =
        fixture.fs().copyRange(from, 0, to, 0, size, false, caller(() -> ++asked[0] == 2));
    assertThat(copied).isEqualTo(32 << 20);
    assertThat(fixture.fs().copyRange(from, 0, to, 0, size, false, UnionPaths.ROOT))
        .isEqualTo(size);
    union.release(from);
    union.release(to);
    assertThat(union.stat("g").size()).isEqualTo(size);
  }

  @Test
  void rename_takesTheFileWithIt() throws Exception {
    UnionFixture fixture = withBigFile();
    Future<Long> held = openAndHold(fixture);
    UnionPaths union = new UnionPaths(fixture.fs());
    Future<?> renamed =
        threads.submit(
            () -> {
              new UnionPaths(fixture.fs()).rename("f", "d/g", 0);
              return null;
            });
    mayGoOn.countDown();
    long handle = held.get();
    renamed.get();
    union.writeAt(handle, 0, "written");
    union.release(handle);
    assertThat(union.exists("f")).isFalse();
    UnionPaths again = fixture.mount();
    assertThat(again.exists("f")).isFalse();
    long reader = again.open("d/g", Linux.O_RDONLY);
    assertThat(again.readAt(reader, 0, 7)).isEqualTo("written");
    assertThat(again.stat("d/g").size()).isEqualTo(SIZE);
    again.release(reader);
  }

  @Test
  void unlink_leavesTheDescriptorAndNoName() throws Exception {
    UnionFixture fixture = withBigFile();
    Future<Long> held = openAndHold(fixture);
    UnionPaths union = new UnionPaths(fixture.fs());
    union.unlink("f");
    assertThat(held.isDone()).isFalse();
    mayGoOn.countDown();
    long handle = held.get();
    union.writeAt(handle, 1, "written");
    assertThat(union.readAt(handle, 0, 9)).isEqualTo("\0written\0");
    assertThat(union.exists("f")).isFalse();
    union.release(handle);
    assertAllForgotten(fixture);
    fixture.unmount();
    assertThat(fixture.raw(0)).containsExactly("f !");
  }

  @Test
  void link_showsWhatIsWritten() throws Exception {
    UnionFixture fixture = withBigFile();
    Future<Long> held = openAndHold(fixture);
    UnionPaths union = new UnionPaths(fixture.fs());
    Future<?> linked =
        threads.submit(
            () -> {
              new UnionPaths(fixture.fs()).link("f", "d/g");
              return null;
            });
    mayGoOn.countDown();
    long handle = held.get();
    linked.get();
    union.writeAt(handle, 0, "written");
    union.release(handle);
    assertBothNamesShowIt(union);
    assertBothNamesShowIt(fixture.mount());
  }

  private static void assertBothNamesShowIt(UnionPaths union) throws Exception {
    for (String name : new String[] {"f", "d/g"}) {
      long reader = union.open(name, Linux.O_RDONLY);
      assertThat(union.readAt(reader, 0, 7)).as(name).isEqualTo("written");
      union.release(reader);
      assertThat(union.stat(name).nlink()).as(name).isEqualTo(2);
    }
  }

  @Test
  void lowerFileThatShrinksOrGrows_endsTheCopy() throws Exception {
    for (int newSize : new int[] {0, 1 << 20, (2 << 20) + 5, 2 * SIZE}) {
      UnionFixture fixture = withBigFile();
      Path lower = fixture.realPath(1, "f");
      UnionPaths union = new UnionPaths(fixture.fs());
      int[] asked = {0};
      union.caller =
          caller(
              () -> {
                if (++asked[0] == 2) {
                  resize(lower, newSize);
                }
                return false;
              });
      union.chmod("f", 0600);
      assertThat(asked[0]).isBetween(2, 6);
      assertThat(union.stat("f").size()).isEqualTo(SIZE);
      assertAllForgotten(fixture);
      fixture.close();
    }
  }

  private static void resize(Path file, int size) {
    try {
      Files.write(file, new byte[size], StandardOpenOption.TRUNCATE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
