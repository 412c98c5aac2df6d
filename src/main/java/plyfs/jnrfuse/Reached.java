package plyfs.jnrfuse;

import plyfs.union.UnionFs;

/** The node of a path; valid until this object is closed. */
final class Reached implements AutoCloseable {
  private final UnionFs union;
  private final long node;
  private boolean isHeld;

  /**
   * A node.
   *
   * @param isHeld whether it holds one lookup, which is released at the end
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

  /** Moves the node to a new object: closing this one then has no effect. */
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
