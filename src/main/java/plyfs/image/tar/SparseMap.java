package plyfs.image.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Limit;

/**
 * Where a sparse file of a PAX archive has data: {@code offset, length, offset, length, ...} in
 * decimal. Formats 0.0 and 0.1 keep the list in the extended header, with commas; 1.0 keeps it in
 * front of the data, one number a line, their count first, filled up to whole blocks.
 *
 * @param size bytes of the file, holes included
 * @implNote GNU tar manual, "Storing Sparse Files"
 */
public record SparseMap(long size, List<TarEntry.Extent> extents) {
  private static final int MAX_DIGITS = 18;

  /** Supplies the bytes in front of the data. */
  @FunctionalInterface
  interface Blocks {
    /** Fills the array. */
    void read(byte[] block) throws IOException;
  }

  /** The map of an entry; null if its file is not sparse. */
  static @Nullable SparseMap of(PaxRecords pax, Blocks data) throws IOException {
    if (pax.number("GNU.sparse.major", 0) == 1) {
      long size = pax.number("GNU.sparse.realsize", -1);
      return checked(size, numbers(data));
    }
    byte[] map = pax.sparseMap();
    if (map == null) {
      return null;
    }
    long size = pax.number("GNU.sparse.size", pax.number("GNU.sparse.realsize", -1));
    List<Long> numbers = new ArrayList<>();
    for (String number : Splitter.on(',').split(new String(map, ISO_8859_1))) {
      numbers.add(number(number));
    }
    return checked(size, numbers);
  }

  /** Leaves the position after the block where the list ends. */
  private static List<Long> numbers(Blocks data) throws IOException {
    List<Long> numbers = new ArrayList<>();
    StringBuilder digits = new StringBuilder();
    long wanted = 1;
    long bytes = 0;
    byte[] block = new byte[PaxTap.BLOCK_BYTES];
    while (numbers.size() < wanted) {
      bytes += block.length;
      Limit.SPARSE_MAP_BYTES.check("a sparse file", bytes);
      data.read(block);
      for (int i = 0; i < block.length && numbers.size() < wanted; i++) {
        if (block[i] != '\n') {
          digits.append((char) (block[i] & 0xff));
          if (digits.length() > MAX_DIGITS) {
            throw malformed();
          }
          continue;
        }
        numbers.add(number(digits.toString()));
        digits.setLength(0);
        if (numbers.size() == 1) {
          wanted = 1 + 2 * Math.min(numbers.get(0), Limit.SPARSE_MAP_BYTES.value());
        }
      }
    }
    return numbers.subList(1, numbers.size());
  }

  private static long number(String digits) throws BadImageException {
    if (!digits.matches("[0-9]{1," + MAX_DIGITS + "}")) {
      throw malformed();
    }
    return Long.parseLong(digits);
  }

  private static SparseMap checked(long size, List<Long> numbers) throws BadImageException {
    List<TarEntry.Extent> extents = new ArrayList<>();
    if (size < 0 || numbers.size() % 2 != 0) {
      throw malformed();
    }
    for (int i = 0; i < numbers.size(); i += 2) {
      extents.add(new TarEntry.Extent(numbers.get(i), numbers.get(i + 1)));
    }
    return new SparseMap(size, inOrder(size, extents));
  }

  /** Extents that have data, in order, inside the file. */
  static List<TarEntry.Extent> inOrder(long size, List<TarEntry.Extent> extents)
      throws BadImageException {
    List<TarEntry.Extent> result = new ArrayList<>();
    long end = 0;
    for (TarEntry.Extent extent : extents) {
      long next = extent.offset() + extent.length();
      if (extent.offset() < end || extent.length() < 0 || next > size || next < 0) {
        throw malformed();
      }
      end = next;
      if (extent.length() > 0) {
        result.add(extent);
      }
    }
    return result;
  }

  private static BadImageException malformed() {
    return new BadImageException("malformed map of a sparse file");
  }
}
