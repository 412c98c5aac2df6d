package plyfs.trace;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What can happen to a name or an object of a union. */
public enum EventKind {
  /** A name was looked for in more layers than the topmost. */
  LOOKUP,
  /** An object was copied from a lower layer into the upper one. */
  COPY_UP,
  /** The data of an upper file that held attributes alone was copied. */
  DATA_COPY,
  /** An upper object that is in the index got one more of its names. */
  LINK_UP,
  /** A whiteout was made: a name of a lower layer is hidden. */
  WHITEOUT_MADE,
  /** A whiteout gave way to a new object. */
  WHITEOUT_REMOVED,
  /** An upper directory was marked opaque: it hides what lies below. */
  OPAQUE_SET,
  /** An upper object was marked with the place of its lower part. */
  REDIRECT_SET,
  /** An upper object got another name. */
  RENAMED,
  /** An upper object lost a name that no lower layer has. */
  REMOVED;

  private static final EventKind[] ALL = values();

  /** As programs and options spell it: {@code copy-up}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The kind with a number; null if there is none, as a later version may write. */
  static @Nullable EventKind of(int ordinal) {
    return ordinal >= 0 && ordinal < ALL.length ? ALL[ordinal] : null;
  }

  /** The kind that a person named; null if there is none. */
  public static @Nullable EventKind ofWord(String word) {
    for (EventKind kind : ALL) {
      if (kind.word().equals(word)) {
        return kind;
      }
    }
    return null;
  }
}
