package plyfs.union.listing;

import org.jspecify.annotations.Nullable;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.union.api.DirSink;
import plyfs.union.api.NodeView;
import plyfs.union.node.Changes;
import plyfs.union.node.Directory;
import plyfs.union.node.Found;
import plyfs.union.node.Listing;
import plyfs.union.node.Node;
import plyfs.union.tree.Tree;

/**
 * Reads directories. Positions: 1 after {@code .}, 2 after {@code ..}, and the cookies of {@link
 * Listing} after the entries. They stay valid for every reader at any time, so a directory can be
 * read without being opened.
 */
public final class ReadDir {
  private static final byte[] DOT = {'.'};
  private static final byte[] DOT_DOT = {'.', '.'};
  private static final int DOTS = 2;

  /** Stands for a number that cannot be found: 0 would hide the entry from some programs. */
  private static final long UNKNOWN_NUMBER = 1;

  /** No number of an entry. */
  private static final long GONE = 0;

  private final Tree tree;
  private final Listings listings;

  public ReadDir(Tree tree, MergedDir mergedDir) {
    this.tree = tree;
    this.listings = new Listings(mergedDir);
  }

  /**
   * Gives entries from a position on, as many as fit.
   *
   * @param plus a view to fill for entries with attributes; null for entries without
   */
  public void read(Directory directory, long position, DirSink sink, @Nullable NodeView plus)
      throws ErrnoException {
    Changes.reading(directory);
    Listing listing = listings.of(directory, position == 0);
    if (!readDots(directory, position, sink)) {
      return;
    }
    int rank = listing.after(Math.max(position, DOTS));
    if (rank == listing.size()) {
      Listings.drop(directory);
      return;
    }
    Found found = tree.pool.take();
    try {
      while (rank < listing.size() && sink.hasRoom(listing.nameBytes(rank))) {
        if (plus == null) {
          long number = numberOf(directory, listing, rank, found);
          if (number != GONE) {
            sink.entry(listing.name(rank), listing.cookie(rank), listing.type(rank), number);
          }
        } else {
          entryPlus(directory, listing, rank, sink, plus, found);
        }
        rank++;
      }
    } finally {
      tree.pool.giveBack(found);
    }
  }

  /** Gives what is due of the two; false if there was no room. */
  private static boolean readDots(Directory directory, long position, DirSink sink) {
    if (position < 1) {
      if (!sink.hasRoom(DOT.length)) {
        return false;
      }
      sink.entry(DOT, 1, Linux.DT_DIR, directory.ino);
    }
    if (position < DOTS) {
      if (!sink.hasRoom(DOT_DOT.length)) {
        return false;
      }
      Directory parent = directory.parent();
      sink.entry(DOT_DOT, DOTS, Linux.DT_DIR, parent == null ? directory.ino : parent.ino);
    }
    return true;
  }

  private void entryPlus(
      Directory directory, Listing listing, int rank, DirSink sink, NodeView view, Found found) {
    Name entry = listing.entry(rank);
    byte[] name = entry.bytes();
    long cookie = listing.cookie(rank);
    Node child;
    try {
      child = tree.referenceListed(directory, entry, found, listing.layer(rank));
    } catch (ErrnoException e) {
      sink.entry(name, cookie, listing.type(rank), UNKNOWN_NUMBER);
      return;
    }
    if (child == null) {
      return; // gone since the snapshot
    }
    boolean given = false;
    try {
      tree.viewFound(child, found, view);
      sink.entryPlus(name, cookie, Linux.direntType(child.type), view);
      given = true;
    } catch (ErrnoException e) {
      // Gone between the two looks; the others are still to be listed.
      sink.entry(name, cookie, listing.type(rank), child.ino);
    } finally {
      if (!given) {
        tree.nodes.release(child, 1);
      }
    }
  }

  /**
   * The number that a stat of the entry gives; {@link #GONE} for one that was removed since the
   * snapshot. A name that cannot be looked up, for a mark that cannot be followed say, does not end
   * the listing.
   */
  private long numberOf(Directory directory, Listing listing, int rank, Found found) {
    long number = listing.number(rank);
    if (number != 0) {
      return number;
    }
    Node child;
    try {
      child = tree.referenceListed(directory, listing.entry(rank), found, listing.layer(rank));
    } catch (ErrnoException e) {
      return UNKNOWN_NUMBER;
    }
    if (child == null) {
      return GONE;
    }
    number = child.ino;
    tree.nodes.release(child, 1);
    return number;
  }
}
