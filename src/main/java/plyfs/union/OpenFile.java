package plyfs.union;

import java.util.concurrent.atomic.AtomicLong;
import plyfs.sys.ErrnoException;

/** One open of a regular file. */
final class OpenFile {
  private final Node node;
  private final boolean writable;
  private final AtomicLong errorsSeen;

  /**
   * An open that begins.
   *
   * @param writable whether it was opened for writing
   */
  OpenFile(Node node, boolean writable) {
    this.node = node;
    this.writable = writable;
    this.errorsSeen = new AtomicLong(node.openFiles().syncErrors.state());
  }

  Node node() {
    return node;
  }

  boolean writable() {
    return writable;
  }

  /** Throws the last failure to make the file durable, if there was one since the last call. */
  void throwNewSyncError() throws ErrnoException {
    long now = node.openFiles().syncErrors.state();
    if (errorsSeen.getAndSet(now) != now) {
      throw ErrnoException.of(SyncErrors.errnoOf(now));
    }
  }
}
