package plyfs.union.name;

import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerRef;
import plyfs.layer.OverlayXattr;
import plyfs.layer.UpperLayer;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;
import plyfs.sys.RankedLock;
import plyfs.trace.EventKind;
import plyfs.union.api.Caller;
import plyfs.union.copyup.CopyUp;
import plyfs.union.copyup.UpperMarks;
import plyfs.union.lookup.UnionEvents;
import plyfs.union.mark.Redirect;
import plyfs.union.node.Directory;
import plyfs.union.node.Found;
import plyfs.union.node.Leaf;
import plyfs.union.node.LowerData;
import plyfs.union.node.MoveEnd;
import plyfs.union.node.Node;
import plyfs.union.tree.Tree;

/**
 * The marks that a move or a second name needs. Each is right at the old place too, so a move that
 * fails after it has lost nothing. Caller holds the locks of the move, but for {@link #onLink}.
 *
 * @implNote Linux fs/overlayfs/dir.c, ovl_set_redirect and ovl_get_redirect
 */
public final class MoveMarks {
  private final Tree tree;
  private final CopyUp copyUp;
  private final OverlayXattr marks;

  private final UpperMarks upperMarks;
  private final UnionEvents events;

  public MoveMarks(
      Tree tree, CopyUp copyUp, OverlayXattr marks, UpperMarks upperMarks, UnionEvents events) {
    this.tree = tree;
    this.copyUp = copyUp;
    this.marks = marks;
    this.upperMarks = upperMarks;
    this.events = events;
  }

  /**
   * Prepares an object for its new place: where its lower part is, or that nothing below shows
   * through.
   */
  void onObject(Node node, MoveEnd from, MoveEnd to) throws ErrnoException {
    LayerRef upper = node.upper();
    if (upper == null) {
      return;
    }
    UpperLayer layer = copyUp.writable();
    boolean staysInParent = from.parent == to.parent;
    LowerData data = node.lowerData();
    switch (Need.of(node, data != null, to.parent)) {
      case REDIRECT ->
          setRedirect(
              layer, node, upper, from, staysInParent && (data == null || hasOneLink(data)));
      case OPAQUE -> {
        upperMarks.makeOpaque(layer, upper);
        events.name(EventKind.OPAQUE_SET, from.parent, from.name);
      }
      case NOTHING -> {}
    }
  }

  /** What an object needs before it moves. */
  public enum Need {
    /** A redirect mark, that says where its lower part is. */
    REDIRECT,
    /** To be marked opaque, so that nothing below its new place shows through. */
    OPAQUE,
    /** Nothing. */
    NOTHING;

    /**
     * The need of a node.
     *
     * @param hasDataBelow whether the upper object holds attributes alone
     */
    public static Need of(Node node, boolean hasDataBelow, Directory newParent) {
      if (!node.isDirectory()) {
        return hasDataBelow ? REDIRECT : NOTHING;
      }
      if (node.lowers.length > 0) {
        return REDIRECT;
      }
      return newParent.lowers.length > 0 ? OPAQUE : NOTHING;
    }
  }

  /**
   * The redirect mark that says where the lower part of an object is.
   *
   * @param relative whether the object keeps its parent
   * @return null if the object has a mark that stays right
   * @throws ErrnoException EXDEV if the path is too long
   */
  public static byte @Nullable [] redirect(Node node, MoveEnd from, boolean relative)
      throws ErrnoException {
    byte[] there = node.redirect;
    if (there != null && (relative || Redirect.isAbsolute(there))) {
      return null;
    }
    if (relative) {
      return from.name.bytes();
    }
    byte[] path = absolutePathOf(node, from);
    if (path.length > Redirect.MAX_BYTES) {
      throw ErrnoException.of(Errno.EXDEV);
    }
    return path;
  }

  /** Other names of lower data may come to share its upper file, in other directories. */
  public boolean hasOneLink(LowerData data) throws ErrnoException {
    LayerRef file = data.fileIfFound();
    if (file == null) {
      return false;
    }
    Found found = tree.pool.take();
    try {
      return file.layer().stat(file, found.probe) && found.probe.nlink() == 1;
    } finally {
      tree.pool.giveBack(found);
    }
  }

  /**
   * Prepares a file for a second name, which may be in another directory: if its data is below, it
   * says by a path where, or, if that is too long, the data is copied. Caller holds no lock.
   */
  void onLink(Leaf node, Caller caller) throws ErrnoException {
    LayerRef upper = node.upper();
    if (upper == null || !node.isMetadataOnly()) {
      return;
    }
    boolean fits;
    tree.renameLock.lock();
    try {
      RankedLock names = node.namesLock();
      names.lock();
      try {
        fits = setPath(node, upper);
      } finally {
        names.unlock();
      }
    } finally {
      tree.renameLock.unlock();
    }
    if (!fits) {
      copyUp.ensureData(node, CopyUp.WHOLE, caller);
    }
  }

  private boolean setPath(Node node, LayerRef upper) throws ErrnoException {
    Node.Alias alias = node.alias();
    if (alias == null) {
      return true; // just deleted, which comes out later
    }
    MoveEnd here = new MoveEnd(alias.parent(), alias.name());
    try {
      setRedirect(copyUp.writable(), node, upper, here, false);
      return true;
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EXDEV) {
        throw e;
      }
      return false;
    }
  }

  /** Says where the lower part of an object is, by the mark that {@link #redirect} gives. */
  private void setRedirect(
      UpperLayer layer, Node node, LayerRef upper, MoveEnd from, boolean relative)
      throws ErrnoException {
    byte[] value = redirect(node, from, relative);
    if (value == null) {
      return;
    }
    layer.setXattr(upper, marks.redirect(), value, 0);
    node.redirect = value;
    events.marked(EventKind.REDIRECT_SET, from.parent, from.name, value);
  }

  /**
   * Where lower layers have an object: its names up to the root, or up to an ancestor that tells
   * where it came from.
   */
  private static byte[] absolutePathOf(Node node, MoveEnd from) throws ErrnoException {
    ArrayDeque<Name> names = new ArrayDeque<>();
    Node at = node;
    Name name = from.name;
    Directory parent = from.parent;
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
      upperMarks.markImpure(copyUp.writable(), to.parent, to.parentRef());
    }
  }
}
