package plyfs.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import plyfs.fuse.ScriptedConnection.Answer;
import plyfs.fuse.abi.InitFlags;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.MountSyscalls;

/** A session whose requests come through rings, when a ring or an answer is refused. */
@Timeout(60)
final class RingSessionTest {
  private static final byte[] NOTHING = {};

  private final ScriptedConnection kernel = ScriptedConnection.modern();

  /** Those of each CPU after each other; null for one that cannot be made. */
  private final List<@Nullable ScriptedRing> rings = new ArrayList<>();

  private @Nullable Session session;

  RingSessionTest() {
    for (int i = 0; i < MountSyscalls.possibleCpus() * Session.WORKERS_PER_CPU; i++) {
      rings.add(new ScriptedRing());
    }
  }

  private ScriptedRing ring(int index) {
    ScriptedRing ring = rings.get(index);
    assertThat(ring).isNotNull();
    return ring;
  }

  private Session start(RequestHandler handler) throws Exception {
    int[] opened = {0};
    kernel.rings =
        (limits, cpu, ringsOfCpu) -> {
          ScriptedRing ring = rings.get(opened[0]++);
          return new RingChannel(
              Fd.CWD,
              cpu,
              limits,
              ringsOfCpu,
              () -> {
                if (ring == null) {
                  throw ErrnoException.of(Errno.ENOMEM);
                }
                return ring;
              });
        };
    InitOptions options = InitOptions.defaults().with(InitFlags.OVER_IO_URING);
    Session started = Session.start(kernel, handler, options, 1);
    session = started;
    assertThat(kernel.answer().unique()).isEqualTo(2);
    return started;
  }

  @AfterEach
  void end() throws Exception {
    unmount();
    if (session != null) {
      session.awaitEnd();
    }
    for (ScriptedRing ring : rings) {
      assertThat(ring == null || ring.isClosed).isTrue();
    }
  }

  private void unmount() {
    kernel.unmount();
    for (ScriptedRing ring : rings) {
      if (ring != null) {
        ring.unmount();
      }
    }
  }

  private static RequestBytes getattr(long unique) {
    return RequestBytes.of(Opcode.GETATTR, unique, 1).u64(0).u64(0);
  }

  private static void awaitClosed(ScriptedRing ring) {
    while (!ring.isClosed) {
      Thread.onSpinWait();
    }
  }

  @Test
  void requestsAreServed_andAnsweredWithTheNextWait() throws Exception {
    ring(1).request(getattr(4)).request(getattr(6)).unmount();
    start(
        new ScriptedHandler(
            (request, reply) -> {
              if (request.unique() == 4) {
                reply.empty();
              } else {
                reply.error(Errno.EPERM);
              }
            }));
    awaitClosed(ring(1));
    assertThat(ring(1).submitted).containsExactly("REGISTER", "4:0", "6:" + -Errno.EPERM);
  }

  @Test
  void ringThatFails_endsNoLongWorkOfTheOthers() throws Exception {
    CountDownLatch isInWork = new CountDownLatch(1);
    List<Boolean> abandoned = new CopyOnWriteArrayList<>();
    start(
        new ScriptedHandler(
            (request, reply) -> {
              if (request.unique() == 4) {
                isInWork.countDown();
                awaitClosed(ring(0));
              }
              abandoned.add(request.isAbandoned());
              reply.empty();
            }));
    kernel.add(getattr(4));
    isInWork.await();
    ring(0).failure(Errno.EINVAL);
    assertThat(kernel.answer()).isEqualTo(Answer.of(4, 0, NOTHING));
    kernel.add(getattr(6));
    assertThat(kernel.answer()).isEqualTo(Answer.of(6, 0, NOTHING));
    assertThat(abandoned).containsExactly(false, false);
    assertThat(kernel.isAborted).isFalse();
  }

  /** Then the kernel sends all requests through /dev/fuse. */
  @Test
  void kernelThatRefusesAllRings_isServedAllTheSame() throws Exception {
    for (int i = 0; i < rings.size(); i++) {
      ring(i).failure(Errno.EOPNOTSUPP);
    }
    start(new ScriptedHandler((request, reply) -> reply.empty()));
    for (int i = 0; i < rings.size(); i++) {
      awaitClosed(ring(i));
    }
    kernel.add(getattr(4));
    assertThat(kernel.answer()).isEqualTo(Answer.of(4, 0, NOTHING));
    assertThat(kernel.isAborted).isFalse();
  }

  @Test
  void refusedAnswer_isTakenBack_andTheRingGoesOn() throws Exception {
    ring(0).request(getattr(4)).failure(Errno.ENOENT).request(getattr(6)).unmount();
    List<Integer> lengths = new CopyOnWriteArrayList<>();
    List<Long> first = new CopyOnWriteArrayList<>();
    start(
        new RequestHandler() {
          @Override
          public void handle(Request request, Reply reply) {
            reply.content().putLong(0, 100 + request.unique());
            reply.send(16);
          }

          @Override
          public void takeBack(Request request, Reply reply) {
            lengths.add(reply.length());
            first.add(reply.content().getLong(0));
          }
        });
    awaitClosed(ring(0));
    assertThat(lengths).containsExactly(16);
    assertThat(first).as("the content is still there").containsExactly(104L);
    assertThat(ring(0).submitted).containsExactly("REGISTER", "4:0", "REGISTER", "6:0");
    assertThat(kernel.isAborted).isFalse();
  }

  @Test
  void refusedError_givesNothingBack() throws Exception {
    ring(0).request(getattr(4)).failure(Errno.ENOENT).unmount();
    ScriptedHandler handler = new ScriptedHandler((request, reply) -> reply.error(Errno.ENOENT));
    start(handler);
    awaitClosed(ring(0));
    assertThat(handler.takenBack).isEmpty();
  }

  @Test
  void ringThatCannotBeMade_isOneLess() throws Exception {
    rings.set(0, null);
    rings.set(2, null);
    ring(1).request(getattr(4)).unmount();
    start(new ScriptedHandler((request, reply) -> reply.empty()));
    awaitClosed(ring(1));
    assertThat(ring(1).submitted).containsExactly("REGISTER", "4:0");
    assertThat(kernel.isAborted).isFalse();
  }

  /** The kernel lets requests wait until each CPU has a ring. */
  @Test
  void cpuWithoutARing_endsTheMount() throws Exception {
    for (int i = 0; i < Session.WORKERS_PER_CPU; i++) {
      rings.set(i, null);
    }
    Session started = start(new ScriptedHandler((request, reply) -> reply.empty()));
    for (int i = Session.WORKERS_PER_CPU; i < rings.size(); i++) {
      ring(i).unmount();
    }
    started.awaitEnd();
    assertThat(kernel.isAborted).isTrue();
  }

  /** The kernel may have given it a request that nobody will see. */
  @Test
  void ringThatCannotBeWaitedFor_endsTheMount() throws Exception {
    ring(0).request(getattr(4)).failureToWait(Errno.EBADF);
    Session started = start(new ScriptedHandler((request, reply) -> reply.empty()));
    awaitClosed(ring(0));
    unmount();
    started.awaitEnd();
    assertThat(kernel.isAborted).isTrue();
  }
}
