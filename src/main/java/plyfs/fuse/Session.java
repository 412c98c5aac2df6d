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
 * Serves one mount from INIT to its end, in its own threads.
 *
 * <p>It ends when the kernel reports the end of the mount, after an unmount or {@link #abort}. Then
 * all threads end and all descriptors are closed.
 */
public final class Session {
  private static final Logger LOG = Loggers.named("plyfs.fuse");

  /** More than one, so that a long request does not block the other requests of its CPU. */
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
   * Replies to INIT and starts the workers. The mount is ready when this method returns.
   *
   * @param ownedMount ended and closed on failure
   * @param workers number of threads that serve requests, at least 1
   * @param polling how long a worker polls for the next request before it sleeps
   * @throws IOException the message is a sentence for a person
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
   * As the other, for tests.
   *
   * @param killed tells which threads of callers are being killed
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
    if (!hasRings) { // the requests of a ring reach no other worker
      extraWorkers = new ExtraWorkers(this, regular);
      watch = new Thread(extraWorkers, "plyfs-watch");
      threads.add(watch);
    }
  }

  /** Starts one extra worker, unless the mount has ended. */
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

  /** The extra workers; null if there are none. */
  @Nullable ExtraWorkers extraWorkers() {
    return extraWorkers;
  }

  /** Opens the rings. With rings the kernel sends only INTERRUPT and FORGET through /dev/fuse. */
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

  /** The result of INIT. */
  public InitResult negotiated() {
    return negotiated;
  }

  /** The counters of the workers. */
  RequestCounts counts() {
    return counts;
  }

  /** Numbers of served requests by kind: {@code SUM: KIND NUMBER, ...}. */
  public String requestCounts() {
    return counts.text();
  }

  /** Sends notices that invalidate cached data of the kernel. */
  public Notifier notifier() {
    return notifier;
  }

  /**
   * Ends the mount at once: its users get errors, and the workers end. May be called repeatedly and
   * after the end.
   */
  public void abort() {
    if (isAborted.compareAndSet(false, true)) {
      connection.abort();
    }
  }

  /** Waits until the mount has ended, all threads have ended and all descriptors are closed. */
  public void awaitEnd() throws InterruptedException {
    ended.await();
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /**
   * As {@link #awaitEnd()}, with a timeout.
   *
   * @return false if the mount has not ended yet
   */
  public boolean awaitEnd(long time, TimeUnit unit) throws InterruptedException {
    if (!ended.await(time, unit)) {
      return false;
    }
    awaitEnd();
    return true;
  }

  /** The last worker closes the shared resources. */
  void workerEnded() {
    if (running.decrementAndGet() == 0) {
      // From now on an abort could hit another mount at the same mount point.
      isAborted.set(true);
      notifier.end();
      if (watch != null) {
        watch.interrupt();
      }
      connection.close();
      ended.countDown();
    }
  }

  /**
   * Logs a fault of the handler once for each opcode, because every such request would repeat it.
   */
  void complain(Opcode opcode, String fault) {
    if (complaints.getAndSet(opcode.number(), 1) == 0) {
      LOG.log(Level.ERROR, "{0} {1}; logged once", opcode, fault);
    }
  }
}
