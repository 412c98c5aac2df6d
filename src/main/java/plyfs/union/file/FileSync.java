package plyfs.union.file;

import plyfs.layer.LayerFile;
import plyfs.layer.LayerRef;
import plyfs.layer.UpperLayer;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.union.api.UnionOptions;
import plyfs.union.node.Node;
import plyfs.union.node.OpenFile;
import plyfs.union.node.OpenFiles;

/**
 * What fsync does in a mount. One that is volatile writes nothing to disk on request; but once the
 * write-back of a file is known to have failed, every later fsync fails, so that no program
 * continues without the lost data.
 *
 * @implNote Linux fs/overlayfs/super.c, ovl_sync_status. The kernel has it from the error mark of
 *     the whole upper file system, which no system call tells without a sync; so here it comes from
 *     the files, asked at fsync and at the end of an open for writing.
 */
public final class FileSync {
  private final UnionOptions options;
  private volatile boolean hasLost;

  public FileSync(UnionOptions options) {
    this.options = options;
  }

  /** Before something else than a file is made durable; false if nothing is to be done. */
  public boolean isWanted() throws ErrnoException {
    if (hasLost) {
      throw ErrnoException.of(Errno.EIO);
    }
    return options.sync();
  }

  /** Makes a file durable; one that was never changed is. */
  void sync(OpenFile open, boolean dataOnly) throws ErrnoException {
    if (open.node().upper() == null) {
      isWanted();
      return;
    }
    if (options.isVolatile()) {
      lookForLoss(open);
    }
    if (isWanted()) {
      makeDurable(open, dataOnly);
    }
  }

  /** After a write that is to be durable at its return. */
  void syncWrite(OpenFile open, boolean dataOnly) throws ErrnoException {
    if (options.sync()) {
      makeDurable(open, dataOnly);
    }
  }

  private static void makeDurable(OpenFile open, boolean dataOnly) throws ErrnoException {
    Node node = open.node();
    OpenFiles files = open.files();
    LayerRef upper = node.upper();
    try {
      if (node.isMetadataOnly() && upper != null && upper.layer() instanceof UpperLayer layer) {
        layer.sync(upper); // its data is still below
      } else {
        files.readable().sync(dataOnly);
      }
    } catch (ErrnoException e) {
      if (!Errno.isShortage(e.errno())) { // that says nothing of the file
        files.syncErrors.add(e.errno());
        open.seeSyncErrors();
      }
      throw e;
    }
    open.throwNewSyncError();
  }

  /** Before an open ends: its descriptor may be the last that could tell. */
  void beforeEnd(OpenFile open) throws ErrnoException {
    if (options.isVolatile() && open.writable()) {
      lookForLoss(open);
    }
  }

  private void lookForLoss(OpenFile open) throws ErrnoException {
    LayerFile file = open.files().readable();
    if (!file.isWrittenBack()) {
      hasLost = true;
    }
  }
}
