package plyfs.image.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * Writes a tar: ustar headers, with PAX records for what these cannot say. Names, targets and
 * extended attributes are written as the bytes they are, times to the nanosecond. Holes are written
 * as zeros. The same objects always give the same bytes.
 *
 * @implNote POSIX pax, "ustar Interchange Format" and "pax Extended Header"; extended attributes as
 *     {@code SCHILY.xattr.*}, which Docker, umoci, podman and GNU tar read. No sparse format:
 *     Docker and containers/storage load one, but cannot give it back byte for byte (tar-split,
 *     README, "Caveat")
 */
public final class TarWriter implements MemberSink {
  private static final int BLOCK = PaxTap.BLOCK_BYTES;
  private static final int NAME = 0;
  private static final int NAME_BYTES = 100;
  private static final int MODE = 100;
  private static final int UID = 108;
  private static final int GID = 116;
  private static final int SIZE = 124;
  private static final int MTIME = 136;
  private static final int CHECKSUM = 148;
  private static final int TYPE = 156;
  private static final int LINK = 157;
  private static final int MAGIC = 257;
  private static final int MAJOR = 329;
  private static final int MINOR = 337;
  private static final int SHORT_DIGITS = 7;
  private static final int LONG_DIGITS = 11;
  private static final long MAX_SHORT = 07777777L;
  private static final long MAX_LONG = 077777777777L;
  private static final byte[] USTAR = "ustar\00000".getBytes(US_ASCII);
  private static final byte[] NO_ROOT = {'.', '/'};
  private static final String XATTR = "SCHILY.xattr.";

  private final OutputStream out;
  private final byte[] zeros = new byte[1 << 16];
  private long left;
  private long written;

  /**
   * Writes to a stream, which stays the caller's to close.
   *
   * @param out best buffered
   */
  public TarWriter(OutputStream out) {
    this.out = out;
  }

  @Override
  public void begin(TarMember member) throws IOException {
    byte[] block = new byte[BLOCK];
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    text(block, NAME, nameOf(member), "path", records);
    text(block, LINK, member.target(), "linkpath", records);
    digits(block, MODE, SHORT_DIGITS, member.mode() & 07777);
    number(block, UID, SHORT_DIGITS, member.uid(), "uid", records);
    number(block, GID, SHORT_DIGITS, member.gid(), "gid", records);
    number(block, SIZE, LONG_DIGITS, member.size(), "size", records);
    time(block, member.mtime(), records);
    digits(block, MAJOR, SHORT_DIGITS, member.major());
    digits(block, MINOR, SHORT_DIGITS, member.minor());
    member.xattrs().forEach((name, value) -> record(records, XATTR + name, value));
    if (records.size() > 0) {
      extension(records);
    }
    seal(block, member.type());
    write(block, BLOCK);
    left = member.size();
  }

  private static byte[] nameOf(TarMember member) {
    byte[] path = member.path();
    if (path.length == 0) {
      return NO_ROOT;
    }
    if (!member.isDirectory()) {
      return path;
    }
    byte[] name = Arrays.copyOf(path, path.length + 1);
    name[path.length] = '/';
    return name;
  }

  private static void text(
      byte[] block, int offset, byte[] text, String key, ByteArrayOutputStream records) {
    System.arraycopy(text, 0, block, offset, Math.min(text.length, NAME_BYTES));
    boolean isPlain = text.length <= NAME_BYTES;
    for (byte b : text) {
      isPlain &= b >= 0x20 && b < 0x7f;
    }
    if (!isPlain) {
      record(records, key, text);
    }
  }

  private static void number(
      byte[] block, int offset, int width, long value, String key, ByteArrayOutputStream records) {
    long max = width == SHORT_DIGITS ? MAX_SHORT : MAX_LONG;
    digits(block, offset, width, Math.min(value, max));
    if (value > max) {
      record(records, key, Long.toString(value).getBytes(US_ASCII));
    }
  }

  private static void time(byte[] block, Timestamp mtime, ByteArrayOutputStream records) {
    long whole = Math.max(0, Math.min(mtime.seconds(), MAX_LONG));
    digits(block, MTIME, LONG_DIGITS, whole);
    if (mtime.nanos() != 0 || whole != mtime.seconds()) {
      record(records, "mtime", mtime.toDecimal().getBytes(US_ASCII));
    }
  }

  private static void digits(byte[] block, int offset, int width, long value) {
    long rest = value;
    for (int i = width - 1; i >= 0; i--) {
      block[offset + i] = (byte) ('0' + (rest & 7));
      rest >>>= 3;
    }
  }

  /** {@code <length of all this> <key>=<value><newline>}. */
  private static void record(ByteArrayOutputStream records, String key, byte[] value) {
    int rest = key.length() + value.length + 3;
    int length = rest + 1;
    while (Integer.toString(length).length() + rest != length) {
      length++;
    }
    records.writeBytes((length + " " + key + "=").getBytes(ISO_8859_1));
    records.writeBytes(value);
    records.write('\n');
  }

  private void extension(ByteArrayOutputStream records) throws IOException {
    byte[] block = new byte[BLOCK];
    byte[] name = "PaxHeaders/entry".getBytes(US_ASCII);
    System.arraycopy(name, 0, block, NAME, name.length);
    digits(block, MODE, SHORT_DIGITS, 0644);
    digits(block, UID, SHORT_DIGITS, 0);
    digits(block, GID, SHORT_DIGITS, 0);
    digits(block, SIZE, LONG_DIGITS, records.size());
    digits(block, MTIME, LONG_DIGITS, 0);
    seal(block, 'x');
    write(block, BLOCK);
    write(records.toByteArray(), records.size());
    pad();
  }

  private static void seal(byte[] block, char type) {
    block[TYPE] = (byte) type;
    System.arraycopy(USTAR, 0, block, MAGIC, USTAR.length);
    Arrays.fill(block, CHECKSUM, CHECKSUM + 8, (byte) ' ');
    int sum = 0;
    for (byte b : block) {
      sum += b & 0xff;
    }
    digits(block, CHECKSUM, 6, sum);
    block[CHECKSUM + 6] = 0;
  }

  @Override
  public void data(byte[] bytes, int length) throws IOException {
    left -= length;
    write(bytes, length);
  }

  @Override
  public void hole(long length) throws IOException {
    left -= length;
    for (long rest = length; rest > 0; rest -= zeros.length) {
      write(zeros, (int) Math.min(rest, zeros.length));
    }
  }

  @Override
  public void end() throws IOException {
    if (left != 0) {
      throw new IllegalStateException(left + " bytes are missing");
    }
    pad();
  }

  private void pad() throws IOException {
    int over = (int) (written % BLOCK);
    if (over != 0) {
      write(zeros, BLOCK - over);
    }
  }

  private void write(byte[] bytes, int length) throws IOException {
    out.write(bytes, 0, length);
    written += length;
  }

  /** Writes the two blocks of zeros at the end. */
  public void finish() throws IOException {
    write(zeros, 2 * BLOCK);
    out.flush();
  }
}
