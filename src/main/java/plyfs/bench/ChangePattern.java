package plyfs.bench;

import java.util.Arrays;
import java.util.List;

/** The kinds of change of files in a lower layer. */
public enum ChangePattern {
  FIRST_BYTE("first-byte", FileKind.PLAIN, "open, write one byte at the start"),
  APPEND("append", FileKind.PLAIN, "open with O_APPEND, write one byte"),
  TRUNCATE("truncate", FileKind.PLAIN, "open with O_TRUNC, write one byte, as 'echo x >file'"),
  CHMOD("chmod", FileKind.PLAIN, "change the mode"),
  CHOWN("chown", FileKind.PLAIN, "change owner and group"),
  RENAME("rename", FileKind.PLAIN, "rename within its directory"),
  LINK("link", FileKind.PLAIN, "make a hard link beside it"),
  MMAP("mmap", FileKind.PLAIN, "open, map shared, store one byte at the start"),
  SPARSE(
      "sparse",
      FileKind.SPARSE,
      "first-byte on a file with 4 KiB of data in each 64 KiB, else hole"),
  MANY_SMALL(
      "many-small",
      FileKind.MANY,
      "first-byte on each of up to 1024 files of 16 KiB in a directory");

  private final String word;
  private final FileKind kind;
  private final String meaning;

  ChangePattern(String word, FileKind kind, String meaning) {
    this.word = word;
    this.kind = kind;
    this.meaning = meaning;
  }

  /** The name in arguments and output. */
  public String word() {
    return word;
  }

  FileKind kind() {
    return kind;
  }

  /** The description for a person. */
  public String meaning() {
    return meaning;
  }

  /** Whether the directory must be synced to make the change durable. */
  boolean changesNames() {
    return this == RENAME || this == LINK;
  }

  /** Whether the change opens the file for writing and keeps its data. */
  boolean opensForWriting() {
    return this == FIRST_BYTE
        || this == APPEND
        || this == MMAP
        || this == SPARSE
        || this == MANY_SMALL;
  }

  /** All words, as in the list of an option. */
  public static String allWords() {
    return String.join(",", Arrays.stream(values()).map(ChangePattern::word).toList());
  }

  /**
   * Parses a list of words.
   *
   * @throws IllegalArgumentException the message is a sentence for a person
   */
  public static List<ChangePattern> list(String text) {
    return AxisText.words(text).stream().map(ChangePattern::of).toList();
  }

  /** The pattern with this word. */
  static ChangePattern of(String word) {
    return Arrays.stream(values())
        .filter(pattern -> pattern.word.equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown pattern '" + word + "': choose from " + allWords()));
  }
}
