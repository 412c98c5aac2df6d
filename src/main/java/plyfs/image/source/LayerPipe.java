package plyfs.image.source;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.BadImageException;

/**
 * The uncompressed bytes of a layer, read, decompressed and verified, as they are stored and
 * uncompressed, by a second thread that runs ahead by at most {@link #CHUNKS} chunks. The second
 * thread ends before {@link #close} returns, and it is never interrupted: an interrupt would close
 * the archive's file under other layers.
 */
public final class LayerPipe extends InputStream {
  private static final int CHUNK_BYTES = 1 << 17;
  private static final int CHUNKS = 4;

  /** Some bytes, or the end. */
  private record Chunk(Bytes bytes, long storedBytes, boolean last, @Nullable Throwable failure) {}

  private static final class Bytes {
    final byte[] array = new byte[CHUNK_BYTES];
    int length;
  }

  private final SourceLayer layer;
  private final OutputStream copy;
  private final BlockingQueue<Chunk> full = new ArrayBlockingQueue<>(CHUNKS);
  private final BlockingQueue<Bytes> free = new ArrayBlockingQueue<>(CHUNKS + 2);
  private final Thread thread;
  private volatile boolean cancelled;
  private @Nullable Chunk current;
  private int at;
  private long storedBytes;

  /** Begins to read a layer. */
  public LayerPipe(SourceLayer layer) {
    this(layer, OutputStream.nullOutputStream());
  }

  /**
   * Begins to read a layer.
   *
   * @param copy gets the stored bytes as they are read, by the second thread
   */
  public LayerPipe(SourceLayer layer, OutputStream copy) {
    this.layer = layer;
    this.copy = copy;
    this.thread = new Thread(this::produce, "plyfs-decompress");
    thread.setDaemon(true);
    thread.start();
  }

  /** Bytes of the stored layer that what has been read so far came from. */
  public long storedBytes() {
    return storedBytes;
  }

  private void produce() {
    Throwable failure = null;
    long[] stored = new long[1];
    try (VerifyingInputStream blob = layer.openStored(copy);
        InputStream decompressed = Compression.decompress(blob, layer.label());
        VerifyingInputStream plain = layer.verifyingTar(decompressed)) {
      boolean more = true;
      while (more && !cancelled) {
        Bytes bytes = free.poll();
        more = fill(plain, bytes == null ? new Bytes() : bytes, blob, stored);
      }
      if (!cancelled) {
        blob.verifyRest();
        stored[0] = blob.count();
      }
    } catch (Throwable e) {
      // Handed to the reader, which must never wait for a thread that is gone.
      failure = e;
    }
    Uninterruptibles.putUninterruptibly(full, new Chunk(new Bytes(), stored[0], true, failure));
  }

  private boolean fill(InputStream plain, Bytes bytes, VerifyingInputStream blob, long[] stored)
      throws IOException {
    bytes.length = plain.readNBytes(bytes.array, 0, CHUNK_BYTES);
    stored[0] = blob.count();
    if (bytes.length > 0) {
      Uninterruptibles.putUninterruptibly(full, new Chunk(bytes, stored[0], false, null));
    }
    return bytes.length == CHUNK_BYTES;
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
      rethrow(chunk.failure);
      return -1;
    }
    int n = Math.min(length, chunk.bytes.length - at);
    System.arraycopy(chunk.bytes.array, at, into, offset, n);
    at += n;
    return n;
  }

  /** Reads to the end, which verifies the layer. */
  public void readRest() throws IOException {
    while (true) {
      Chunk chunk = chunk();
      if (chunk.last) {
        rethrow(chunk.failure);
        return;
      }
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
    storedBytes = chunk.storedBytes;
    at = 0;
    return chunk;
  }

  private void rethrow(@Nullable Throwable failure) throws IOException {
    if (failure == null) {
      return;
    }
    if (failure instanceof BadImageException bad) {
      throw bad;
    }
    if (failure instanceof IOException) {
      throw new BadImageException(
          layer.label() + " cannot be read or decompressed: " + failure.getMessage(), failure);
    }
    throw new IllegalStateException("decompression failed", failure);
  }

  @Override
  public void close() {
    cancelled = true;
    Chunk chunk = current;
    while (chunk == null || !chunk.last) {
      chunk = Uninterruptibles.takeUninterruptibly(full);
    }
    current = chunk;
    Uninterruptibles.joinUninterruptibly(thread);
  }
}
