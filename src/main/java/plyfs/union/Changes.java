package plyfs.union;

import org.jspecify.annotations.Nullable;
import plyfs.sys.Name;

/** Tells the {@link UnionListener} of a union what a call changes beyond its answer. */
final class Changes {
  private final UnionListener listener;

  Changes(UnionListener listener) {
    this.listener = listener;
  }

  /** Attributes of a node are others now. */
  void ofAttributes(Node node) {
    listener.attributesChanged(node.id);
  }

  /** Attributes of what was known by a node id are others now. */
  void ofAttributes(long nodeId) {
    listener.attributesChanged(nodeId);
  }

  /** A name has come in a call that fails. */
  void ofName(Directory directory, Name name) {
    listener.nameCame(directory.id, name);
  }

  /** A directory is about to be read. */
  static void reading(Directory directory) {
    if (!directory.listed) {
      directory.listed = true;
    }
  }

  /** A name in a directory has come or gone, or leads to another inode number. No lock held. */
  void ofEntries(@Nullable Directory directory) {
    if (directory != null && directory.listed) {
      directory.listed = false;
      listener.entriesChanged(directory.id);
    }
  }
}
