package plyfs.trace;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The kinds of event. */
public enum EventKind {
  /** A lookup that asked more layers than the topmost. */
  LOOKUP(1),
  /** An object was copied from a lower layer into the upper one. */
  COPY_UP(2),
  /** The data of a metacopy file in the upper layer was copied. */
  DATA_COPY(3),
  /** An indexed upper object got a further name. */
  LINK_UP(4),
  /** A whiteout was made, which hides a name of a lower layer. */
  WHITEOUT_MADE(5),
  /** A new object replaced a whiteout. */
  WHITEOUT_REMOVED(6),
  /** An upper directory was marked opaque, which hides the layers below. */
  OPAQUE_SET(7),
  /** An upper object got a redirect to its lower part. */
  REDIRECT_SET(8),
  /** An upper object was renamed. */
  RENAMED(9),
  /** An upper object without a lower name was removed. */
  REMOVED(10);

  private static final EventKind[] ALL = values();

  private final int code;

  EventKind(int code) {
    this.code = code;
  }

  /** The code of the kind in a record. */
  int code() {
    return code;
  }

  /** The name in options and output: {@code copy-up}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The kind with a code; null if it is unknown, because a later version wrote it. */
  static @Nullable EventKind of(int code) {
    for (EventKind kind : ALL) {
      if (kind.code == code) {
        return kind;
      }
    }
    return null;
  }
}
