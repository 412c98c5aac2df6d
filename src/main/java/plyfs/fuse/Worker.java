package plyfs.fuse;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;
import plyfs.fuse.abi.InterruptIn;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Loggers;

/**
 * Serves the requests of one channel in one thread, one after the other, and answers each exactly
 * once (law L4), whatever the handler does.
 */
final class Worker implements Runnable {
  private static final Logger LOG = Loggers.named("plyfs.fuse");

  private final Session session;
  private final Channel channel;
  private final RequestHandler handler;
  private final InFlight inFlight;
  private final @Nullable ExtraWorkers extra;
  private final long[] served;
  private volatile @Nullable Request request;

  /** Whether only this worker ends, not the mount. */
  private boolean endsAlone;

  /** The request at the last call of {@link #isStuckSinceLastLook}. */
  private long lastSeen = Request.NONE;

  /**
   * A worker.
   *
   * @param extra owner of an extra worker, which ends when it is no longer needed; otherwise null
   */
  Worker(
      Session session,
      Channel channel,
      RequestHandler handler,
      InFlight inFlight,
      @Nullable ExtraWorkers extra) {
    this.session = session;
    this.channel = channel;
    this.handler = handler;
    this.inFlight = inFlight;
    this.extra = extra;
    this.served = session.counts().begin();
  }

  /** Whether it is in the same request as at the last call. Called by one thread. */
  boolean isStuckSinceLastLook() {
    Request known = request;
    long now = known == null ? Request.NONE : known.inFlight();
    boolean isStuck = now != Request.NONE && now == lastSeen;
    lastSeen = now;
    return isStuck;
  }

  @Override
  public void run() {
    try {
      loop();
    } catch (ErrnoException e) {
      endsAlone = channel.isDispensable();
      if (endsAlone) {
        LOG.log(Level.WARNING, "the mount continues without {0}: {1}", channel, e.getMessage());
      } else {
        LOG.log(
            Level.ERROR,
            "ending the mount, because a worker cannot read requests: {0}",
            e.getMessage());
        session.abort();
      }
    } catch (Throwable e) {
      // Not thrown by the handler, whose failures end in serve.
      session.abort();
      LOG.log(Level.ERROR, "ending the mount, because a worker failed", e);
    } finally {
      end();
    }
  }

  private void end() {
    Request known = request;
    if (!endsAlone) {
      inFlight.abandonAll();
    } else if (known != null) {
      inFlight.leave(known);
    }
    channel.close();
    session.counts().end(served);
    if (extra != null) {
      extra.ended(this);
    }
    session.workerEnded();
  }

  private void loop() throws ErrnoException {
    while (true) {
      Exchange exchange = channel.next();
      if (exchange == null) {
        return;
      }
      if (request == null) {
        request = exchange.request(); // always the same object
      }
      if (exchange.isRefused()) {
        takeBackUnlessError(exchange);
        continue;
      }
      serve(exchange);
      if (extra != null && !extra.areNeeded()) {
        endsAlone = true;
        return;
      }
    }
  }

  private void serve(Exchange exchange) {
    Request request = exchange.request();
    Reply reply = exchange.reply();
    Opcode opcode = Opcode.of(request.opcodeNumber());
    Throwable failure = null;
    if (opcode != null) {
      served[opcode.number()]++;
    }
    if (opcode == null) {
      reply.error(Errno.ENOSYS);
    } else if (!RequestCheck.isWellFormed(opcode, request)) {
      refuseMalformed(opcode, reply);
    } else if (!answerHere(opcode, request, reply)) {
      failure = handle(opcode, request, reply);
      ensureOneAnswer(opcode, reply, failure);
    }
    channel.complete(exchange);
    if (exchange.isRefused()) {
      takeBackUnlessError(exchange);
    }
    if (failure != null) {
      report(request, failure);
    }
  }

  private static void refuseMalformed(Opcode opcode, Reply reply) {
    LOG.log(Level.WARNING, "a {0} request is shorter than its size fields say", opcode);
    if (!opcode.hasNoReply()) {
      reply.error(Errno.EIO);
    }
  }

  /** Handles requests that concern the connection and not the file system. */
  private boolean answerHere(Opcode opcode, Request request, Reply reply) {
    switch (opcode) {
      case INTERRUPT -> {
        if (!inFlight.interrupt(InterruptIn.unique(request))) {
          // Asks the kernel to send INTERRUPT again, unless the request is already answered.
          reply.error(Errno.EAGAIN);
        }
        return true;
      }
      case DESTROY -> {
        reply.empty();
        return true;
      }
      case INIT -> {
        reply.error(Errno.EIO);
        return true;
      }
      default -> {
        return false;
      }
    }
  }

  private @Nullable Throwable handle(Opcode opcode, Request request, Reply reply) {
    boolean isInterruptible = !opcode.hasNoReply();
    if (isInterruptible) {
      inFlight.begin(request, request.unique());
    }
    try {
      handler.handle(request, reply);
      return null;
    } catch (Throwable e) {
      return e;
    } finally {
      if (isInterruptible) {
        request.end();
      }
    }
  }

  private void ensureOneAnswer(Opcode opcode, Reply reply, @Nullable Throwable failure) {
    if (opcode.hasNoReply()) {
      if (reply.isDone()) {
        reply.withdraw();
        session.complain(opcode, "was answered, although the kernel expects no reply");
      }
    } else if (!reply.isDone()) {
      reply.error(Errno.EIO);
      if (failure == null) {
        session.complain(opcode, "was not answered by its handler, so the caller got EIO");
      }
    }
  }

  private void takeBackUnlessError(Exchange exchange) {
    if (exchange.reply().isError()) {
      return;
    }
    try {
      handler.takeBack(exchange.request(), exchange.reply());
    } catch (Throwable e) {
      report(exchange.request(), e);
    }
  }

  /** Logs a failure after the reply has left, so that its caller does not wait for the log. */
  private void report(Request request, Throwable failure) {
    boolean isFatal =
        failure instanceof LinkageError
            || failure instanceof VirtualMachineError && !(failure instanceof StackOverflowError);
    if (isFatal) {
      session.abort();
    }
    String what = isFatal ? " failed, and the mount is ended" : " failed";
    LOG.log(Level.ERROR, request + what, failure);
  }
}
