package plyfs.union;

import plyfs.sys.ErrnoException;

/** One open of a regular file. */
final class OpenFile {
  private final Node node;
  private final boolean writable;
  private int errorsSeen;

  /**
   * An open that begins.
   *
   * @param writable whether it was opened for writing
   */
  OpenFile(Node node, boolean writable) {
    this.node = node;
    this.writable = writable;
    this.errorsSeen = node.openFiles().syncErrors.count();
  }

  Node node() {
    return node;
  }

  boolean writable() {
    return writable;
  }

  /** Throws the last failure to make the file durable, if there was one since the last call. */
  synchronized void throwNewSyncError() throws ErrnoException {
    SyncErrors errors = node.openFiles().syncErrors;
    int now = errors.count();
    if (now != errorsSeen) {
      errorsSeen = now;
      throw ErrnoException.of(errors.last());
    }
  }
}
