package plyfs.image.load;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.Digest;

/**
 * The tar of a layer that is being made: a second thread writes and hashes it, and runs ahead of
 * the reader by at most {@link #CHUNKS} chunks, so that no copy of the tar is on disk. The second
 * thread ends before {@link #close} returns, and it is never interrupted.
 */
final class MadeTar extends InputStream {
  private static final String SHA256 = "sha256";
  private static final int CHUNK_BYTES = 1 << 17;
  private static final int CHUNKS = 4;

  /** Some bytes, or the end, or why there are no more. */
  private record Chunk(Bytes bytes, boolean last, @Nullable Throwable failure) {}

  private static final class Bytes {
    final byte[] array = new byte[CHUNK_BYTES];
    int length;
  }

  /** Tells the writer that nothing is read any more. */
  private static final class Closed extends IOException {
    private static final long serialVersionUID = 1L;

    Closed() {
      super("the layer has been given up");
    }
  }

  private final ImageMaker.LayerContent content;
  private final MessageDigest digest = Digest.newMessageDigest(SHA256);
  private final BlockingQueue<Chunk> full = new ArrayBlockingQueue<>(CHUNKS);
  private final BlockingQueue<Bytes> free = new ArrayBlockingQueue<>(CHUNKS + 2);
  private final Thread thread;
  private volatile boolean closed;
  private @Nullable Chunk current;
  private int at;

  /** Written by the second thread before it hands over the end. */
  private @Nullable Digest diffId;

  /** Begins to write a tar. */
  MadeTar(ImageMaker.LayerContent content) {
    this.content = content;
    this.thread = new Thread(this::produce, "plyfs-tar");
    thread.setDaemon(true);
    thread.start();
  }

  private void produce() {
    Throwable failure = null;
    try (Output out = new Output()) {
      boolean holdsAny = content.write(out);
      out.flush();
      diffId = holdsAny ? Digest.of(SHA256, digest.digest()) : null;
    } catch (Throwable e) {
      // Handed to the reader, which must never wait for a thread that is gone.
      failure = e;
    }
    Uninterruptibles.putUninterruptibly(full, new Chunk(new Bytes(), true, failure));
  }

  /** What the layer's content is written to. */
  private final class Output extends OutputStream {
    private Bytes bytes = new Bytes();

    @Override
    public void write(int oneByte) throws IOException {
      write(new byte[] {(byte) oneByte}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      int done = 0;
      while (done < length) {
        int n = Math.min(length - done, CHUNK_BYTES - bytes.length);
        System.arraycopy(from, offset + done, bytes.array, bytes.length, n);
        bytes.length += n;
        done += n;
        if (bytes.length == CHUNK_BYTES) {
          flush();
        }
      }
    }

    @Override
    public void flush() throws IOException {
      if (closed) {
        throw new Closed();
      }
      if (bytes.length > 0) {
        digest.update(bytes.array, 0, bytes.length);
        Uninterruptibles.putUninterruptibly(full, new Chunk(bytes, false, null));
        Bytes used = free.poll();
        bytes = used != null ? used : new Bytes();
        bytes.length = 0;
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
    Objects.checkFromIndexSize(offset, length, into.length);
    if (length == 0) {
      return 0;
    }
    Chunk chunk = chunk();
    if (chunk.last) {
      requireWritten();
      return -1;
    }
    int n = Math.min(length, chunk.bytes.length - at);
    System.arraycopy(chunk.bytes.array, at, into, offset, n);
    at += n;
    return n;
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
    at = 0;
    return chunk;
  }

  /**
   * Checks that it is not the writing of the tar that failed. What reads the tar can mistake that
   * for a malformed one, so this says more.
   *
   * @throws IOException what the writer has thrown, if the reader has come to that
   */
  void requireWritten() throws IOException {
    Throwable failure = current == null ? null : current.failure;
    if (failure instanceof IOException io) {
      throw io;
    }
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof RuntimeException runtime) {
      throw runtime;
    }
  }

  /** Digest of all of it, once its end was read; null if the layer holds nothing. */
  @Nullable Digest diffId() {
    return diffId;
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
