package plyfs.union;

import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;

/**
 * Reads open directories. Positions: 1 after {@code .}, 2 after {@code ..}, 3 and up after an entry
 * of the listing.
 */
final class ReadDir {
  private static final byte[] DOT = {'.'};
  private static final byte[] DOT_DOT = {'.', '.'};
  private static final int DOTS = 2;

  /** Stands for a number that cannot be found: 0 would hide the entry from some programs. */
  private static final long UNKNOWN_NUMBER = 1;

  private final HandleTable<OpenDir> handles = new HandleTable<>();
  private final Tree tree;
  private final MergedDir mergedDir;

  ReadDir(Tree tree, MergedDir mergedDir) {
    this.tree = tree;
    this.mergedDir = mergedDir;
  }

  /** Opens a directory; its node lives as long as it has a handle. */
  long open(Node directory) throws ErrnoException {
    if (!directory.tryReference()) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    return handles.add(new OpenDir(directory));
  }

  void release(long handle) {
    OpenDir directory = handles.remove(handle);
    if (directory != null) {
      tree.nodes.release(directory.node, 1);
    }
  }

  void releaseAll() {
    handles.handles().forEach(this::release);
  }

  int openCount() {
    return handles.size();
  }

  /**
   * Gives entries from a position on, as many as fit.
   *
   * @param plus a view to fill for entries with attributes; null for entries without
   */
  void read(long handle, long position, DirSink sink, @Nullable NodeView plus)
      throws ErrnoException {
    OpenDir open = handles.get(handle);
    Listing listing = open.listing();
    if (listing == null || position == 0) {
      listing = open.node.removed ? new Listing() : mergedDir.list(open.node);
      open.setListing(listing);
    }
    long at = position;
    if (at == 0 && sink.hasRoom(DOT.length)) {
      sink.entry(DOT, ++at, Linux.DT_DIR, open.node.ino);
    }
    if (at == 1 && sink.hasRoom(DOT_DOT.length)) {
      Node parent = open.node.parent();
      sink.entry(DOT_DOT, ++at, Linux.DT_DIR, parent == null ? open.node.ino : parent.ino);
    }
    if (at < DOTS) {
      return;
    }
    Found found = tree.pool.take();
    try {
      for (int i = (int) Math.min(at - DOTS, listing.size()); i < listing.size(); i++) {
        byte[] name = listing.name(i);
        if (!sink.hasRoom(name.length)) {
          return;
        }
        long cookie = i + DOTS + 1L;
        if (plus == null) {
          sink.entry(name, cookie, listing.type(i), numberOf(open.node, listing, i, name, found));
        } else {
          entryPlus(open.node, listing, i, name, sink, plus, found);
        }
      }
    } finally {
      tree.pool.giveBack(found);
    }
  }

  private void entryPlus(
      Node directory,
      Listing listing,
      int index,
      byte[] name,
      DirSink sink,
      NodeView view,
      Found found)
      throws ErrnoException {
    Node child;
    try {
      child = tree.reference(directory, Name.of(name), found);
    } catch (ErrnoException e) {
      sink.entry(name, index + DOTS + 1L, listing.type(index), UNKNOWN_NUMBER);
      return;
    }
    if (child == null) {
      return; // gone since the snapshot
    }
    boolean given = false;
    try {
      tree.view(child, view);
      sink.entryPlus(name, index + DOTS + 1L, Linux.direntType(child.type), view);
      given = true;
    } catch (ErrnoException e) {
      // Gone between the two looks; the others are still to be listed.
      sink.entry(name, index + DOTS + 1L, listing.type(index), child.ino);
    } finally {
      if (!given) {
        tree.nodes.release(child, 1);
      }
    }
  }

  /**
   * The number that a stat of the entry gives. A name that cannot be looked up, for a mark that
   * cannot be followed say, does not end the listing.
   */
  private long numberOf(Node directory, Listing listing, int index, byte[] name, Found found) {
    long number = listing.number(index);
    if (number != 0) {
      return number;
    }
    Node child;
    try {
      child = tree.reference(directory, Name.of(name), found);
    } catch (ErrnoException e) {
      return UNKNOWN_NUMBER;
    }
    if (child == null) {
      return UNKNOWN_NUMBER; // gone since the snapshot
    }
    number = child.ino;
    tree.nodes.release(child, 1);
    return number;
  }
}
