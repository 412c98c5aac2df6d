package plyfs.explore;

import java.util.Locale;

/** Writes enum values as JSON words: in small letters, with hyphens. */
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
