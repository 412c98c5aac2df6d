package plyfs.image.registry;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The body of an answer, which ends with an exception where the server sends nothing for a while:
 * Java's client waits for ever.
 */
final class WatchedStream extends FilterInputStream {
  private static final ScheduledExecutorService WATCH =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "stalled answers");
            thread.setDaemon(true);
            return thread;
          });

  private final long limitNanos;
  private final Future<?> watch;
  private volatile boolean isReading;
  private volatile boolean isStalled;
  private volatile long since;

  WatchedStream(InputStream in, Duration limit) {
    super(in);
    limitNanos = limit.toNanos();
    long step = Math.max(1, limit.toMillis() / 4);
    watch = WATCH.scheduleAtFixedRate(this::look, step, step, TimeUnit.MILLISECONDS);
  }

  private void look() {
    if (isReading && System.nanoTime() - since > limitNanos) {
      isStalled = true;
      try {
        in.close();
      } catch (IOException e) {
        // The reader hears of it.
      }
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    since = System.nanoTime();
    isReading = true;
    try {
      int read = in.read(into, offset, length);
      if (read < 0 && isStalled) {
        throw new IOException("nothing came");
      }
      return read;
    } catch (IOException e) {
      throw isStalled
          ? new IOException(
              "nothing came for " + TimeUnit.NANOSECONDS.toSeconds(limitNanos) + " s", e)
          : e;
    } finally {
      isReading = false;
    }
  }

  @Override
  public void close() throws IOException {
    boolean wasWaiting = watch.cancel(false);
    assert wasWaiting || watch.isDone();
    in.close();
  }
}
