package plyfs.image.tar;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Objects;
import org.apache.commons.compress.archivers.tar.TarUtils;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Limit;

/**
 * Sits beneath the tar reader of commons-compress and keeps, while that looks for the next entry,
 * the bytes which it decodes and so damages: the header block, extended headers, GNU long names.
 * The library reads no further than the header of the entry that it returns, so both stay in step.
 * Of the extended records it gets to see the size alone; the others are renamed on the way.
 *
 * <p>Tar is a row of 512-byte blocks: {@code ([x|g|L|K header][content][pad to 512])*
 * [header][data][pad to 512]}.
 *
 * <p>A sparse file of the old GNU format has more blocks after its header, as long as each says
 * that another one follows: {@code [header][21 stretches and the flag]*[data]}.
 *
 * @implNote also bounds what the library does not: the size and the number of extended headers, and
 *     of such blocks. A stream that ends where the padding of the last entry is missing is
 *     completed with zeros, because umoci writes such layers
 */
public final class PaxTap extends InputStream {
  public static final int BLOCK_BYTES = 512;

  private static final int NAME_BYTES = 100;
  private static final int SIZE_OFFSET = 124;
  private static final int SIZE_BYTES = 12;
  private static final int TYPE_OFFSET = 156;

  /** Of the flag that another block follows, in the header of a sparse file and in such a block. */
  private static final int SPARSE_FLAG_OFFSET = 482;

  private static final int SPARSE_BLOCK_FLAG_OFFSET = 504;

  private final InputStream in;
  private long position;
  private boolean searching;
  private int extensions;
  private boolean sparseBlocks;
  private long sparseBytes;
  private int skip;
  private byte[] content = {};
  private int served;

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
    skip = (int) (-position & (BLOCK_BYTES - 1));
    extensions = 0;
    sparseBlocks = false;
    sparseBytes = 0;
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
    if (served < content.length) {
      return serve(into, offset, length);
    }
    if (sparseBlocks) {
      return readSparseBlock() ? serve(into, offset, length) : -1;
    }
    if (!searching) {
      int read = in.read(into, offset, length);
      position += Math.max(read, 0);
      return read;
    }
    if (skip > 0) {
      return readPadding(into, offset, Math.min(length, skip));
    }
    byte[] block = in.readNBytes(BLOCK_BYTES);
    if (block.length == 0) {
      return -1;
    }
    served = 0;
    content = block;
    if (block.length == BLOCK_BYTES) {
      headerBlock(block);
    }
    return serve(into, offset, length);
  }

  private boolean readSparseBlock() throws IOException {
    sparseBytes += BLOCK_BYTES;
    Limit.SPARSE_MAP_BYTES.check("a sparse file", sparseBytes);
    content = in.readNBytes(BLOCK_BYTES);
    served = 0;
    sparseBlocks = content.length == BLOCK_BYTES && content[SPARSE_BLOCK_FLAG_OFFSET] == 1;
    return content.length > 0;
  }

  /** Zeros where the stream has ended. */
  private int readPadding(byte[] into, int offset, int length) throws IOException {
    int read = in.read(into, offset, length);
    if (read < 0) {
      read = length;
      Arrays.fill(into, offset, offset + read, (byte) 0);
    }
    position += read;
    skip -= read;
    return read;
  }

  private int serve(byte[] into, int offset, int length) {
    int n = Math.min(length, content.length - served);
    System.arraycopy(content, served, into, offset, n);
    served += n;
    position += n;
    return n;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private void headerBlock(byte[] block) throws IOException {
    byte type = block[TYPE_OFFSET];
    if (type != 'x' && type != 'X' && type != 'g' && type != 'L' && type != 'K') {
      header = block.clone();
      searching = false;
      sparseBlocks = type == 'S' && block[SPARSE_FLAG_OFFSET] == 1;
      int last = lastOfName(block);
      if (records.bytes("path") != null && last >= 0 && block[last] == '/') {
        // Cut off there, the name would make the library take a file for a directory.
        block[last] = '_';
      }
      return;
    }
    int last = lastOfName(block);
    boolean slash = last >= 0 && block[last] == '/';
    // With the slash the library would not read the content of a long name.
    if (!TarUtils.verifyCheckSum(block) || slash && (type == 'L' || type == 'K')) {
      throw new BadImageException("malformed tar header at byte " + position);
    }
    Limit.EXTENSIONS.check("before byte " + position, ++extensions);
    byte[] extension = in.readNBytes(extensionSize(block));
    skip = -extension.length & (BLOCK_BYTES - 1);
    switch (type) {
      case 'L' -> longName = withoutFinalNuls(extension);
      case 'K' -> longLink = withoutFinalNuls(extension);
      case 'g' -> refuseStructure(extension);
      default -> records.add(extension);
    }
    content = Arrays.copyOf(block, BLOCK_BYTES + extension.length);
    System.arraycopy(extension, 0, content, BLOCK_BYTES, extension.length);
  }

  private int extensionSize(byte[] block) throws BadImageException {
    long size;
    try {
      size = TarUtils.parseOctalOrBinary(block, SIZE_OFFSET, SIZE_BYTES);
    } catch (IllegalArgumentException e) {
      throw new BadImageException("malformed size in the tar header at byte " + position, e);
    }
    if (size < 0) {
      throw new BadImageException("negative size in the tar header at byte " + position);
    }
    Limit.EXTENSION_BYTES.check("at byte " + position, size);
    return (int) size;
  }

  /** Index of the last byte of the name; -1 if that is empty. */
  private static int lastOfName(byte[] block) {
    int length = 0;
    while (length < NAME_BYTES && block[length] != 0) {
      length++;
    }
    return length - 1;
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
