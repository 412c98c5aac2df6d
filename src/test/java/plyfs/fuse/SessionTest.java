package plyfs.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import plyfs.fuse.ScriptedConnection.Answer;
import plyfs.sys.Errno;
import plyfs.sys.Name;

/** Every request gets exactly one answer, whatever its handler does. */
@Timeout(60)
final class SessionTest {
  private static final byte[] NOTHING = {};
  private final ScriptedConnection kernel = ScriptedConnection.modern();
  private final List<Session> sessions = new ArrayList<>();

  /** Threads of callers who are being killed. */
  private final Set<Integer> killed = ConcurrentHashMap.newKeySet();

  private Session start(RequestHandler handler, int workers) throws Exception {
    Session session =
        Session.start(kernel, handler, InitOptions.defaults(), workers, killed::contains);
    sessions.add(session);
    assertThat(kernel.answer().unique()).isEqualTo(2);
    return session;
  }

  @AfterEach
  void end() throws Exception {
    kernel.unmount();
    for (Session session : sessions) {
      session.awaitEnd();
      assertThat(kernel.isClosed).isTrue();
    }
    assertThat(kernel.restOfAnswers()).isEmpty();
  }

  private static RequestBytes getattr(long unique) {
    return RequestBytes.of(Opcode.GETATTR, unique, 1).u64(0).u64(0);
  }

  /** Asks twice: the first answer is what the case is about, the second shows that it goes on. */
  private void assertAnswers(ScriptedHandler.Script script, int errno) throws Exception {
    AtomicInteger calls = new AtomicInteger();
    ScriptedHandler handler =
        new ScriptedHandler(
            (request, reply) -> {
              if (calls.getAndIncrement() == 0) {
                script.handle(request, reply);
              } else {
                reply.empty();
              }
            });
    start(handler, 1);
    kernel.add(getattr(4));
    assertThat(kernel.answer()).isEqualTo(Answer.of(4, -errno, NOTHING));
    kernel.add(getattr(6));
    assertThat(kernel.answer()).isEqualTo(Answer.of(6, 0, NOTHING));
  }

  @Test
  void handlerThatNeverAnswers_givesEio() throws Exception {
    assertAnswers((request, reply) -> {}, Errno.EIO);
  }

  @Test
  void handlerThatAnswersTwice_givesItsFirstAnswer() throws Exception {
    assertAnswers(
        (request, reply) -> {
          reply.error(Errno.ENOTEMPTY);
          reply.empty();
        },
        Errno.ENOTEMPTY);
  }

  @Test
  void handlerThatThrows_givesEio() throws Exception {
    assertAnswers(
        (request, reply) -> {
          reply.content().putLong(0, 7);
          throw new IllegalStateException("simulated");
        },
        Errno.EIO);
  }

  @Test
  void stackOverflow_givesEio_andTheMountLives() throws Exception {
    assertAnswers(
        (request, reply) -> {
          throw new StackOverflowError("simulated");
        },
        Errno.EIO);
    assertThat(kernel.isAborted).isFalse();
  }

  @Test
  void handlerThatPassesANegativeErrorNumber_givesEio() throws Exception {
    assertAnswers((request, reply) -> reply.error(-Errno.ENOENT), Errno.EIO);
  }

  @Test
  void outOfMemory_givesEio_andEndsTheMount() throws Exception {
    Session session =
        start(
            new ScriptedHandler(
                (request, reply) -> {
                  throw new OutOfMemoryError("simulated");
                }),
            2);
    kernel.add(getattr(4));
    assertThat(kernel.answer()).isEqualTo(Answer.of(4, -Errno.EIO, NOTHING));
    session.awaitEnd();
    assertThat(kernel.isAborted).isTrue();
  }

  @Test
  void missingClass_givesEio_andEndsTheMount() throws Exception {
    Session session =
        start(
            new ScriptedHandler(
                (request, reply) -> {
                  throw new NoClassDefFoundError("simulated");
                }),
            1);
    kernel.add(getattr(4));
    assertThat(kernel.answer()).isEqualTo(Answer.of(4, -Errno.EIO, NOTHING));
    session.awaitEnd();
    assertThat(kernel.isAborted).isTrue();
  }

  @Test
  void unknownOpcode_givesEnosys_andShortBody_givesEio_andNeitherIsHandled() throws Exception {
    ScriptedHandler handler = new ScriptedHandler((request, reply) -> reply.empty());
    start(handler, 1);
    kernel.add(RequestBytes.of(63, 4, 1));
    kernel.add(RequestBytes.of(4096, 6, 1));
    kernel.add(RequestBytes.of(Opcode.GETATTR, 8, 1).u64(0));
    kernel.add(RequestBytes.of(Opcode.INIT, 10, 1).u64(7).u64(0));
    assertThat(kernel.answer()).isEqualTo(Answer.of(4, -Errno.ENOSYS, NOTHING));
    assertThat(kernel.answer()).isEqualTo(Answer.of(6, -Errno.ENOSYS, NOTHING));
    assertThat(kernel.answer()).isEqualTo(Answer.of(8, -Errno.EIO, NOTHING));
    assertThat(kernel.answer()).isEqualTo(Answer.of(10, -Errno.EIO, NOTHING));
    assertThat(handler.handled).isEmpty();
  }

  @Test
  void sizesThatPromiseMoreThanCame_giveEio() throws Exception {
    ScriptedHandler handler = new ScriptedHandler((request, reply) -> reply.empty());
    start(handler, 1);
    kernel.add(
        RequestBytes.of(Opcode.WRITE, 4, 1).u64(0).u64(0).u32(6).u32(0).u64(0).u64(0).hex("0102"));
    kernel.add(
        RequestBytes.of(Opcode.WRITE, 6, 1).u64(0).u64(0).u32(-1).u32(0).u64(0).u64(0).hex("01"));
    kernel.add(
        RequestBytes.of(Opcode.SETXATTR, 8, 1).u32(2).u32(0).u64(0).string("user.a").hex("01"));
    kernel.add(RequestBytes.of(Opcode.SETXATTR, 10, 1).u32(0).u32(0).u64(0).hex("7573"));
    kernel.add(RequestBytes.of(Opcode.BATCH_FORGET, 12, 0).u32(2).u32(0).u64(5).u64(1));
    kernel.add(getattr(14));
    for (long unique = 4; unique <= 10; unique += 2) {
      assertThat(kernel.answer()).isEqualTo(Answer.of(unique, -Errno.EIO, NOTHING));
    }
    assertThat(kernel.answer()).isEqualTo(Answer.of(14, 0, NOTHING));
    assertThat(handler.handled).containsExactly(Opcode.GETATTR);
  }

  @Test
  void forget_isHandledWithoutAnAnswer_evenIfItsHandlerGivesOneOrThrows() throws Exception {
    AtomicInteger forgets = new AtomicInteger();
    start(
        new ScriptedHandler(
            (request, reply) -> {
              if (request.opcode() == Opcode.FORGET && forgets.incrementAndGet() == 2) {
                throw new IllegalStateException("simulated");
              }
              reply.empty();
            }),
        1);
    kernel.add(RequestBytes.of(Opcode.FORGET, 4, 5).u64(1));
    kernel.add(RequestBytes.of(Opcode.FORGET, 6, 5).u64(1));
    kernel.add(RequestBytes.of(Opcode.DESTROY, 8, 0));
    assertThat(kernel.answer()).isEqualTo(Answer.of(8, 0, NOTHING));
    assertThat(forgets).hasValue(2);
  }

  @Test
  void answerThatTheKernelRefuses_isTakenBack_butNotAnError() throws Exception {
    ScriptedHandler handler =
        new ScriptedHandler(
            (request, reply) -> {
              if (request.unique() == 4) {
                reply.send(16);
              } else {
                reply.error(Errno.ENOENT);
              }
            });
    Session session = start(handler, 1);
    kernel.refuse(4);
    kernel.refuse(6);
    kernel.add(getattr(4));
    kernel.add(getattr(6));
    assertThat(kernel.answer()).isEqualTo(Answer.of(4, 0, new byte[16]));
    assertThat(kernel.answer()).isEqualTo(Answer.of(6, -Errno.ENOENT, NOTHING));
    kernel.unmount();
    session.awaitEnd();
    assertThat(handler.takenBack).containsExactly(4L);
  }

  /** The kernel sends INTERRUPT for the first signal, whatever that does, and never again. */
  @Test
  void signalThatDoesNotKill_leavesTheRequest_untilOneKills() throws Exception {
    CountDownLatch isInWork = new CountDownLatch(1);
    CountDownLatch sawInterrupt = new CountDownLatch(1);
    start(
        new ScriptedHandler(
            (request, reply) -> {
              if (request.unique() == 6) {
                reply.empty(); // the other worker has read INTERRUPT
                return;
              }
              killed.add(1002);
              assertThat(request.isAbandoned()).as("nothing was interrupted").isFalse();
              killed.clear();
              isInWork.countDown();
              sawInterrupt.await();
              assertThat(request.isAbandoned()).as("the signal had a handler").isFalse();
              killed.add(1002);
              assertThat(request.isAbandoned()).isTrue();
              reply.error(Errno.EINTR);
            }),
        2);
    kernel.add(getattr(4));
    isInWork.await();
    kernel.add(RequestBytes.of(Opcode.INTERRUPT, 5, 0).u64(4));
    kernel.add(getattr(6));
    assertThat(kernel.answer()).isEqualTo(Answer.of(6, 0, NOTHING));
    sawInterrupt.countDown();
    assertThat(kernel.answer()).isEqualTo(Answer.of(4, -Errno.EINTR, NOTHING));
  }

  @Test
  void interrupt_ofACallerWhoIsKilled_abandonsTheRequestInWork_andGetsNoAnswer() throws Exception {
    CountDownLatch isInWork = new CountDownLatch(1);
    killed.add(1002);
    start(
        new ScriptedHandler(
            (request, reply) -> {
              assertThat(request.isAbandoned()).isFalse();
              isInWork.countDown();
              while (!request.abandoned().getAsBoolean()) {
                Thread.onSpinWait();
              }
              reply.error(Errno.EINTR);
            }),
        2);
    kernel.add(getattr(4));
    isInWork.await();
    kernel.add(RequestBytes.of(Opcode.INTERRUPT, 5, 0).u64(4));
    assertThat(kernel.answer()).isEqualTo(Answer.of(4, -Errno.EINTR, NOTHING));
  }

  @Test
  void interruptThatOvertakesItsRequest_asksAgain_andIsRemembered() throws Exception {
    List<Boolean> seen = new ArrayList<>();
    killed.add(1002);
    Session session =
        start(
            new ScriptedHandler(
                (request, reply) -> {
                  seen.add(request.isAbandoned());
                  reply.empty();
                }),
            1);
    kernel.add(RequestBytes.of(Opcode.INTERRUPT, 7, 0).u64(6));
    kernel.add(getattr(4));
    kernel.add(getattr(6));
    kernel.add(getattr(8));
    assertThat(kernel.answer()).isEqualTo(Answer.of(7, -Errno.EAGAIN, NOTHING));
    for (long unique = 4; unique <= 8; unique += 2) {
      assertThat(kernel.answer()).isEqualTo(Answer.of(unique, 0, NOTHING));
    }
    kernel.unmount();
    session.awaitEnd();
    assertThat(seen).containsExactly(false, true, false);
  }

  @Test
  void unmount_abandonsWhatIsStillInWork() throws Exception {
    CountDownLatch isInWork = new CountDownLatch(1);
    start(
        new ScriptedHandler(
            (request, reply) -> {
              isInWork.countDown();
              while (!request.isAbandoned()) {
                Thread.onSpinWait();
              }
              reply.error(Errno.EINTR);
            }),
        2);
    kernel.add(getattr(4));
    isInWork.await();
    kernel.unmount();
    assertThat(kernel.answer()).isEqualTo(Answer.of(4, -Errno.EINTR, NOTHING));
  }

  /** SEMANTICS 4.83: as when a layer lies on a server that has stopped. */
  @Test
  void allWorkersStuck_getFurtherOnes_whichEndWithTheNeed() throws Exception {
    CountDownLatch layerAnswers = new CountDownLatch(1);
    CountDownLatch areStuck = new CountDownLatch(3);
    ScriptedHandler handler =
        new ScriptedHandler(
            (request, reply) -> {
              if (request.unique() <= 8) {
                areStuck.countDown();
                layerAnswers.await();
              }
              reply.empty();
            });
    ExtraWorkers extra = Objects.requireNonNull(start(handler, 2).extraWorkers());
    kernel.add(getattr(4));
    kernel.add(getattr(6));
    kernel.add(getattr(8));
    kernel.add(getattr(10));
    while (areStuck.getCount() > 1) {
      Thread.onSpinWait();
    }
    extra.look();
    extra.look(); // both are where they were
    areStuck.await();
    extra.look(); // so is the third
    extra.look();
    assertThat(kernel.answer()).isEqualTo(Answer.of(10, 0, NOTHING));
    assertThat(extra.count()).isEqualTo(2);
    for (int i = 0; i < 5; i++) {
      extra.look(); // one is free
    }
    assertThat(extra.count()).isEqualTo(2);
    layerAnswers.countDown();
    List<Long> answered = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      answered.add(kernel.answer().unique());
    }
    assertThat(answered).containsExactlyInAnyOrder(4L, 6L, 8L);
    extra.look();
    long unique = 10;
    while (extra.count() > 0) {
      unique += 2;
      kernel.add(getattr(unique));
      assertThat(kernel.answer()).isEqualTo(Answer.of(unique, 0, NOTHING));
    }
    kernel.add(getattr(unique + 2));
    assertThat(kernel.answer()).isEqualTo(Answer.of(unique + 2, 0, NOTHING));
  }

  @Test
  void notices_haveTheBytesOfTheProtocol() throws Exception {
    Session session = start(new ScriptedHandler((request, reply) -> reply.empty()), 1);
    Notifier notifier = session.notifier();
    notifier.invalidateAttributes(5);
    assertThat(notifier.invalidateEntry(1, Name.of("ab"))).isTrue();
    while (kernel.notices.size() < 2) {
      Thread.onSpinWait();
    }
    assertThat(kernel.notices.get(0))
        .isEqualTo(
            RequestBytes.parseHex(
                """
                28000000 02000000 0000000000000000 # len 40, INVAL_INODE, unique 0
                0500000000000000 # ino
                ffffffffffffffff # off
                0000000000000000 # len
                """));
    assertThat(kernel.notices.get(1))
        .isEqualTo(
            RequestBytes.parseHex(
                """
                23000000 03000000 0000000000000000 # len 35, INVAL_ENTRY, unique 0
                0100000000000000 # parent
                02000000 00000000 # namelen, flags
                616200 # name
                """));
    kernel.unmount();
    session.awaitEnd();
    assertThat(notifier.invalidateEntry(1, Name.of("ab"))).isFalse();
  }
}
