package plyfs.image.tar;

/**
 * The checksum of file contents in a tar-split.
 *
 * @implNote ISO 3309, as Go's {@code hash/crc64} has it: reflected, all bits turned at the start
 *     and at the end; eight bytes at a time
 */
public final class Crc64 {
  private static final long POLYNOMIAL = 0xD800000000000000L;
  private static final int SLICES = 8;
  private static final int BYTES = 256;
  private static final long[][] TABLES = tables();

  private long value;

  private static long[][] tables() {
    long[][] tables = new long[SLICES][BYTES];
    for (int i = 0; i < BYTES; i++) {
      long crc = i;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 0 ? crc >>> 1 : crc >>> 1 ^ POLYNOMIAL;
      }
      tables[0][i] = crc;
    }
    for (int i = 0; i < BYTES; i++) {
      for (int slice = 1; slice < SLICES; slice++) {
        long below = tables[slice - 1][i];
        tables[slice][i] = tables[0][(int) below & 0xff] ^ below >>> 8;
      }
    }
    return tables;
  }

  /** Takes more bytes. */
  public void update(byte[] bytes, int offset, int length) {
    long crc = ~value;
    int at = offset;
    int end = offset + length;
    for (; at + SLICES <= end; at += SLICES) {
      crc ^= littleEndian(bytes, at);
      crc =
          TABLES[7][(int) crc & 0xff]
              ^ TABLES[6][(int) (crc >>> 8) & 0xff]
              ^ TABLES[5][(int) (crc >>> 16) & 0xff]
              ^ TABLES[4][(int) (crc >>> 24) & 0xff]
              ^ TABLES[3][(int) (crc >>> 32) & 0xff]
              ^ TABLES[2][(int) (crc >>> 40) & 0xff]
              ^ TABLES[1][(int) (crc >>> 48) & 0xff]
              ^ TABLES[0][(int) (crc >>> 56)];
    }
    for (; at < end; at++) {
      crc = TABLES[0][((int) crc ^ bytes[at]) & 0xff] ^ crc >>> 8;
    }
    value = ~crc;
  }

  private static long littleEndian(byte[] bytes, int at) {
    return bytes[at] & 0xffL
        | (bytes[at + 1] & 0xffL) << 8
        | (bytes[at + 2] & 0xffL) << 16
        | (bytes[at + 3] & 0xffL) << 24
        | (bytes[at + 4] & 0xffL) << 32
        | (bytes[at + 5] & 0xffL) << 40
        | (bytes[at + 6] & 0xffL) << 48
        | (bytes[at + 7] & 0xffL) << 56;
  }

  /** Of all bytes since the beginning. */
  public long value() {
    return value;
  }

  /** Begins anew. */
  public void reset() {
    value = 0;
  }
}
