package plyfs.image.source;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that a second thread brings, ahead of their reader by at most {@link #CHUNKS} chunks. The
 * second thread ends before {@link #close} returns, and it is never interrupted: an interrupt would
 * close a file under other layers.
 */
public final class ReadAhead implements AutoCloseable {
  /** Most bytes of a chunk. */
  public static final int CHUNK_BYTES = 1 << 17;

  private static final int CHUNKS = 4;

  /** Some bytes, or the end, and perhaps why there are no more. */
  private record Chunk(Bytes bytes, long mark, boolean last, @Nullable Throwable failure) {}

  /** A chunk to fill. */
  public static final class Bytes {
    public final byte[] array = new byte[CHUNK_BYTES];
    public int length;
  }

  /** Brings the bytes, in the second thread. */
  @FunctionalInterface
  public interface Producer {
    /**
     * Puts all chunks; ends early where {@link #isClosed}.
     *
     * @return the mark of the end
     */
    long produce(ReadAhead to) throws IOException;
  }

  private final Producer producer;
  private final BlockingQueue<Chunk> full = new ArrayBlockingQueue<>(CHUNKS);
  private final BlockingQueue<Bytes> free = new ArrayBlockingQueue<>(CHUNKS + 2);
  private final Thread thread;
  private volatile boolean closed;
  private @Nullable Chunk current;
  private int at;
  private long mark;

  /** Begins to bring them. */
  public ReadAhead(String threadName, Producer producer) {
    this.producer = producer;
    this.thread = new Thread(this::produce, threadName);
    thread.setDaemon(true);
    thread.start();
  }

  private void produce() {
    Throwable failure = null;
    long end = 0;
    try {
      end = producer.produce(this);
    } catch (Throwable e) {
      // Handed to the reader, which must never wait for a thread that is gone.
      failure = e;
    }
    Uninterruptibles.putUninterruptibly(full, new Chunk(new Bytes(), end, true, failure));
  }

  // Of the second thread

  /** Whether nothing is read any more. */
  public boolean isClosed() {
    return closed;
  }

  /** An empty chunk. */
  public Bytes empty() {
    Bytes used = free.poll();
    Bytes bytes = used == null ? new Bytes() : used;
    bytes.length = 0;
    return bytes;
  }

  /**
   * Hands a chunk to the reader; waits while it is too far behind.
   *
   * @param atMark what {@link #mark} tells once the reader has come to it
   */
  public void put(Bytes bytes, long atMark) {
    Uninterruptibles.putUninterruptibly(full, new Chunk(bytes, atMark, false, null));
  }

  // Of the reader

  /**
   * As {@link java.io.InputStream#read(byte[], int, int)}; after -1 {@link #failure} says whether
   * that is the end.
   */
  public int read(byte[] into, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, into.length);
    if (length == 0) {
      return 0;
    }
    Chunk chunk = chunk();
    if (chunk.last) {
      return -1;
    }
    int n = Math.min(length, chunk.bytes.length - at);
    System.arraycopy(chunk.bytes.array, at, into, offset, n);
    at += n;
    return n;
  }

  /** Reads to the end; {@link #failure} says whether it is one. */
  public void readRest() {
    for (Chunk chunk = chunk(); !chunk.last; chunk = chunk()) {
      at = chunk.bytes.length;
    }
  }

  private Chunk chunk() {
    Chunk chunk = current;
    if (chunk != null && (chunk.last || at < chunk.bytes.length)) {
      return chunk;
    }
    if (chunk != null) {
      // A full pool only means that this array is not used again.
      boolean unused = free.offer(chunk.bytes);
    }
    chunk = Uninterruptibles.takeUninterruptibly(full);
    current = chunk;
    mark = chunk.failure == null ? chunk.mark : mark;
    at = 0;
    return chunk;
  }

  /** That of the last chunk that the reader has come to; 0 before the first. */
  public long mark() {
    return mark;
  }

  /** What the producer threw, once the reader has come to the end; else null. */
  public @Nullable Throwable failure() {
    Chunk chunk = current;
    return chunk == null ? null : chunk.failure;
  }

  @Override
  public void close() {
    closed = true;
    Chunk chunk = current;
    while (chunk == null || !chunk.last) {
      chunk = Uninterruptibles.takeUninterruptibly(full);
    }
    current = chunk;
    Uninterruptibles.joinUninterruptibly(thread);
  }
}
