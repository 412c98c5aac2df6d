package plyfs.image.tar;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes a tar-split: what a tar consists of besides the contents of its files, so that both
 * together give the tar back byte for byte. It is gzip of lines of JSON. {@code
 * {"type":2,"payload":"<base64>","position":0}} stands for bytes as they are; {@code
 * {"type":1,"name":"etc/passwd","size":1,"payload":"<crc>","position":1}} for the content of a
 * file. A name that is not UTF-8 is in {@code name_raw}, in base64.
 *
 * @implNote the format of Docker's layerdb: vbatts/tar-split, tar/storage/entry.go. No two files
 *     may have the same name
 */
public final class TarSplitWriter implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 16;

  /** Most of a tar-split is NULs, of which every level of compression makes next to nothing. */
  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(OutputStream out) throws IOException {
      super(out, BUFFER_BYTES);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }

  private final FastGzip out;
  private long entries;

  /**
   * Begins one.
   *
   * @param out is closed with this
   */
  public TarSplitWriter(OutputStream out) throws IOException {
    this.out = new FastGzip(out);
  }

  /** Some bytes of the tar as they are. */
  public void segment(byte[] bytes, int length) throws IOException {
    entry(2, "", bytes, length);
  }

  /**
   * The content of a file.
   *
   * @param name path from the root of the layer on
   * @param crc64 of the content, ISO
   */
  public void file(byte[] name, long size, long crc64) throws IOException {
    String text = text(name);
    String named =
        text != null
            ? ",\"name\":" + new JsonPrimitive(text)
            : ",\"name_raw\":\"" + Base64.getEncoder().encodeToString(name) + "\"";
    byte[] crc = ByteBuffer.allocate(Long.BYTES).putLong(crc64).array();
    entry(1, named + ",\"size\":" + size, crc, crc.length);
  }

  private void entry(int type, String fields, byte[] payload, int length) throws IOException {
    out.write(("{\"type\":" + type + fields + ",\"payload\":\"").getBytes(UTF_8));
    byte[] exact = length == payload.length ? payload : Arrays.copyOf(payload, length);
    out.write(Base64.getEncoder().encode(exact));
    out.write(("\",\"position\":" + entries++ + "}\n").getBytes(US_ASCII));
  }

  private static @Nullable String text(byte[] name) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(name)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /** Completes it; nothing follows. */
  public void finish() throws IOException {
    out.finish();
    out.flush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
