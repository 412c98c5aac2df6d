package plyfs.image.tar;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** Reads what {@link TarSplitWriter} or Docker wrote, entry by entry. */
public final class TarSplitReader implements Closeable {
  private static final int BUFFER_BYTES = 1 << 16;

  private final String label;
  private final JsonReader json;
  private final boolean isEmpty;
  private int type;
  private byte[] name = {};
  private long size;
  private byte[] payload = {};

  /**
   * Begins to read.
   *
   * @param gzip is closed with this
   * @param label for messages
   */
  @SuppressWarnings("deprecation")
  public TarSplitReader(InputStream gzip, String label) throws IOException {
    this.label = label;
    try {
      Reader text =
          new BufferedReader(new InputStreamReader(new GZIPInputStream(gzip, BUFFER_BYTES), UTF_8));
      text.mark(1);
      isEmpty = text.read() < 0;
      text.reset();
      json = new JsonReader(text);
    } catch (IOException e) {
      gzip.close();
      throw damaged(e);
    }
    // Several documents in one stream.
    json.setLenient(true);
  }

  /**
   * Steps to the next entry; false at the end.
   *
   * @throws IOException if it is not a tar-split
   */
  public boolean next() throws IOException {
    type = 0;
    name = new byte[0];
    size = 0;
    payload = new byte[0];
    try {
      // At once at its end the library finds a document missing.
      if (isEmpty || json.peek() == JsonToken.END_DOCUMENT) {
        return false;
      }
      json.beginObject();
      while (json.hasNext()) {
        field(json.nextName());
      }
      json.endObject();
    } catch (EOFException
        | MalformedJsonException
        | ZipException
        | IllegalStateException
        | IllegalArgumentException e) {
      throw damaged(e);
    }
    if (type != 1 && type != 2 || size < 0 || isFile() && payload.length != Long.BYTES) {
      throw damaged(null);
    }
    return true;
  }

  private void field(String field) throws IOException {
    switch (field) {
      case "type" -> type = json.nextInt();
      case "name" -> name = json.nextString().getBytes(UTF_8);
      case "name_raw" -> name = base64();
      case "size" -> size = json.nextLong();
      case "payload" -> payload = base64();
      default -> json.skipValue();
    }
  }

  private byte[] base64() throws IOException {
    if (json.peek() == JsonToken.NULL) {
      json.nextNull();
      return new byte[0];
    }
    return Base64.getDecoder().decode(json.nextString());
  }

  private IOException damaged(@Nullable Exception cause) {
    return new IOException(label + " is damaged", cause);
  }

  /** Whether the entry stands for the content of a file, which may be empty. */
  public boolean isFile() {
    return type == 1 && size > 0;
  }

  /** Path of the file, as the tar or its recorder has it. */
  public byte[] name() {
    return name;
  }

  /** Bytes of the tar that the entry stands for. */
  public long size() {
    return type == 1 ? size : payload.length;
  }

  /** The bytes themselves; not of a file. */
  public byte[] payload() {
    return type == 1 ? new byte[0] : payload;
  }

  /** Checksum of the content of a file. */
  public long crc64() {
    return ByteBuffer.wrap(payload).getLong();
  }

  @Override
  public void close() throws IOException {
    json.close();
  }
}
