package plyfs.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import plyfs.fuse.abi.InitFlags;
import plyfs.sys.Errno;
import plyfs.sys.FuseMount;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Name;

/** A mount by the kernel. Processes touch it, so that this one can end it whatever happens. */
@Timeout(60)
final class RealMountTest {
  @TempDir Path directory;
  private final List<Session> sessions = new ArrayList<>();

  private record Mounted(FuseMount mount, Session session) {}

  @BeforeEach
  void needRootAndFuse() throws IOException {
    assumeTrue(MountSyscalls.effectiveUser() == 0, "skipped: mounting needs root");
    assumeTrue(Files.exists(Path.of("/dev/fuse")), "skipped: there is no /dev/fuse");
    Files.createDirectory(mountPoint());
  }

  private Path mountPoint() {
    return directory.resolve("mnt");
  }

  private Mounted mount(RequestHandler handler, int workers) throws Exception {
    FuseMount mount =
        FuseMount.mount(
            FuseMount.openDevice(),
            new FuseMount.Shown("test source".getBytes(UTF_8), "test".getBytes(UTF_8)),
            mountPoint().toString().getBytes(UTF_8),
            0,
            "max_read=1048576".getBytes(UTF_8));
    Session session =
        Session.start(mount, handler, InitOptions.defaults(), workers, BusyPolling.forMicros(50));
    sessions.add(session);
    return new Mounted(mount, session);
  }

  @AfterEach
  void end() throws Exception {
    for (Session session : sessions) {
      session.abort();
      assertThat(session.awaitEnd(30, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(mountTable()).doesNotContain(mountPoint().toString());
    assertThat(ourThreads()).isEmpty();
  }

  private static String mountTable() throws IOException {
    return Files.readString(Path.of("/proc/self/mounts"));
  }

  private static List<String> ourThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("plyfs-"))
        .toList();
  }

  private String shell(String command) throws Exception {
    Process process =
        new ProcessBuilder("sh", "-c", command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      return process.waitFor() + ":" + output;
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void oneFile_isListedReadAndStatted_andUnmountEndsTheSession() throws Exception {
    Mounted mounted = mount(new OneFileHandler(), 3);
    assertThat(mounted.session.negotiated().minor()).isBetween(31, 45);
    assertThat(mounted.session.negotiated().has(InitFlags.PARALLEL_DIROPS)).isTrue();
    assertThat(mounted.session.negotiated().maxWrite()).isEqualTo(1 << 20);
    assertThat(mountTable()).contains("test\\040source " + mountPoint() + " fuse.test ");
    assertThat(shell("ls -a mnt")).isEqualTo("0:hello\n");
    assertThat(shell("cat mnt/hello")).isEqualTo("0:Hello, world\n");
    assertThat(shell("stat -c '%F %a %s %i' mnt/hello")).isEqualTo("0:regular file 444 13 2\n");
    assertThat(shell("cat mnt/absent")).startsWith("1:").contains("No such file");
    assertThat(Files.readAllBytes(mountPoint().resolve("hello"))).isEqualTo(OneFileHandler.CONTENT);
    assertThat(mounted.mount.unmount()).isZero();
    mounted.session.awaitEnd();
    assertThat(mounted.mount.device().isOpen()).isFalse();
    assertThat(mounted.mount.unmount()).isEqualTo(-Errno.EINVAL);
  }

  @Test
  void umountByAnotherProcess_endsTheSession() throws Exception {
    Mounted mounted = mount(new OneFileHandler(), 2);
    assertThat(shell("cat mnt/hello && umount mnt")).isEqualTo("0:Hello, world\n");
    mounted.session.awaitEnd();
  }

  @Test
  void lazyUmount_servesAnOpenFile_andEndsWithIt() throws Exception {
    Mounted mounted = mount(new OneFileHandler(), 2);
    assertThat(shell("exec 3<mnt/hello; umount mnt 2>/dev/null; echo $?; umount -l mnt; cat <&3"))
        .isEqualTo("0:32\nHello, world\n");
    mounted.session.awaitEnd();
  }

  @Test
  void abort_failsWaitingCallers_andEndsTheSession() throws Exception {
    CountDownLatch isReading = new CountDownLatch(1);
    CountDownLatch mayAnswer = new CountDownLatch(1);
    OneFileHandler inner = new OneFileHandler();
    Mounted mounted =
        mount(
            new RequestHandler() {
              @Override
              public void handle(Request request, Reply reply) {
                if (request.opcode() == Opcode.READ) {
                  isReading.countDown();
                  await(mayAnswer);
                }
                inner.handle(request, reply);
              }

              @Override
              public void takeBack(Request request, Reply reply) {}
            },
            2);
    Process reader = new ProcessBuilder("cat", mountPoint() + "/hello").start();
    try {
      await(isReading);
      mounted.session.abort();
      assertThat(reader.waitFor()).isEqualTo(1);
    } finally {
      mayAnswer.countDown();
      reader.destroyForcibly();
    }
    mounted.session.awaitEnd();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void killedCaller_abandonsItsRequest() throws Exception {
    CountDownLatch isOpening = new CountDownLatch(1);
    CountDownLatch sawInterrupt = new CountDownLatch(1);
    OneFileHandler inner = new OneFileHandler();
    mount(
        new RequestHandler() {
          @Override
          public void handle(Request request, Reply reply) {
            if (request.opcode() != Opcode.OPEN) {
              inner.handle(request, reply);
              return;
            }
            isOpening.countDown();
            while (!request.abandoned().getAsBoolean()) {
              Thread.onSpinWait();
            }
            sawInterrupt.countDown();
            reply.error(Errno.EINTR);
          }

          @Override
          public void takeBack(Request request, Reply reply) {}
        },
        2);
    Process opener = new ProcessBuilder("cat", mountPoint() + "/hello").start();
    try {
      await(isOpening);
    } finally {
      opener.destroy();
    }
    await(sawInterrupt);
    assertThat(opener.waitFor()).isNotZero();
  }

  /** In /proc the caller is in state D after a signal, as long as its request is here. */
  @Test
  void signalWithAHandler_leavesTheRequestAlone() throws Exception {
    CountDownLatch isOpening = new CountDownLatch(1);
    CountDownLatch hadSignal = new CountDownLatch(1);
    List<Boolean> abandoned = new CopyOnWriteArrayList<>();
    OneFileHandler inner = new OneFileHandler();
    mount(
        new RequestHandler() {
          @Override
          public void handle(Request request, Reply reply) {
            if (request.opcode() == Opcode.OPEN) {
              isOpening.countDown();
              await(hadSignal);
              abandoned.add(request.isAbandoned());
            }
            inner.handle(request, reply);
          }

          @Override
          public void takeBack(Request request, Reply reply) {}
        },
        2);
    String script = "trap 'echo caught' USR1; while read x; do echo $x; done <mnt/hello";
    Process opener = new ProcessBuilder("sh", "-c", script).directory(directory.toFile()).start();
    try {
      await(isOpening);
      shell("kill -USR1 " + opener.pid());
      while (!shell("grep State: /proc/" + opener.pid() + "/status").contains("D (")) {
        Thread.onSpinWait();
      }
      hadSignal.countDown();
      assertThat(new String(opener.getInputStream().readAllBytes(), UTF_8))
          .isEqualTo("caught\nHello, world\n");
      assertThat(opener.waitFor()).isZero();
    } finally {
      hadSignal.countDown();
      opener.destroyForcibly();
    }
    assertThat(abandoned).containsExactly(false);
  }

  @Test
  void namesThatTheKernelKnows_areInvalidated_withoutAnError() throws Exception {
    Mounted mounted = mount(new OneFileHandler(), 2);
    assertThat(shell("cat mnt/hello")).isEqualTo("0:Hello, world\n");
    mounted.session.notifier().dropList(1);
    mounted.session.notifier().invalidateAttributes(2);
    assertThat(mounted.session.notifier().invalidateEntry(1, Name.of("hello"))).isTrue();
    assertThat(shell("cat mnt/hello")).isEqualTo("0:Hello, world\n");
  }

  @Test
  void mountPointThatIsAFile_isRefused() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "");
    assertThatThrownBy(
            () ->
                FuseMount.mount(
                    FuseMount.openDevice(),
                    new FuseMount.Shown(new byte[0], "test".getBytes(UTF_8)),
                    file.toString().getBytes(UTF_8),
                    0,
                    new byte[0]))
        .hasMessageContaining("ENOTDIR");
  }

  @Test
  void handlerThatDies_failsTheCaller_andServesTheNext() throws Exception {
    OneFileHandler inner = new OneFileHandler();
    mount(
        new RequestHandler() {
          @Override
          public void handle(Request request, Reply reply) {
            if (request.opcode() == Opcode.READ) {
              throw new IllegalStateException("simulated: this trace belongs to the test");
            }
            inner.handle(request, reply);
          }

          @Override
          public void takeBack(Request request, Reply reply) {}
        },
        1);
    assertThatThrownBy(() -> Files.readAllBytes(mountPoint().resolve("hello")))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(FileSystemException.class)
        .hasMessageContaining("Input/output error");
    assertThat(shell("ls mnt")).isEqualTo("0:hello\n");
  }
}
