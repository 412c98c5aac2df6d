package plyfs.union.node;

import java.util.concurrent.atomic.AtomicLong;
import plyfs.sys.ErrnoException;

/** One open of a regular file. */
public final class OpenFile {
  private final Leaf node;
  private final OpenFiles files;
  private final boolean writable;
  private final boolean appendOnly;
  private final boolean told;
  private final AtomicLong errorsSeen;

  /**
   * An open that begins.
   *
   * @param files of the node, which count it
   * @param writable whether it was opened for writing
   * @param appendOnly whether only the end of the file was to be written then
   */
  public OpenFile(Leaf node, OpenFiles files, boolean writable, boolean appendOnly) {
    this(node, files, writable, appendOnly, true);
  }

  private OpenFile(Leaf node, OpenFiles files, boolean writable, boolean appendOnly, boolean told) {
    this.node = node;
    this.files = files;
    this.writable = writable;
    this.appendOnly = appendOnly;
    this.told = told;
    this.errorsSeen = new AtomicLong(errors());
  }

  /** The open that represents all opens of a file that the engine does not see. */
  static OpenFile ofAnybody(Leaf node, OpenFiles files) {
    return new OpenFile(node, files, true, false, false);
  }

  public Leaf node() {
    return node;
  }

  /** What is open for it, and for other opens of the node. */
  public OpenFiles files() {
    return files;
  }

  public boolean writable() {
    return writable;
  }

  /** Whether only the end of the file may be written through this, whatever chattr did since. */
  public boolean appendOnly() {
    return appendOnly;
  }

  private long errors() {
    return told ? files.syncErrors.state() : files.syncErrors.stateOfLasting();
  }

  /**
   * Throws the last sync error of the file, if there was one since the last call. If the daemon
   * does not see opens, throws it if there ever was a permanent error.
   */
  public void throwNewSyncError() throws ErrnoException {
    long now = errors();
    long seen = told ? errorsSeen.getAndSet(now) : errorsSeen.get();
    if (seen != now) {
      throw ErrnoException.of(SyncErrors.errnoOf(now));
    }
  }

  /** Marks all errors until now as reported to this open. */
  public void seeSyncErrors() {
    if (told) {
      errorsSeen.set(errors());
    }
  }
}
