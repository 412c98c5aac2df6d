package plyfs.union.node;

import plyfs.layer.LayerFile;
import plyfs.layer.LayerRef;
import plyfs.layer.UpperLayer;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.RankedLock;
import plyfs.union.api.AttributeChange;

/**
 * The modification time of one regular file where the caller of the engine keeps it: with {@code
 * writeback=1} the kernel reports its own time, and tells it when it likes. Data that it accepted
 * earlier may come later, so a change of content puts back the time that was told last.
 *
 * <p>The time is known once the file was made in this mount or its time was told. Until then a
 * change of content leaves its own time on the disk: the kernel has another time than the one that
 * it read, and will tell it.
 *
 * <p>Two times may be told at once, and be read in another order than they were sent. The one with
 * the later change time holds, unless the clock has been set back.
 *
 * @implNote Linux fs/fs-writeback.c, __writeback_single_inode: data is sent, not waited for, and
 *     then the times (fs/fuse/file.c, fuse_write_inode), while utimensat(2) or truncate(2) may send
 *     others (fs/fuse/dir.c, fuse_do_setattr). The times of a file that was made and written within
 *     one tick of the clock are never told.
 */
public final class KeptMtime {
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long MILLIS_PER_SECOND = 1000;

  private final RankedLock lock = new RankedLock(Ranks.KEPT_MTIME);
  private boolean known;
  private long seconds;
  private long nanos;

  private long ctime;

  /** With the seconds, the change time that came with it; {@link Linux#UTIME_OMIT} if none did. */
  private long ctimeNanos;

  /** The caller was told this time, of a file just made. */
  public void made(long mtimeSeconds, long mtimeNanos) {
    lock.lock();
    try {
      know(mtimeSeconds, mtimeNanos, 0, Linux.UTIME_OMIT);
    } finally {
      lock.unlock();
    }
  }

  /** The caller tells a time, before it is looked whether the file has it. */
  public void told(AttributeChange change) {
    lock.lock();
    try {
      learn(change);
    } finally {
      lock.unlock();
    }
  }

  /** Sets the times of a file, of which the caller tells the modification time. */
  public void set(UpperLayer layer, LayerRef file, AttributeChange change) throws ErrnoException {
    lock.lock();
    try {
      boolean wasKnown = known;
      long oldSeconds = seconds;
      long oldNanos = nanos;
      long oldCtime = ctime;
      long oldCtimeNanos = ctimeNanos;
      learn(change);
      try {
        layer.setTimes(file, change.atime, change.atimeNanos, seconds, nanos);
      } catch (Throwable e) {
        know(oldSeconds, oldNanos, oldCtime, oldCtimeNanos);
        known = wasKnown;
        throw e;
      }
    } finally {
      lock.unlock();
    }
  }

  private void learn(AttributeChange change) {
    if (!known || !isOlder(change)) {
      know(change.mtime, change.mtimeNanos, change.ctime, change.ctimeNanos);
    }
  }

  private void know(long mtimeSeconds, long mtimeNanos, long changeSeconds, long changeNanos) {
    known = true;
    seconds = mtimeSeconds;
    nanos = mtimeNanos;
    ctime = changeSeconds;
    ctimeNanos = changeNanos;
  }

  /** Whether what is told was sent before what is known. */
  private boolean isOlder(AttributeChange change) {
    return change.ctimeNanos != Linux.UTIME_OMIT
        && ctimeNanos != Linux.UTIME_OMIT
        && (change.ctime < ctime || change.ctime == ctime && change.ctimeNanos < ctimeNanos)
        && ctime * MILLIS_PER_SECOND + ctimeNanos / NANOS_PER_MILLI <= System.currentTimeMillis();
  }

  /**
   * After a change of content. A failure is logged once, and the time is not known from then on: it
   * is that of the change.
   */
  void putBack(LayerFile file) {
    lock.lock();
    try {
      if (known) {
        file.setMtime(seconds, nanos);
      }
    } catch (ErrnoException e) {
      known = false;
      BestEffort.failed("put the modification time of a written file back", e);
    } finally {
      lock.unlock();
    }
  }
}
