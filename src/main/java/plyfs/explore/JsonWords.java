package plyfs.explore;

import java.util.Locale;

/** How values of JSON are written that are words: in small letters, with hyphens. */
final class JsonWords {
  private JsonWords() {}

  static String of(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** {@code regular-file}, {@code fifo}. */
  static String ofType(int mode) {
    return FileType.name(mode).toLowerCase(Locale.ROOT).replace(' ', '-');
  }
}
