package plyfs.fuse.abi;

import java.nio.ByteBuffer;

/**
 * {@code struct fuse_dirent}, 24 bytes: one entry of a READDIR answer. The name follows without a
 * NUL, and zeros up to a multiple of 8.
 *
 * <p>{@code [u64 ino][u64 off][u32 namelen][u32 type]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class Dirent {
  public static final int INO = 0;
  public static final int OFF = 8;
  public static final int NAMELEN = 16;
  public static final int TYPE = 20;
  public static final int SIZEOF = 24;

  private Dirent() {}

  /** Bytes of a record, padding included. */
  public static int recordBytes(int nameBytes) {
    return SIZEOF + nameBytes + 7 & ~7;
  }

  /**
   * Writes a record.
   *
   * @param off cookie from which the next READDIR goes on
   * @param type {@code DT_*}
   * @return bytes written, {@link #recordBytes}
   */
  public static int put(ByteBuffer b, int at, byte[] name, long ino, long off, int type) {
    b.putLong(at + INO, ino)
        .putLong(at + OFF, off)
        .putInt(at + NAMELEN, name.length)
        .putInt(at + TYPE, type)
        .put(at + SIZEOF, name);
    int end = recordBytes(name.length);
    for (int i = SIZEOF + name.length; i < end; i++) {
      b.put(at + i, (byte) 0);
    }
    return end;
  }
}
