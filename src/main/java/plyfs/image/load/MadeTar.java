package plyfs.image.load;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.Digest;
import plyfs.image.source.ReadAhead;

/**
 * The tar of a layer that is being made: a second thread writes and hashes it, so that no copy of
 * the tar is on disk.
 */
final class MadeTar extends InputStream {
  private static final String SHA256 = "sha256";

  /** Tells the writer that nothing is read any more. */
  private static final class Closed extends IOException {
    private static final long serialVersionUID = 1L;

    Closed() {
      super("the layer has been given up");
    }
  }

  private final ImageMaker.LayerContent content;
  private final MessageDigest digest = Digest.newMessageDigest(SHA256);
  private final ReadAhead ahead;

  /** Written by the second thread before it hands over the end. */
  private @Nullable Digest diffId;

  /** Begins to write a tar. */
  MadeTar(ImageMaker.LayerContent content) {
    this.content = content;
    this.ahead = new ReadAhead("plyfs-tar", this::produce);
  }

  private long produce(ReadAhead to) throws IOException {
    try (Output out = new Output(to)) {
      boolean holdsAny = content.write(out);
      out.flush();
      diffId = holdsAny ? Digest.of(SHA256, digest.digest()) : null;
      return 0;
    }
  }

  /** What the layer's content is written to. */
  private final class Output extends OutputStream {
    private final ReadAhead to;
    private ReadAhead.Bytes bytes;

    Output(ReadAhead to) {
      this.to = to;
      this.bytes = to.empty();
    }

    @Override
    public void write(int oneByte) throws IOException {
      write(new byte[] {(byte) oneByte}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      int done = 0;
      while (done < length) {
        int n = Math.min(length - done, ReadAhead.CHUNK_BYTES - bytes.length);
        System.arraycopy(from, offset + done, bytes.array, bytes.length, n);
        bytes.length += n;
        done += n;
        if (bytes.length == ReadAhead.CHUNK_BYTES) {
          flush();
        }
      }
    }

    @Override
    public void flush() throws IOException {
      if (to.isClosed()) {
        throw new Closed();
      }
      if (bytes.length > 0) {
        digest.update(bytes.array, 0, bytes.length);
        to.put(bytes, 0);
        bytes = to.empty();
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
    int read = ahead.read(into, offset, length);
    if (read < 0) {
      requireWritten();
    }
    return read;
  }

  /**
   * Checks that it is not the writing of the tar that failed. What reads the tar can mistake that
   * for a malformed one, so this says more.
   *
   * @throws IOException what the writer has thrown, if the reader has come to that
   */
  void requireWritten() throws IOException {
    Throwable failure = ahead.failure();
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
    ahead.close();
  }
}
