package plyfs.image.tar;

import java.util.Arrays;
import org.apache.commons.compress.archivers.tar.TarUtils;
import plyfs.image.model.BadImageException;

/**
 * The fields of a tar header block, undecoded.
 *
 * <p>{@code [name 100][mode 8][uid 8][gid 8][size 12][mtime 12][checksum 8][type 1][link 100][magic
 * 8][user 32][group 32][major 8][minor 8][prefix 155][12]}. Numbers are octal digits, or binary
 * where the first bit is set.
 *
 * @implNote POSIX pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format"
 */
public final class RawHeader {
  private static final int TYPE = 156;
  private static final int LINK = 157;
  private static final int MAGIC = 257;
  private static final int PREFIX = 345;
  private static final byte[] POSIX_MAGIC = {'u', 's', 't', 'a', 'r', 0};

  private final byte[] block;

  RawHeader(byte[] block) {
    this.block = block;
  }

  boolean hasGoodChecksum() {
    return TarUtils.verifyCheckSum(block);
  }

  char type() {
    return (char) (block[TYPE] & 0xff);
  }

  byte[] name() {
    byte[] name = text(0, 100);
    boolean posix = Arrays.equals(block, MAGIC, MAGIC + 6, POSIX_MAGIC, 0, 6);
    // Other formats keep other things where POSIX has the prefix.
    byte[] prefix = posix ? text(PREFIX, 155) : new byte[0];
    if (prefix.length == 0) {
      return name;
    }
    byte[] joined = Arrays.copyOf(prefix, prefix.length + 1 + name.length);
    joined[prefix.length] = '/';
    System.arraycopy(name, 0, joined, prefix.length + 1, name.length);
    return joined;
  }

  byte[] linkTarget() {
    return text(LINK, 100);
  }

  long mode() throws BadImageException {
    return number("mode", 100, 8);
  }

  long uid() throws BadImageException {
    return number("uid", 108, 8);
  }

  long gid() throws BadImageException {
    return number("gid", 116, 8);
  }

  long mtime() throws BadImageException {
    return number("mtime", 136, 12);
  }

  long deviceMajor() throws BadImageException {
    return number("device major number", 329, 8);
  }

  long deviceMinor() throws BadImageException {
    return number("device minor number", 337, 8);
  }

  private long number(String field, int offset, int length) throws BadImageException {
    try {
      return TarUtils.parseOctalOrBinary(block, offset, length);
    } catch (IllegalArgumentException e) {
      throw new BadImageException("malformed " + field + " in a tar header", e);
    }
  }

  private byte[] text(int offset, int length) {
    int end = offset;
    while (end < offset + length && block[end] != 0) {
      end++;
    }
    return Arrays.copyOfRange(block, offset, end);
  }
}
