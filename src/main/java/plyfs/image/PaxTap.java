package plyfs.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Objects;
import org.apache.commons.compress.archivers.tar.TarUtils;
import org.jspecify.annotations.Nullable;

/**
 * Sits beneath the tar reader of commons-compress and keeps, while that looks for the next entry,
 * the bytes which it decodes and so damages: the header block, extended headers, GNU long names.
 * The library reads no further than the header of the entry that it returns, so both stay in step.
 *
 * <p>Tar is a row of 512-byte blocks: {@code ([x|g|L|K header][content][pad to 512])*
 * [header][data][pad to 512]}.
 *
 * @implNote also bounds what the library does not: the size and the number of extended headers. A
 *     stream that ends where the padding of the last entry is missing is completed with zeros,
 *     because umoci writes such layers
 */
final class PaxTap extends InputStream {
  static final int BLOCK_BYTES = 512;

  /** Largest extended header or long name. */
  static final int MAX_EXTENSION_BYTES = 1 << 20;

  private static final int MAX_EXTENSIONS = 16;
  private static final int NAME_BYTES = 100;
  private static final int SIZE_OFFSET = 124;
  private static final int SIZE_BYTES = 12;
  private static final int TYPE_OFFSET = 156;

  private final InputStream in;
  private final byte[] block = new byte[BLOCK_BYTES];
  private long position;
  private boolean searching;
  private int blockFill;
  private int extensions;
  private long skip;
  private int contentLeft;
  private byte contentType;
  private ByteArrayOutputStream content = new ByteArrayOutputStream();

  private PaxRecords records = new PaxRecords();
  private byte @Nullable [] header;
  private byte @Nullable [] longName;
  private byte @Nullable [] longLink;

  PaxTap(InputStream in) {
    this.in = in;
  }

  /** From now on the library looks for the next entry; the data of the last one has been read. */
  void beginSearch() {
    searching = true;
    skip = -position & (BLOCK_BYTES - 1);
    blockFill = 0;
    extensions = 0;
    contentLeft = 0;
    records = new PaxRecords();
    header = null;
    longName = null;
    longLink = null;
  }

  /** Bytes of the tar that have been read. */
  long position() {
    return position;
  }

  /**
   * The header block of the entry that was found.
   *
   * @throws BadImageException if the library found one where this did not
   */
  byte[] header() throws BadImageException {
    if (searching || header == null) {
      throw new BadImageException("malformed tar header before byte " + position);
    }
    return header;
  }

  PaxRecords records() {
    return records;
  }

  /** GNU long name of the entry, without final NULs. */
  byte @Nullable [] longName() {
    return longName;
  }

  /** GNU long link target of the entry, without final NULs. */
  byte @Nullable [] longLink() {
    return longLink;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, into.length);
    int read = in.read(into, offset, length);
    if (read < 0 && searching && skip > 0) {
      read = (int) Math.min(skip, length);
      Arrays.fill(into, offset, offset + read, (byte) 0);
    }
    if (read > 0) {
      position += read;
      if (searching) {
        look(into, offset, read);
      }
    }
    return read;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private void look(byte[] bytes, int from, int count) throws BadImageException {
    int at = from;
    int end = from + count;
    while (at < end && searching) {
      if (skip > 0) {
        int n = (int) Math.min(skip, end - at);
        skip -= n;
        at += n;
      } else if (contentLeft > 0) {
        int n = Math.min(contentLeft, end - at);
        content.write(bytes, at, n);
        contentLeft -= n;
        at += n;
        if (contentLeft == 0) {
          endContent();
        }
      } else {
        int n = Math.min(BLOCK_BYTES - blockFill, end - at);
        System.arraycopy(bytes, at, block, blockFill, n);
        blockFill += n;
        at += n;
        if (blockFill == BLOCK_BYTES) {
          blockFill = 0;
          headerBlock();
        }
      }
    }
  }

  private void headerBlock() throws BadImageException {
    byte type = block[TYPE_OFFSET];
    if (type != 'x' && type != 'X' && type != 'g' && type != 'L' && type != 'K') {
      header = block.clone();
      searching = false;
      return;
    }
    if (!TarUtils.verifyCheckSum(block) || endsInSlash() && (type == 'L' || type == 'K')) {
      throw new BadImageException("malformed tar header before byte " + position);
    }
    if (++extensions > MAX_EXTENSIONS) {
      throw new BadImageException(
          "more than " + MAX_EXTENSIONS + " extended headers for one entry");
    }
    long size = size();
    if (size < 0 || size > MAX_EXTENSION_BYTES) {
      throw new BadImageException(
          "an extended header of "
              + size
              + " bytes is larger than the "
              + MAX_EXTENSION_BYTES
              + " bytes that are allowed");
    }
    contentType = type;
    contentLeft = (int) size;
    content = new ByteArrayOutputStream(contentLeft);
    if (contentLeft == 0) {
      endContent();
    }
  }

  private long size() throws BadImageException {
    try {
      return TarUtils.parseOctalOrBinary(block, SIZE_OFFSET, SIZE_BYTES);
    } catch (IllegalArgumentException e) {
      throw new BadImageException("malformed size in the tar header before byte " + position, e);
    }
  }

  /** The library takes a long-name header for a directory then, and does not read its content. */
  private boolean endsInSlash() {
    int length = 0;
    while (length < NAME_BYTES && block[length] != 0) {
      length++;
    }
    return length > 0 && block[length - 1] == '/';
  }

  private void endContent() throws BadImageException {
    byte[] bytes = content.toByteArray();
    skip = -bytes.length & (BLOCK_BYTES - 1);
    switch (contentType) {
      case 'L' -> longName = withoutFinalNuls(bytes);
      case 'K' -> longLink = withoutFinalNuls(bytes);
      case 'g' -> refuseStructure(bytes);
      default -> records.add(bytes);
    }
  }

  /** Docker ignores global headers, and so do we; but the library would obey these. */
  private static void refuseStructure(byte[] bytes) throws BadImageException {
    PaxRecords global = new PaxRecords();
    global.add(bytes);
    if (global.describesData()) {
      throw new BadImageException("a global extended header sets the size of entries");
    }
  }

  private static byte[] withoutFinalNuls(byte[] bytes) {
    int length = bytes.length;
    while (length > 0 && bytes[length - 1] == 0) {
      length--;
    }
    return Arrays.copyOf(bytes, length);
  }
}
