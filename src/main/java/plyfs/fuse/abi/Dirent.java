package plyfs.fuse.abi;

import java.nio.ByteBuffer;
import plyfs.sys.Words;

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
  public static final int WORDS = SIZEOF / Long.BYTES;

  private Dirent() {}

  /** Bytes of a record, padding included. */
  public static int recordBytes(int nameBytes) {
    return SIZEOF + nameBytes + 7 & ~7;
  }

  /**
   * Writes what stands before the name.
   *
   * @param at index of its first word
   * @param off cookie from which the next READDIR goes on
   * @param type {@code DT_*}
   */
  public static void put(long[] words, int at, int nameBytes, long ino, long off, int type) {
    words[at + INO / Long.BYTES] = ino;
    words[at + OFF / Long.BYTES] = off;
    words[at + NAMELEN / Long.BYTES] = Words.pair(nameBytes, type);
  }

  /**
   * Writes the name, and zeros behind it.
   *
   * @param at offset of the record in bytes
   */
  public static void putName(ByteBuffer b, int at, byte[] name) {
    b.putLong(at + recordBytes(name.length) - Long.BYTES, 0).put(at + SIZEOF, name);
  }
}
