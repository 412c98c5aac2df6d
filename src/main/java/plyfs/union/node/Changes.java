package plyfs.union.node;

import org.jspecify.annotations.Nullable;
import plyfs.sys.Name;
import plyfs.union.api.UnionListener;

/** Tells the {@link UnionListener} of a union what a call changes beyond its answer. */
public final class Changes {
  private final UnionListener listener;

  public Changes(UnionListener listener) {
    this.listener = listener;
  }

  /** The attributes of a node have changed. */
  public void ofAttributes(Node node) {
    listener.attributesChanged(node.id);
  }

  /** The attributes of the node that had this id have changed. */
  public void ofAttributes(long nodeId) {
    listener.attributesChanged(nodeId);
  }

  /** A failing call has created a name. */
  public void ofName(Directory directory, Name name) {
    listener.nameCame(directory.id, name);
  }

  /** A directory is about to be read. */
  public static void reading(Directory directory) {
    if (!directory.listed) {
      directory.listed = true;
    }
  }

  /** A name in a directory has come or gone, or leads to another inode number. No lock held. */
  public void ofEntries(@Nullable Directory directory) {
    if (directory != null && directory.listed) {
      directory.listed = false;
      listener.entriesChanged(directory.id);
    }
  }
}
