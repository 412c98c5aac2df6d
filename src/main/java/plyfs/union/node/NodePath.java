package plyfs.union.node;

import java.util.Arrays;
import plyfs.sys.Name;

/** Paths of nodes, for people: by the first names of a node and of the directories above it. */
public final class NodePath {
  private static final byte[] ROOT = {'/'};

  private NodePath() {}

  /**
   * The path of a node, from the root of the mount; that of a node without a name is the root's.
   */
  public static byte[] of(Node node) {
    Node.Alias alias = node.alias();
    return alias == null ? ROOT.clone() : of(alias.parent(), alias.name());
  }

  /** The path of a name. */
  public static byte[] of(Directory parent, Name name) {
    int length = 1 + name.length();
    for (Node.Alias at = parent.alias(); at != null; at = at.parent().alias()) {
      length += 1 + at.name().length();
    }
    byte[] path = new byte[length];
    int start = put(path, length, name);
    for (Node.Alias at = parent.alias(); at != null && start > 0; at = at.parent().alias()) {
      start = put(path, start, at.name());
    }
    return start == 0 ? path : Arrays.copyOfRange(path, Math.max(start, 0), length);
  }

  /** Puts a slash and a name before a position; the new position. */
  private static int put(byte[] path, int end, Name name) {
    int start = end - name.length();
    if (start < 1) {
      return 0; // a directory above was renamed meanwhile
    }
    System.arraycopy(name.bytes(), 0, path, start, name.length());
    path[start - 1] = '/';
    return start - 1;
  }
}
