package plyfs.union.copyup;

import plyfs.layer.LayerRef;
import plyfs.layer.UpperLayer;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.RankedLock;
import plyfs.sys.Stat;
import plyfs.union.index.IndexedLinks;
import plyfs.union.node.BestEffort;
import plyfs.union.node.Leaf;
import plyfs.union.node.LowerData;
import plyfs.union.node.Node;
import plyfs.union.number.ShownNumbers;

/** The last steps of a copy-up: the prepared object gets its name, and the node is told. */
public final class CopyUpCommit {
  private final ShownNumbers shown;
  private final IndexedLinks links;
  private final UpperMarks upperMarks;

  CopyUpCommit(ShownNumbers shown, IndexedLinks links, UpperMarks upperMarks) {
    this.shown = shown;
    this.links = links;
    this.upperMarks = upperMarks;
  }

  /** Gives the object its name, if the node still has one, and tells the node. */
  void commit(CopyUpJob job, LayerRef prepared) throws ErrnoException {
    if (job.node().indexed() != null) {
      tellWhereDataStays(job);
      links.commit(job.layer(), job.node(), prepared);
      tellThatDataIsThere(job);
      return;
    }
    while (true) {
      Node.Alias alias = job.node().alias();
      if (alias == null) {
        commitWithoutName(job, prepared);
        return;
      }
      RankedLock parentLock = alias.parent().dirLock;
      parentLock.lock();
      try {
        if (isStill(job.node(), alias)) {
          commitLocked(job, alias, prepared);
          return;
        }
      } finally {
        parentLock.unlock();
      }
    }
  }

  private static boolean isStill(Node node, Node.Alias alias) {
    Node.Alias now = node.alias();
    return now != null && now.equals(alias);
  }

  private void commitLocked(CopyUpJob job, Node.Alias alias, LayerRef prepared)
      throws ErrnoException {
    UpperLayer layer = job.layer();
    LayerRef parent = alias.parent().upper();
    if (parent == null) {
      throw ErrnoException.of(
          Errno.ESTALE); // a parent is always made before its child, and never lost
    }
    Stat parentStat = new Stat();
    boolean known = layer.stat(parent, parentStat);
    upperMarks.markImpure(layer, alias.parent(), parent);
    long ino = shown.afterCopyUp(job.node(), job.isSeparated(), prepared);
    try {
      layer.publish(prepared, parent, alias.name());
    } catch (ErrnoException e) {
      // The upper layer has an object where the lookup found none: it was created from outside, and
      // is never overwritten.
      throw e.errno() == Errno.EEXIST ? ErrnoException.of(Errno.EIO) : e;
    }
    published(job, prepared, ino);
    alias.parent().namesChanged();
    if (known) {
      restoreTimes(layer, parent, parentStat);
    }
  }

  /**
   * Gives a directory back the time that it had before it got a name. Caller has held its dirLock
   * since then, so that no other thread has set another one.
   */
  static void restoreTimes(UpperLayer layer, LayerRef directory, Stat before) {
    try {
      layer.setTimes(directory, 0, Linux.UTIME_OMIT, before.mtimeSeconds(), before.mtimeNanos());
    } catch (ErrnoException e) {
      BestEffort.failed("restore the times of a parent directory", e);
    }
  }

  /** The node was deleted while it was open: its object gets no name. */
  private void commitWithoutName(CopyUpJob job, LayerRef prepared) throws ErrnoException {
    long ino = shown.afterCopyUp(job.node(), job.isSeparated(), prepared);
    LayerRef.Place place = prepared.place();
    if (place != null) {
      job.layer().keep(prepared);
      try {
        if (job.node().isDirectory()) {
          job.layer().removeDirectory(place.directory(), place.name());
        } else {
          job.layer().unlink(place.directory(), place.name());
        }
      } catch (Throwable e) {
        job.layer().rename(prepared, place.directory(), place.name()); // to be discarded there
        throw e;
      }
    }
    published(job, prepared, ino);
  }

  /** A thread that sees the upper object must also see where its data is. */
  private void published(CopyUpJob job, LayerRef prepared, long ino) {
    Node node = job.node();
    shown.copied(node, ino);
    tellWhereDataStays(job);
    node.setUpper(prepared);
    tellThatDataIsThere(job);
  }

  /** Before the upper object is known. */
  private static void tellWhereDataStays(CopyUpJob job) {
    if (job.leavesDataBelow() && job.node() instanceof Leaf file && file.lowerData() == null) {
      file.setLowerData(LowerData.at(job.lower()));
    }
  }

  /** After the upper object is known. */
  private static void tellThatDataIsThere(CopyUpJob job) {
    if (!job.leavesDataBelow() && job.node() instanceof Leaf file) {
      file.setLowerData(null);
    }
  }
}
