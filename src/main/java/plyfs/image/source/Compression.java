package plyfs.image.source;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.tukaani.xz.MemoryLimitException;
import org.tukaani.xz.XZInputStream;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Limit;

/** How bytes are compressed: told by the bytes, never by a name or media type. */
public enum Compression {
  NONE,
  GZIP,
  ZSTD,
  BZIP2,
  XZ;

  private static final int BUFFER_BYTES = 1 << 16;
  private static final int MAGIC_BYTES = 6;

  /** Looks at the first bytes of a stream. */
  static Compression of(byte[] start) {
    if (starts(start, 0x1f, 0x8b)) {
      return GZIP;
    }
    boolean skippable =
        start.length >= 4
            && (start[0] & 0xf0) == 0x50
            && (start[1] & 0xff) == 0x2a
            && (start[2] & 0xff) == 0x4d
            && (start[3] & 0xff) == 0x18;
    if (skippable || starts(start, 0x28, 0xb5, 0x2f, 0xfd)) {
      return ZSTD;
    }
    if (starts(start, 'B', 'Z', 'h')) {
      return BZIP2;
    }
    return starts(start, 0xfd, '7', 'z', 'X', 'Z', 0) ? XZ : NONE;
  }

  private static boolean starts(byte[] bytes, int... magic) {
    if (bytes.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((bytes[i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * The uncompressed bytes of a stream.
   *
   * @param label what the bytes are, for messages
   * @throws BadImageException if they are damaged at their beginning, or need too much memory
   */
  public static InputStream decompress(InputStream in, String label) throws IOException {
    var buffered = new BufferedInputStream(in, BUFFER_BYTES);
    buffered.mark(MAGIC_BYTES);
    byte[] start = buffered.readNBytes(MAGIC_BYTES);
    buffered.reset();
    try {
      return decompress(buffered, of(start), label);
    } catch (BadImageException e) {
      throw e;
    } catch (IOException e) {
      throw new BadImageException(label + " cannot be decompressed: " + e.getMessage(), e);
    }
  }

  private static InputStream decompress(
      BufferedInputStream buffered, Compression compression, String label) throws IOException {
    return switch (compression) {
      case NONE -> buffered;
      case GZIP -> new GZIPInputStream(buffered, BUFFER_BYTES);
      case ZSTD -> new ZstdInputStream(buffered);
      case BZIP2 -> new BZip2CompressorInputStream(buffered, true);
      case XZ -> xz(buffered, label);
    };
  }

  private static InputStream xz(InputStream in, String label) throws IOException {
    try {
      return new XZInputStream(in, Limit.XZ_MEMORY_KIB.value());
    } catch (MemoryLimitException e) {
      Limit.XZ_MEMORY_KIB.check(label, e.getMemoryNeeded());
      throw e;
    }
  }
}
