package plyfs.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes tars for tests, byte by byte and without any check, so that wrong ones can be made too.
 * {@link #mode}, {@link #owner}, {@link #mtime} hold for the entries that follow; {@link #pax} for
 * the next one only. Strings are ISO-8859-1: one char is one byte.
 */
public final class TestTar {
  private static final int BLOCK = 512;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Map<String, byte[]> pax = new LinkedHashMap<>();
  private int mode = 0644;
  private int uid;
  private int gid;
  private long mtime = 1_000_000_000L;
  private boolean moreSparseBlocks;

  public TestTar mode(int permissions) {
    mode = permissions;
    return this;
  }

  public TestTar owner(int user, int group) {
    uid = user;
    gid = group;
    return this;
  }

  public TestTar mtime(long seconds) {
    mtime = seconds;
    return this;
  }

  public TestTar pax(String key, byte[] value) {
    pax.put(key, value);
    return this;
  }

  public TestTar pax(String key, String value) {
    return pax(key, value.getBytes(ISO_8859_1));
  }

  public TestTar xattr(String name, byte[] value) {
    return pax("SCHILY.xattr." + name, value);
  }

  public TestTar file(String path, String content) {
    return file(path, content.getBytes(UTF_8));
  }

  public TestTar file(String path, byte[] content) {
    return entry('0', path, "", content);
  }

  public TestTar directory(String path) {
    return entry('5', path + "/", "", new byte[0]);
  }

  public TestTar symlink(String path, String target) {
    return entry('2', path, target, new byte[0]);
  }

  public TestTar hardLink(String path, String target) {
    return entry('1', path, target, new byte[0]);
  }

  public TestTar fifo(String path) {
    return entry('6', path, "", new byte[0]);
  }

  public TestTar device(char type, String path, int major, int minor) {
    flushPax();
    header(type, path, "", 0, major, minor);
    return this;
  }

  /** Any entry; names longer than the header has room for go into an extended header. */
  public TestTar entry(char type, String path, String target, byte[] content) {
    if (path.length() > 100) {
      pax.putIfAbsent("path", path.getBytes(ISO_8859_1));
    }
    if (target.length() > 100) {
      pax.putIfAbsent("linkpath", target.getBytes(ISO_8859_1));
    }
    flushPax();
    header(type, path, target, content.length, 0, 0);
    data(content);
    return this;
  }

  /** A header whose size is not that of what follows. */
  public TestTar headerOnly(char type, String path, long size) {
    flushPax();
    header(type, path, "", size, 0, 0);
    return this;
  }

  /** A sparse file of the old GNU format, with blocks that list no data. */
  public TestTar oldSparse(String path, int blocks) {
    moreSparseBlocks = blocks > 0;
    header('S', path, "", 0, 0, 0);
    moreSparseBlocks = false;
    for (int i = 1; i <= blocks; i++) {
      byte[] block = new byte[BLOCK];
      put(block, 0, "00000000144\0" + "00000000000\0"); // of nothing but zeros it would be an end
      block[504] = (byte) (i < blocks ? 1 : 0);
      data(block);
    }
    return this;
  }

  /** Bytes, filled up to a whole block. */
  public TestTar data(byte[] content) {
    out.writeBytes(content);
    out.writeBytes(new byte[-content.length & (BLOCK - 1)]);
    return this;
  }

  private void flushPax() {
    if (pax.isEmpty()) {
      return;
    }
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    pax.forEach(
        (key, value) -> {
          int rest = key.length() + value.length + 3;
          int length = rest + 1;
          while (Integer.toString(length).length() + rest != length) {
            length++;
          }
          records.writeBytes((length + " " + key + "=").getBytes(ISO_8859_1));
          records.writeBytes(value);
          records.write('\n');
        });
    pax.clear();
    header('x', "PaxHeaders/x", "", records.size(), 0, 0);
    data(records.toByteArray());
  }

  private void header(char type, String path, String target, long size, int major, int minor) {
    byte[] block = new byte[BLOCK];
    put(block, 0, path.substring(0, Math.min(path.length(), 100)));
    put(block, 100, String.format("%07o", mode));
    put(block, 108, String.format("%07o", uid));
    put(block, 116, String.format("%07o", gid));
    put(block, 124, String.format("%011o", size));
    put(block, 136, String.format("%011o", mtime));
    put(block, 148, "        ");
    block[156] = (byte) type;
    put(block, 157, target.substring(0, Math.min(target.length(), 100)));
    put(block, 257, type == 'S' ? "ustar  \0" : "ustar\0" + "00");
    put(block, 329, String.format("%07o", major));
    put(block, 337, String.format("%07o", minor));
    if (type == 'S') {
      put(block, 345, "\0".repeat(137));
      block[482] = (byte) (moreSparseBlocks ? 1 : 0);
      put(block, 483, "00000000144");
    }
    int sum = 0;
    for (byte b : block) {
      sum += b & 0xff;
    }
    put(block, 148, String.format("%06o\0 ", sum));
    out.writeBytes(block);
  }

  private static void put(byte[] block, int at, String text) {
    byte[] bytes = text.getBytes(ISO_8859_1);
    System.arraycopy(bytes, 0, block, at, bytes.length);
  }

  /** With the two blocks of zeros that end a tar. */
  public byte[] bytes() {
    byte[] open = unended();
    byte[] result = new byte[open.length + 2 * BLOCK];
    System.arraycopy(open, 0, result, 0, open.length);
    return result;
  }

  /** Without an end. */
  public byte[] unended() {
    return out.toByteArray();
  }

  /** A tar with one text file. */
  public static byte[] ofFile(String path, String content) {
    return new TestTar().file(path, content.getBytes(US_ASCII)).bytes();
  }
}
