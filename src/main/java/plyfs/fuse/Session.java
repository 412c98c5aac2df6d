package plyfs.fuse;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import plyfs.fuse.abi.InitFlags;
import plyfs.sys.ErrnoException;
import plyfs.sys.FuseMount;
import plyfs.sys.KilledThreads;
import plyfs.sys.Loggers;
import plyfs.sys.MountSyscalls;

/**
 * Serves one mount, from INIT until it is gone, by threads of its own.
 *
 * <p>It ends when the kernel says so: after an unmount, by whomever, or after {@link #abort}. Then
 * all threads end and all descriptors are closed.
 */
public final class Session {
  private static final Logger LOG = Loggers.named("plyfs.fuse");

  /** More than one, so that a long request does not stop the others of its CPU. */
  static final int WORKERS_PER_CPU = 3;

  private final Connection connection;
  private final InitResult negotiated;
  private final Notifier notifier;
  private final List<Thread> threads = new ArrayList<>();
  private final RequestHandler handler;
  private final RequestCounts counts = new RequestCounts();
  private final InFlight inFlight;
  private @Nullable ExtraWorkers extraWorkers;
  private @Nullable Thread watch;
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicBoolean isAborted = new AtomicBoolean();
  private final AtomicIntegerArray complaints = new AtomicIntegerArray(64);
  private final CountDownLatch ended = new CountDownLatch(1);

  private Session(
      Connection connection, InitResult negotiated, RequestHandler handler, IntPredicate killed) {
    this.connection = connection;
    this.inFlight = new InFlight(killed);
    this.handler = handler;
    this.negotiated = negotiated;
    this.notifier = new Notifier(connection);
  }

  /**
   * Answers INIT and starts the workers; the mount can be used when this returns.
   *
   * @param ownedMount ended and closed on failure too
   * @param workers threads that serve requests, at least 1
   * @param polling how long they look for the next request before they sleep
   * @throws IOException with a sentence for people
   */
  public static Session start(
      FuseMount ownedMount,
      RequestHandler handler,
      InitOptions options,
      int workers,
      BusyPolling polling)
      throws IOException {
    return start(new DevFuse(ownedMount, polling), handler, options, workers);
  }

  static Session start(
      Connection ownedConnection, RequestHandler handler, InitOptions options, int workers)
      throws IOException {
    return start(ownedConnection, handler, options, workers, new KilledThreads());
  }

  /**
   * As above.
   *
   * @param killed which threads of callers are being killed
   */
  static Session start(
      Connection ownedConnection,
      RequestHandler handler,
      InitOptions options,
      int workers,
      IntPredicate killed)
      throws IOException {
    try {
      return started(ownedConnection, handler, options, workers, killed);
    } catch (Throwable e) {
      ownedConnection.abort();
      ownedConnection.close();
      throw e;
    }
  }

  private static Session started(
      Connection ownedConnection,
      RequestHandler handler,
      InitOptions options,
      int workers,
      IntPredicate killed)
      throws IOException {
    try {
      InitResult negotiated = handshake(ownedConnection, options);
      Session session = new Session(ownedConnection, negotiated, handler, killed);
      handler.start(session.notifier, new BackingFiles(ownedConnection));
      session.openChannels(workers);
      session.threads.forEach(Thread::start);
      return session;
    } catch (ErrnoException e) {
      throw new IOException("cannot open a queue of requests: " + e.getMessage(), e);
    }
  }

  private static InitResult handshake(Connection connection, InitOptions options)
      throws IOException, ErrnoException {
    try (Channel channel = connection.open(InitResult.BEFORE_INIT)) {
      return Handshake.run(channel, options);
    }
  }

  private void openChannels(int workers) throws ErrnoException {
    List<Worker> regular = new ArrayList<>();
    for (int i = 0; i < workers; i++) {
      Worker worker = new Worker(this, connection.open(negotiated), handler, inFlight, null);
      regular.add(worker);
      threads.add(new Thread(worker, "plyfs-worker-" + i));
    }
    boolean hasRings = openRings();
    running.set(threads.size());
    threads.add(new Thread(notifier, "plyfs-notifier"));
    if (!hasRings) { // their requests reach no other worker
      extraWorkers = new ExtraWorkers(this, regular);
      watch = new Thread(extraWorkers, "plyfs-watch");
      threads.add(watch);
    }
  }

  /** Starts one more worker, unless the mount is gone. */
  void startWorker(ExtraWorkers extra) throws ErrnoException {
    if (running.getAndUpdate(n -> n == 0 ? 0 : n + 1) == 0) {
      return;
    }
    Channel channel = null;
    Worker worker = null;
    try {
      channel = connection.open(negotiated);
      worker = new Worker(this, channel, handler, inFlight, extra);
      extra.started(worker);
      new Thread(worker, "plyfs-extra-worker").start();
    } catch (Throwable e) {
      if (worker != null) {
        extra.ended(worker);
      }
      if (channel != null) {
        channel.close();
      }
      workerEnded();
      throw e;
    }
  }

  /** The further workers; null where there are none. */
  @Nullable ExtraWorkers extraWorkers() {
    return extraWorkers;
  }

  /**
   * Where the kernel sends requests through rings, only INTERRUPT and FORGET come the other way.
   */
  private boolean openRings() {
    if (!negotiated.has(InitFlags.OVER_IO_URING)) {
      return false;
    }
    for (int cpu = 0; cpu < MountSyscalls.possibleCpus(); cpu++) {
      AtomicInteger ringsOfCpu = new AtomicInteger(WORKERS_PER_CPU);
      for (int i = 0; i < WORKERS_PER_CPU; i++) {
        Channel ring = connection.openRing(negotiated, cpu, ringsOfCpu);
        Worker worker = new Worker(this, ring, handler, inFlight, null);
        threads.add(new Thread(worker, "plyfs-cpu-" + cpu + "-" + i));
      }
    }
    return true;
  }

  /** What INIT came to. */
  public InitResult negotiated() {
    return negotiated;
  }

  /** Where the workers count. */
  RequestCounts counts() {
    return counts;
  }

  /** How many requests of each kind were served: {@code SUM: KIND NUMBER, ...}. */
  public String requestCounts() {
    return counts.text();
  }

  /** Tells the kernel what it must no longer believe. */
  public Notifier notifier() {
    return notifier;
  }

  /**
   * Ends the mount at once: users of it get errors, the workers end. Harmless when repeated, and
   * after the end.
   */
  public void abort() {
    if (isAborted.compareAndSet(false, true)) {
      connection.abort();
    }
  }

  /** Waits until the mount is gone, all threads have ended and all descriptors are closed. */
  public void awaitEnd() throws InterruptedException {
    ended.await();
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /**
   * As {@link #awaitEnd()}, but no longer than a time.
   *
   * @return false if the mount is still there
   */
  public boolean awaitEnd(long time, TimeUnit unit) throws InterruptedException {
    if (!ended.await(time, unit)) {
      return false;
    }
    awaitEnd();
    return true;
  }

  /** The last worker closes what they shared. */
  void workerEnded() {
    if (running.decrementAndGet() == 0) {
      // An abort from now on could hit a mount that somebody else makes in the same place.
      isAborted.set(true);
      notifier.end();
      if (watch != null) {
        watch.interrupt();
      }
      connection.close();
      ended.countDown();
    }
  }

  /** Logs a fault of the handler once per opcode: it would come with every request. */
  void complain(Opcode opcode, String fault) {
    if (complaints.getAndSet(opcode.number(), 1) == 0) {
      LOG.log(Level.ERROR, "{0} {1}; said once", opcode, fault);
    }
  }
}
