package plyfs.union;

import java.util.ArrayDeque;
import java.util.List;
import plyfs.layer.LayerRef;
import plyfs.layer.OverlayXattr;
import plyfs.layer.UpperLayer;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;

/**
 * The marks that a move needs. Each is right at the old place too, so a move that fails after it
 * has lost nothing. Caller holds the locks of the move.
 *
 * @implNote Linux fs/overlayfs/dir.c, ovl_set_redirect and ovl_get_redirect
 */
final class MoveMarks {
  private final CopyUp copyUp;
  private final OverlayXattr marks;

  MoveMarks(CopyUp copyUp, OverlayXattr marks) {
    this.copyUp = copyUp;
    this.marks = marks;
  }

  /**
   * Prepares a directory for its new place: where its lower part is, or that nothing below shows
   * through.
   */
  void onDirectory(Node node, MoveEnd from, MoveEnd to) throws ErrnoException {
    LayerRef upper = node.upper();
    if (!node.isDirectory() || upper == null) {
      return;
    }
    UpperLayer layer = copyUp.writable();
    if (node.lowers.length > 0) {
      setRedirect(layer, node, upper, from, to);
    } else if (to.parent.lowers.length > 0) {
      copyUp.upperMarks().makeOpaque(layer, upper);
    }
  }

  private void setRedirect(UpperLayer layer, Node node, LayerRef upper, MoveEnd from, MoveEnd to)
      throws ErrnoException {
    byte[] redirect = node.redirect;
    boolean staysInParent = from.parent == to.parent;
    if (redirect != null && (staysInParent || Redirect.isAbsolute(redirect))) {
      return; // still right
    }
    byte[] value;
    if (staysInParent) {
      value = from.name.bytes();
    } else {
      value = absolutePathOf(node, from);
      if (value.length > Redirect.MAX_BYTES) {
        throw ErrnoException.of(Errno.EXDEV);
      }
    }
    layer.setXattr(upper, marks.redirect(), value, 0);
    node.redirect = value;
  }

  /**
   * Where lower layers have a directory: its names up to the root, or up to an ancestor that tells
   * where it came from.
   */
  private static byte[] absolutePathOf(Node node, MoveEnd from) throws ErrnoException {
    ArrayDeque<Name> names = new ArrayDeque<>();
    Node at = node;
    Name name = from.name;
    Node parent = from.parent;
    while (true) {
      byte[] redirect = at.redirect;
      List<Name> own = redirect == null ? List.of(name) : Redirect.components(redirect);
      for (int i = own.size() - 1; i >= 0; i--) {
        names.addFirst(own.get(i));
      }
      if (redirect != null && Redirect.isAbsolute(redirect)) {
        break;
      }
      Node.Alias above = parent.alias();
      if (above == null) {
        break; // the root
      }
      at = parent;
      name = above.name();
      parent = above.parent();
    }
    return Redirect.absolute(List.copyOf(names));
  }

  /** Tells the new parent that something with an origin comes. */
  void onParent(Node node, MoveEnd to) throws ErrnoException {
    if (node.hasOrigin) {
      copyUp.markImpure(copyUp.writable(), to.parent, to.parentRef());
    }
  }
}
