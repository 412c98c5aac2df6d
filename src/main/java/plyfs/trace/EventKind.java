package plyfs.trace;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What can happen to a name or an object of a union. */
public enum EventKind {
  /** A name was looked for in more layers than the topmost. */
  LOOKUP(1),
  /** An object was copied from a lower layer into the upper one. */
  COPY_UP(2),
  /** The data of an upper file that held attributes alone was copied. */
  DATA_COPY(3),
  /** An upper object that is in the index got one more of its names. */
  LINK_UP(4),
  /** A whiteout was made: a name of a lower layer is hidden. */
  WHITEOUT_MADE(5),
  /** A whiteout gave way to a new object. */
  WHITEOUT_REMOVED(6),
  /** An upper directory was marked opaque: it hides what lies below. */
  OPAQUE_SET(7),
  /** An upper object was marked with the place of its lower part. */
  REDIRECT_SET(8),
  /** An upper object got another name. */
  RENAMED(9),
  /** An upper object lost a name that no lower layer has. */
  REMOVED(10);

  private static final EventKind[] ALL = values();

  private final int code;

  EventKind(int code) {
    this.code = code;
  }

  /** Stands for the kind in a record. */
  int code() {
    return code;
  }

  /** As programs and options spell it: {@code copy-up}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The kind with a code; null if there is none, as a later version may write. */
  static @Nullable EventKind of(int code) {
    for (EventKind kind : ALL) {
      if (kind.code == code) {
        return kind;
      }
    }
    return null;
  }
}
