package plyfs.union;

import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Name;

/**
 * Changes of attributes that the call itself does not tell its caller: after the copy-up of an
 * object or of a directory above it, of flags, of privileges that a write takes away, and of the
 * node id that an inode is known by.
 */
final class UnseenChanges {
  private volatile @Nullable LongConsumer listener;
  private volatile @Nullable UnseenName nameListener;

  /** Names who is told, by node id, in the thread that makes the change, with no lock held. */
  void tellTo(LongConsumer newListener) {
    listener = newListener;
  }

  /** Attributes of a node are others now. */
  void of(long nodeId) {
    LongConsumer to = listener;
    if (to != null) {
      to.accept(nodeId);
    }
  }

  /** Names whom {@link #ofName} tells, as {@link #tellTo}. */
  void tellOfNamesTo(UnseenName newListener) {
    nameListener = newListener;
  }

  /** A name has come in a call that fails. */
  void ofName(long directory, Name name) {
    UnseenName to = nameListener;
    if (to != null) {
      to.came(directory, name);
    }
  }
}
