package plyfs.image.source;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Digest;

/**
 * Checks what is read against a promised size and digest. Reads one byte more than promised, so
 * that trailing bytes are found. The check happens at the end of the stream, or in {@link
 * #verifyRest}; closing early checks nothing.
 */
public final class VerifyingInputStream extends FilterInputStream {
  private static final int SKIP_BYTES = 65536;

  private final String label;
  private final @Nullable Digest expected;
  private final long size;
  private final MessageDigest digest;
  private long count;
  private boolean verified;

  /**
   * Wraps a stream.
   *
   * @param label what the bytes are, for messages
   * @param expected null where only the size is known
   * @param size promised bytes, or -1 where only the digest is known
   */
  VerifyingInputStream(InputStream in, String label, @Nullable Digest expected, long size) {
    super(in);
    this.label = label;
    this.expected = expected;
    this.size = size;
    this.digest = Digest.newMessageDigest(expected == null ? "sha256" : expected.algorithm());
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0 || verified) {
      return length == 0 ? 0 : -1;
    }
    int read = in.read(into, offset, length);
    if (read < 0) {
      verify();
      return -1;
    }
    count += read;
    if (size >= 0 && count > size) {
      throw new BadImageException(
          label + " is longer than the " + size + " bytes that were promised");
    }
    if (expected != null) {
      digest.update(into, offset, read);
    }
    return read;
  }

  @Override
  public long skip(long bytes) throws IOException {
    byte[] ignored = new byte[(int) Math.min(bytes, SKIP_BYTES)];
    return Math.max(0, read(ignored, 0, ignored.length));
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  /** Bytes read so far. */
  long count() {
    return count;
  }

  /** Reads to the end and checks. */
  public void verifyRest() throws IOException {
    byte[] ignored = new byte[SKIP_BYTES];
    while (read(ignored, 0, ignored.length) >= 0) {
      // The reading does the work.
    }
  }

  private void verify() throws BadImageException {
    verified = true;
    if (size >= 0 && count != size) {
      throw new BadImageException(
          label + " is truncated: expected " + size + " bytes, found " + count);
    }
    if (expected != null) {
      Digest found = Digest.of(expected.algorithm(), digest.digest());
      if (!found.equals(expected)) {
        throw new BadImageException(
            label + " is damaged: expected the digest " + expected + ", found " + found);
      }
    }
  }
}
