package plyfs.union.copyup;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerFile;
import plyfs.sys.ErrnoException;
import plyfs.sys.Stat;
import plyfs.trace.CopyUpTimes;

/**
 * Copies the data of one file into an empty one: by sharing extents, else extent by extent inside
 * the kernel, else by reading and writing. Holes stay holes. What two file systems cannot do
 * together is remembered by the device of the source.
 *
 * @implNote exact extents instead of the kernel's 1 MiB pieces (Linux fs/overlayfs/copy_up.c,
 *     ovl_copy_up_file): SEMANTICS 1.3b
 */
public final class DataCopy {
  private final Set<Long> cannotShare = ConcurrentHashMap.newKeySet();
  private final Set<Long> cannotCopyRange = ConcurrentHashMap.newKeySet();

  private final LongAdder bytes = new LongAdder();
  private final boolean isSynced;

  /**
   * For copies of one mount.
   *
   * @param isSynced whether they are made durable afterwards: then their data is on its way to the
   *     disk while the rest of the copy-up is done
   */
  DataCopy(boolean isSynced) {
    this.isSynced = isSynced;
  }

  /**
   * Copies.
   *
   * @param source attributes of {@code from}
   * @param size bytes of the result: less than the source's copies only that much, more leaves a
   *     hole
   * @param times records how much was copied and how; null if no reader watches
   * @return whether there is data that only {@code to} has; false if both share theirs
   * @throws ErrnoException EINTR if abandoned; ENOSPC, EIO
   */
  boolean copy(
      LayerFile from,
      Stat source,
      LayerFile to,
      long size,
      BooleanSupplier abandoned,
      @Nullable CopyUpTimes times)
      throws ErrnoException {
    long wanted = Math.min(size, source.size());
    if (wanted == source.size() && wanted > 0 && share(from, source.dev(), to)) {
      if (times != null) {
        times.copied(CopyUpTimes.Method.REFLINK, 0);
      }
      bytes.add(wanted);
      if (size > wanted) {
        to.truncate(size);
      }
      return false;
    }
    long end =
        new ExtentCopy(from, source, to, cannotCopyRange, abandoned, times, isSynced).all(wanted);
    bytes.add(end);
    if (end != size) {
      to.truncate(size);
    }
    return end > 0;
  }

  /** How many bytes of files were copied or shared since the start, holes included. */
  long bytes() {
    return bytes.sum();
  }

  private boolean share(LayerFile from, long device, LayerFile to) throws ErrnoException {
    if (cannotShare.contains(device)) {
      return false;
    }
    boolean shared = to.shareExtents(from);
    if (!shared) {
      cannotShare.add(device);
    }
    return shared;
  }
}
