package plyfs.jnrfuse;

import plyfs.union.UnionFs;

/** A node that a path led to; it may be used until this is closed. */
final class Reached implements AutoCloseable {
  private final UnionFs union;
  private final long node;
  private boolean isHeld;

  /**
   * A node.
   *
   * @param isHeld whether it counts one lookup, which is taken back at the end
   */
  Reached(UnionFs union, long node, boolean isHeld) {
    this.union = union;
    this.node = node;
    this.isHeld = isHeld;
  }

  /** Node id. */
  long node() {
    return node;
  }

  /** The same, for longer: this one's end changes nothing any more. */
  Reached moved() {
    Reached other = new Reached(union, node, isHeld);
    isHeld = false;
    return other;
  }

  @Override
  public void close() {
    if (isHeld) {
      isHeld = false;
      union.forget(node, 1);
    }
  }
}
