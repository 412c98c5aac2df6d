package plyfs.image.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.BadImageException;

/**
 * The uncompressed bytes of a layer, read, decompressed and verified, as they are stored and
 * uncompressed, by a second thread.
 */
public final class LayerPipe extends InputStream {
  private final SourceLayer layer;
  private final OutputStream copy;

  /** Its marks are how many bytes of the stored layer have been read. */
  private final ReadAhead ahead;

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
    this.ahead = new ReadAhead("plyfs-decompress", this::produce);
  }

  /** Bytes of the stored layer that what has been read so far came from. */
  public long storedBytes() {
    return ahead.mark();
  }

  private long produce(ReadAhead to) throws IOException {
    try (VerifyingInputStream blob = layer.openStored(copy);
        InputStream decompressed = Compression.decompress(blob, layer.label());
        VerifyingInputStream plain = layer.verifyingTar(decompressed)) {
      boolean more = true;
      while (more && !to.isClosed()) {
        more = fill(plain, to, blob);
      }
      if (!to.isClosed()) {
        blob.verifyRest();
      }
      return blob.count();
    }
  }

  private static boolean fill(InputStream plain, ReadAhead to, VerifyingInputStream blob)
      throws IOException {
    ReadAhead.Bytes bytes = to.empty();
    bytes.length = plain.readNBytes(bytes.array, 0, ReadAhead.CHUNK_BYTES);
    boolean more = bytes.length == ReadAhead.CHUNK_BYTES;
    if (bytes.length > 0) {
      to.put(bytes, blob.count());
    }
    return more;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    int read = ahead.read(into, offset, length);
    if (read < 0) {
      rethrow(ahead.failure());
    }
    return read;
  }

  /** Reads to the end, which verifies the layer. */
  public void readRest() throws IOException {
    ahead.readRest();
    rethrow(ahead.failure());
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
    ahead.close();
  }
}
