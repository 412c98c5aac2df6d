package plyfs.image.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Limit;

/**
 * Extended header records of one tar entry, values as the bytes they are. Keys are kept in
 * ISO-8859-1, one char per byte.
 *
 * <p>The content of such a header is a row of {@code <decimal length of the record> <key>=<value>
 * <newline>}.
 *
 * @implNote POSIX pax, "pax Extended Header"
 */
public final class PaxRecords {
  private static final String SCHILY_XATTR = "SCHILY.xattr.";
  private static final String LIBARCHIVE_XATTR = "LIBARCHIVE.xattr.";
  private static final String SPARSE_OFFSET = "GNU.sparse.offset";
  private static final String SPARSE_LENGTH = "GNU.sparse.numbytes";
  private static final String SPARSE_MAP = "GNU.sparse.map";
  private static final int MAX_LENGTH_DIGITS = 8;
  private static final int MAX_DIGITS = 18;

  private final Map<String, byte[]> values = new LinkedHashMap<>();
  private final ByteArrayOutputStream stretches = new ByteArrayOutputStream();

  /**
   * Adds the records of one header; a later record with the same key replaces an earlier one.
   *
   * @param content afterwards, in place, every key but {@code size} begins with {@code #}, so that
   *     commons-compress ignores it: that reads sizes of sparse files as 32-bit numbers, for one
   */
  void add(byte[] content) throws BadImageException {
    int at = 0;
    // Some writers count the NULs that fill the last block as content.
    while (at < content.length && content[at] != 0) {
      int space = at;
      while (space < content.length && content[space] >= '0' && content[space] <= '9') {
        space++;
      }
      int digits = space - at;
      if (digits == 0
          || digits > MAX_LENGTH_DIGITS
          || space == content.length
          || content[space] != ' ') {
        throw malformed(at);
      }
      int length = Integer.parseInt(new String(content, at, digits, ISO_8859_1));
      int end = at + length;
      if (length <= digits + 1 || end > content.length || content[end - 1] != '\n') {
        throw malformed(at);
      }
      int equals = space + 1;
      while (equals < end && content[equals] != '=') {
        equals++;
      }
      if (equals == end || equals == space + 1) {
        throw malformed(at);
      }
      String key = new String(content, space + 1, equals - space - 1, ISO_8859_1);
      put(key, Arrays.copyOfRange(content, equals + 1, end - 1));
      if (!key.equals("size")) {
        content[space + 1] = '#';
      }
      at = end;
    }
  }

  private void put(String key, byte[] value) throws BadImageException {
    // Sparse format 0.0 repeats these two for each stretch of data.
    if (!key.equals(SPARSE_OFFSET) && !key.equals(SPARSE_LENGTH)) {
      values.put(key, value);
      return;
    }
    if (stretches.size() > 0) {
      stretches.write(',');
    }
    stretches.writeBytes(value);
    Limit.SPARSE_MAP_BYTES.check("an extended header", stretches.size());
  }

  /** Where a sparse file has data, in the formats 0.0 and 0.1; null where no record says so. */
  byte @Nullable [] sparseMap() {
    return stretches.size() > 0 ? stretches.toByteArray() : bytes(SPARSE_MAP);
  }

  private static BadImageException malformed(int at) {
    return new BadImageException("malformed extended header record at byte " + at);
  }

  /** Value of a record; null where it is absent or empty, which means the ordinary header holds. */
  byte @Nullable [] bytes(String key) {
    byte[] value = values.get(key);
    return value == null || value.length == 0 ? null : value;
  }

  private @Nullable String text(String key) {
    byte[] value = bytes(key);
    return value == null ? null : new String(value, ISO_8859_1);
  }

  /** A number that is not negative, or the given one where the record is absent. */
  long number(String key, long otherwise) throws BadImageException {
    String text = text(key);
    if (text == null) {
      return otherwise;
    }
    if (!text.matches("[0-9]+")) {
      throw new BadImageException("extended header '" + key + "' is '" + text + "', not a number");
    }
    if (text.length() > MAX_DIGITS) {
      throw new BadImageException(
          "extended header '" + key + "' is '" + text + "', a number of more than 18 digits");
    }
    return Long.parseLong(text);
  }

  /** A time in decimal seconds; null where the record is absent. */
  @Nullable Timestamp time(String key) throws BadImageException {
    String text = text(key);
    if (text == null) {
      return null;
    }
    if (!text.matches("-?[0-9]{1,12}(\\.[0-9]{0,64})?")) {
      throw new BadImageException("extended header '" + key + "' is '" + text + "', not a time");
    }
    return Timestamp.ofDecimal(text);
  }

  /** Whether a record tells how the entry's data is stored. */
  boolean describesData() {
    return stretches.size() > 0
        || values.keySet().stream().anyMatch(k -> k.equals("size") || k.startsWith("GNU.sparse."));
  }

  /** Extended attributes by name in ISO-8859-1, values as they are. */
  Map<String, byte[]> xattrs() throws BadImageException {
    Map<String, byte[]> result = new LinkedHashMap<>();
    for (Map.Entry<String, byte[]> record : values.entrySet()) {
      String key = record.getKey();
      if (key.startsWith(LIBARCHIVE_XATTR)) {
        String name = decodePercent(key.substring(LIBARCHIVE_XATTR.length()));
        result.putIfAbsent(name, decodeBase64(key, record.getValue()));
      } else if (key.startsWith(SCHILY_XATTR)) {
        result.put(key.substring(SCHILY_XATTR.length()), record.getValue());
      }
    }
    return result;
  }

  private static byte[] decodeBase64(String key, byte[] value) throws BadImageException {
    try {
      return Base64.getDecoder().decode(value);
    } catch (IllegalArgumentException e) {
      throw new BadImageException("extended header '" + key + "' is not base64", e);
    }
  }

  private static String decodePercent(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
      int low = i + 2 < text.length() ? Character.digit(text.charAt(i + 2), 16) : -1;
      if (text.charAt(i) == '%' && high >= 0 && low >= 0) {
        out.append((char) (high << 4 | low));
        i += 2;
      } else {
        out.append(text.charAt(i));
      }
    }
    return out.toString();
  }
}
