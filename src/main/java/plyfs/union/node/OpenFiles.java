package plyfs.union.node;

import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerFile;
import plyfs.layer.LayerRef;
import plyfs.layer.UpperLayer;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.RankedLock;
import plyfs.union.api.FileLending;

/**
 * The real files that are open for one node: at most one for each layer and mode of access, for any
 * number of opens of the node. After a copy-up all opens read the upper file, even those from
 * before.
 */
public final class OpenFiles {
  private final RankedLock lock = new RankedLock(Ranks.OPEN_FILES);
  private final Leaf node;
  public final SyncErrors syncErrors = new SyncErrors();
  private int opens;

  private volatile @Nullable OpenFile withoutHandle;

  /** {@link #loan} of a file that is served by requests until its last open ends. */
  private static final int NOT_LENT = -1;

  /** Id of the file that is lent, {@link #NOT_LENT}, or 0 while that is not decided. */
  private int loan;

  private @Nullable FileLending borrower;

  /** Whether the file that is lent is in a lower layer. */
  private boolean lowerIsLent;

  /** Whether {@code RecentFiles} counts as one open. */
  private volatile boolean kept;

  /** Set at each use without a handle, cleared by the clock of {@code RecentFiles}. */
  private volatile boolean recentlyUsed;

  /** The file that holds the data as long as that is in a lower layer. */
  private volatile @Nullable LayerFile lower;

  private volatile @Nullable LayerFile upperForReading;
  private volatile @Nullable LayerFile upperForWriting;

  OpenFiles(Leaf node) {
    this.node = node;
  }

  /** Counts one more open, and makes sure that reading will work. */
  public void openForReading() throws ErrnoException {
    lock.lock();
    try {
      readableLocked(); // first: a failure is no open
      opens++;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Counts one more open, and makes sure that writing will work. The node has an upper object with
   * its data.
   */
  public void openForWriting() throws ErrnoException {
    lock.lock();
    try {
      writableLocked(); // first: a failure is no open
      opens++;
    } finally {
      lock.unlock();
    }
  }

  /** Counts one more open, of a file just made. */
  public void adoptForWriting(LayerFile ownedFile) {
    lock.lock();
    try {
      opens++;
      if (upperForWriting == null) {
        upperForWriting = ownedFile;
      } else {
        ownedFile.close();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends one open; the last one closes the files. */
  public void close() {
    lock.lock();
    try {
      closeLocked();
    } finally {
      lock.unlock();
    }
  }

  private void closeLocked() {
    if (--opens == 0) {
      closeAll();
    }
  }

  /** The open that represents all opens without a request. Caller has the node open. */
  public OpenFile withoutHandle() {
    OpenFile known = withoutHandle;
    if (known == null) {
      lock.lock();
      try {
        known = withoutHandle;
        if (known == null) {
          known = OpenFile.ofAnybody(node, this);
          withoutHandle = known;
        }
      } finally {
        lock.unlock();
      }
    }
    return known;
  }

  /** Whether the files stay open after the request; then they count as used. */
  public boolean isKept() {
    if (!kept) {
      return false;
    }
    if (!recentlyUsed) {
      recentlyUsed = true;
    }
    return true;
  }

  /** Makes the files stay open until {@link #letGo}; false if they do already. */
  public boolean keep() {
    lock.lock();
    try {
      if (kept) {
        return false;
      }
      kept = true;
      recentlyUsed = true;
      opens++;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Takes {@link #keep} back, if it holds. */
  public void letGo() {
    lock.lock();
    try {
      if (kept) {
        kept = false;
        closeLocked();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether the files are kept and were used since the last call. */
  public boolean takeRecentUse() {
    boolean used = kept && recentlyUsed;
    recentlyUsed = false;
    return used;
  }

  /**
   * Lends the file with the data, unless a current open was answered without a loan. All concurrent
   * opens get the same answer, because the kernel uses either its page cache or one lent file.
   * Caller has the node open.
   *
   * @param mayBeLent whether it may be, if it is not yet decided
   * @return id of the loan; 0 if it is not lent
   */
  public int lend(FileLending to, boolean mayBeLent) {
    lock.lock();
    try {
      if (loan == 0) {
        Fd file = mayBeLent ? readableLocked().descriptor() : null;
        int id = file == null ? 0 : to.lend(file);
        loan = id > 0 ? id : NOT_LENT;
        lowerIsLent = id > 0 && file == descriptorOf(lower);
        borrower = to;
      }
    } catch (ErrnoException e) {
      loan = NOT_LENT; // requests may still work, or report the error
    } finally {
      lock.unlock();
    }
    return Math.max(loan, 0);
  }

  /** Whether all opens from now on, until the last one ends, are answered as one was before. */
  public boolean isLoanDecided() {
    lock.lock();
    try {
      return loan != 0;
    } finally {
      lock.unlock();
    }
  }

  private static @Nullable Fd descriptorOf(@Nullable LayerFile file) {
    return file == null ? null : file.descriptor();
  }

  /** Whether a file of a lower layer is lent; a loan in progress counts. */
  public boolean isLowerLent() {
    lock.lock();
    try {
      return lowerIsLent;
    } finally {
      lock.unlock();
    }
  }

  private void closeAll() {
    if (loan > 0 && borrower != null) {
      borrower.end(loan);
    }
    loan = 0;
    lowerIsLent = false;
    closeIfOpen(lower);
    closeIfOpen(upperForReading);
    closeIfOpen(upperForWriting);
    lower = null;
    upperForReading = null;
    upperForWriting = null;
  }

  private static void closeIfOpen(@Nullable LayerFile file) {
    if (file != null) {
      file.close();
    }
  }

  /** The file to read from now. Caller has the node open. */
  public LayerFile readable() throws ErrnoException {
    LayerFile file =
        isDataLower() ? lower : upperForWriting != null ? upperForWriting : upperForReading;
    if (file != null) {
      return file;
    }
    lock.lock();
    try {
      return readableLocked();
    } finally {
      lock.unlock();
    }
  }

  /** In this order: a copy-up says where the data stays before it tells of the upper object. */
  private boolean isDataLower() {
    return node.upper() == null || node.lowerData() != null;
  }

  private LayerFile readableLocked() throws ErrnoException {
    LayerRef upper = node.upper();
    LowerData data = node.lowerData();
    if (upper == null && node.upper() != null) { // copied up between the two looks
      upper = node.upper();
      data = node.lowerData();
    }
    if (upper == null || data != null) {
      LayerFile file = lower;
      if (file == null) {
        LayerRef top = upper == null ? node.lowers[0] : upper;
        file = data == null ? top.layer().open(top) : data.open(top);
        lower = file;
      }
      return file;
    }
    if (upperForWriting != null) {
      return upperForWriting;
    }
    LayerFile file = upperForReading;
    if (file == null) {
      file = upper.layer().open(upper);
      upperForReading = file;
    }
    return file;
  }

  /**
   * The file to write to. Caller has the node open, and the node has an upper object with its data.
   */
  public LayerFile writable() throws ErrnoException {
    LayerFile file = upperForWriting;
    if (file != null) {
      return file;
    }
    lock.lock();
    try {
      return writableLocked();
    } finally {
      lock.unlock();
    }
  }

  private LayerFile writableLocked() throws ErrnoException {
    LayerFile file = upperForWriting;
    if (file == null) {
      LayerRef upper = node.upper();
      if (upper == null || !(upper.layer() instanceof UpperLayer layer)) {
        throw new IllegalStateException(
            "write access to a file that is not in the upper layer: " + node);
      }
      file = layer.openWritable(upper);
      upperForWriting = file;
    }
    return file;
  }
}
