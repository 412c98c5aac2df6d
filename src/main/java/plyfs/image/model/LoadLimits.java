package plyfs.image.model;

import java.util.List;

/**
 * What a load takes of one image at most, as the person who loads it has set it. {@link Limit} says
 * what is never taken.
 *
 * @param bytes of its layers, uncompressed
 * @param entries of one layer
 * @param depth how many names an entry's path may have
 * @param ratio how many times larger than it is stored a layer may become; the first 16 MiB are
 *     free
 * @param layers of the image
 */
public record LoadLimits(long bytes, long entries, long depth, long ratio, long layers) {
  /** No limit but those that always hold. */
  public static final LoadLimits NONE =
      new LoadLimits(
          Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);

  /** The names by which {@link #with} knows them. */
  public static final List<String> NAMES = List.of("bytes", "entries", "depth", "ratio", "layers");

  private static final long FREE_BYTES = 16 << 20;

  /**
   * These limits, but one.
   *
   * @param name one of {@link #NAMES}
   */
  public LoadLimits with(String name, long value) {
    return switch (name) {
      case "bytes" -> new LoadLimits(value, entries, depth, ratio, layers);
      case "entries" -> new LoadLimits(bytes, value, depth, ratio, layers);
      case "depth" -> new LoadLimits(bytes, entries, value, ratio, layers);
      case "ratio" -> new LoadLimits(bytes, entries, depth, value, layers);
      case "layers" -> new LoadLimits(bytes, entries, depth, ratio, value);
      default -> throw new IllegalArgumentException(name);
    };
  }

  /** Checks bytes of all layers that were read so far. */
  public void checkBytes(String image, long found) throws RefusedImageException {
    check(image, found, "bytes", bytes, "bytes");
  }

  /** Checks a number of entries. */
  public void checkEntries(String layer, long found) throws RefusedImageException {
    check(layer, found, "entries", entries, "entries");
  }

  /** Checks a number of names. */
  public void checkDepth(String entry, long found) throws RefusedImageException {
    check(entry, found, "names in its path", depth, "depth");
  }

  /** Checks a number of layers. */
  public void checkLayers(String image, long found) throws RefusedImageException {
    check(image, found, "layers", layers, "layers");
  }

  /**
   * Checks how much a layer grows.
   *
   * @param stored bytes that were read
   * @param plain what they have become
   */
  public void checkRatio(String layer, long stored, long plain) throws RefusedImageException {
    // A quotient, because a product could overflow.
    if (plain > FREE_BYTES && plain / Math.max(1, stored) >= ratio) {
      throw new RefusedImageException(
          layer
              + ": "
              + stored
              + " bytes have become "
              + plain
              + ", more than "
              + ratio
              + " times as many; if that is right, load it with a larger '--limit ratio='");
    }
  }

  private static void check(String subject, long found, String what, long limit, String name)
      throws RefusedImageException {
    if (found > limit) {
      throw new RefusedImageException(
          subject
              + ": "
              + found
              + " "
              + what
              + " are more than the "
              + limit
              + " that '--limit "
              + name
              + "=' allows; if that is right, load it with a larger one");
    }
  }
}
