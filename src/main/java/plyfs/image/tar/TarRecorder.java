package plyfs.image.tar;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Records a tar as tar-split while it is read: all bytes that pass, but the contents of files that
 * can be read elsewhere later. It lies beneath everything that reads ahead or changes bytes.
 *
 * <p>A record that cannot be written disturbs no reader: {@link #finish} tells it.
 */
public final class TarRecorder extends InputStream {
  private static final int SEGMENT_BYTES = 1 << 16;

  private final InputStream in;
  private final TarSplitWriter out;
  private final byte[] segment = new byte[SEGMENT_BYTES];
  private final Crc64 crc = new Crc64();
  private int filled;
  private byte[] name = {};
  private long size;
  private long left;
  private long position;
  private long files;
  private @Nullable IOException failure;

  /** Records what is read from a stream; both stay the caller's to close. */
  public TarRecorder(InputStream in, TarSplitWriter out) {
    this.in = in;
    this.out = out;
  }

  /**
   * The bytes that follow are those of a file that will be there when the tar is written again.
   *
   * @param at position in the tar, which must be where the reader stands
   * @param path where the file is, from the root of the layer on
   * @param bytes its size
   */
  public void contentIsIn(long at, byte[] path, long bytes) {
    if (at != position || left > 0) {
      throw new IllegalStateException("at byte " + position + " of the tar, not " + at);
    }
    if (bytes == 0) {
      return;
    }
    flush();
    name = path;
    size = bytes;
    left = bytes;
    crc.reset();
  }

  /** How many files {@link #contentIsIn} has told. */
  public long files() {
    return files + (left > 0 ? 1 : 0);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, into.length);
    int wanted = left > 0 ? (int) Math.min(length, left) : length;
    int read = in.read(into, offset, wanted);
    if (read > 0) {
      position += read;
      record(into, offset, read);
    }
    return read;
  }

  private void record(byte[] bytes, int offset, int length) {
    if (left > 0) {
      crc.update(bytes, offset, length);
      left -= length;
      if (left == 0) {
        files++;
        write(() -> out.file(name, size, crc.value()));
      }
      return;
    }
    int done = 0;
    while (done < length) {
      int n = Math.min(length - done, SEGMENT_BYTES - filled);
      System.arraycopy(bytes, offset + done, segment, filled, n);
      filled += n;
      done += n;
      if (filled == SEGMENT_BYTES) {
        flush();
      }
    }
  }

  private void flush() {
    if (filled > 0) {
      write(() -> out.segment(segment, filled));
      filled = 0;
    }
  }

  /** One write of the record. */
  @FunctionalInterface
  private interface Write {
    void run() throws IOException;
  }

  private void write(Write write) {
    if (failure == null) {
      try {
        write.run();
      } catch (IOException e) {
        failure = e;
      }
    }
  }

  /**
   * Reads the tar to its end, whatever comes after its last entry, and completes the record.
   *
   * @throws IOException if the tar cannot be read, or the record could not be written
   */
  public void finish() throws IOException {
    byte[] rest = new byte[SEGMENT_BYTES];
    while (read(rest, 0, rest.length) >= 0) {
      // The reading does the work.
    }
    flush();
    write(out::finish);
    if (failure != null) {
      throw failure;
    }
  }
}
