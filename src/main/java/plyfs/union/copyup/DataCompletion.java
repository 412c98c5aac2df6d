package plyfs.union.copyup;

import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerFile;
import plyfs.layer.LayerRef;
import plyfs.layer.OverlayXattr;
import plyfs.layer.UpperLayer;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.RankedLock;
import plyfs.sys.Stat;
import plyfs.trace.CopyUpTimes;
import plyfs.trace.EventKind;
import plyfs.union.api.Caller;
import plyfs.union.api.UnionOptions;
import plyfs.union.lookup.UnionEvents;
import plyfs.union.mark.XattrNames;
import plyfs.union.node.BestEffort;
import plyfs.union.node.Leaf;
import plyfs.union.node.LowerData;

/**
 * Brings the data of upper files that hold attributes alone. It is copied into the file itself,
 * which is not read while it has the metacopy mark. Removing the mark, by one system call when the
 * data is on disk, is the commit. Names and links are as before.
 *
 * @implNote Linux fs/overlayfs/copy_up.c, ovl_copy_up_meta_inode_data
 */
public final class DataCompletion {
  private final OverlayXattr marks;
  private final UnionOptions options;
  private final DataCopy dataCopy;
  private final UnionEvents events;

  DataCompletion(OverlayXattr marks, UnionOptions options, DataCopy dataCopy, UnionEvents events) {
    this.events = events;
    this.marks = marks;
    this.options = options;
    this.dataCopy = dataCopy;
  }

  /**
   * Copies the data, unless another thread has done so.
   *
   * @param size bytes that the file is to have, of which no more are copied, or {@link
   *     CopyUp#WHOLE}
   * @throws ErrnoException EIO or ENOENT data missing; ENOSPC; EINTR: the file is as it was
   */
  void complete(UpperLayer layer, Leaf node, long size, Caller caller) throws ErrnoException {
    RankedLock lock = node.copyUpLock();
    CopyUp.lockUnlessAbandoned(lock, caller);
    try {
      LowerData data = node.lowerData();
      LayerRef file = node.upper();
      if (data != null && file != null) {
        CopyUpTimes times = events.times();
        Job job = new Job(layer, file, data.file(), size, caller, times);
        boolean done = false;
        try {
          complete(job);
          done = true;
        } catch (ErrnoException e) {
          UnionEvents.failed(times, e.errno());
          throw e;
        } finally {
          if (times != null) {
            int from = job.source.layer().index();
            events.copied(EventKind.DATA_COPY, node, from, !done, 0, times);
          }
        }
        node.setLowerData(null);
      }
    } finally {
      lock.unlock();
    }
  }

  private record Job(
      UpperLayer layer,
      LayerRef file,
      LayerRef source,
      long size,
      Caller caller,
      @Nullable CopyUpTimes times) {
    boolean isTruncation() {
      return size >= 0;
    }
  }

  private void complete(Job job) throws ErrnoException {
    UpperLayer layer = job.layer;
    Stat before = new Stat();
    if (!layer.stat(job.file, before)) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    byte[] capability = layer.xattr(job.file, XattrNames.CAPABILITY);
    try {
      bringData(job, before.size());
      UnionEvents.end(job.times, CopyUpTimes.Step.DATA);
      if (job.isTruncation()) { // which takes capabilities away for good
        putBack(job, before, null, Linux.UTIME_NOW);
      } else {
        putBack(job, before, capability, before.mtimeNanos());
      }
      UnionEvents.end(job.times, CopyUpTimes.Step.ATTRIBUTES);
      if (options.sync()) {
        layer.sync(job.file);
        UnionEvents.end(job.times, CopyUpTimes.Step.SYNC);
      }
      dropMark(layer, job.file);
      UnionEvents.end(job.times, CopyUpTimes.Step.COMMIT);
    } catch (Throwable e) {
      BestEffort.run(
          () -> {
            restoreSize(job, before.size());
            putBack(job, before, capability, before.mtimeNanos());
          },
          "restore attributes of a file whose data could not be copied");
      throw e;
    }
  }

  /** A shorter size is set at once: with the mark or without it, that is what is left. */
  private void bringData(Job job, long sizeBefore) throws ErrnoException {
    boolean isCut = job.isTruncation() && job.size < sizeBefore;
    long wanted = isCut ? job.size : sizeBefore;
    try (LayerFile to = job.layer.openWritable(job.file)) {
      if (wanted > 0) {
        copy(job, to, wanted);
      }
      if (isCut) {
        to.truncate(wanted);
      }
    }
  }

  /** What is in the file does not matter while it carries the mark; its size does. */
  private static void restoreSize(Job job, long size) throws ErrnoException {
    if (job.isTruncation() && job.size < size) {
      try (LayerFile file = job.layer.openWritable(job.file)) {
        file.truncate(size);
      }
    }
  }

  private void copy(Job job, LayerFile to, long wanted) throws ErrnoException {
    try (LayerFile from = job.source.layer().open(job.source)) {
      Stat source = new Stat();
      from.stat(source);
      dataCopy.copy(from, source, to, wanted, job.caller.abandoned(), job.times);
    }
  }

  /** Writing takes capabilities away and sets the times. */
  private static void putBack(Job job, Stat before, byte @Nullable [] capability, long mtimeNanos)
      throws ErrnoException {
    if (capability != null) {
      job.layer.setXattr(job.file, XattrNames.CAPABILITY, capability, 0);
    }
    job.layer.setTimes(
        job.file, before.atimeSeconds(), before.atimeNanos(), before.mtimeSeconds(), mtimeNanos);
  }

  /**
   * Takes a mark from an empty file, which has all of its data: the kernel marks such files too.
   */
  void dropMarkOfEmptyFile(UpperLayer layer, Leaf node, LayerRef file) throws ErrnoException {
    if (layer.xattr(file, marks.metacopy()) != null) {
      dropMark(layer, file);
    }
    node.mayCarryMetacopy = false;
  }

  private void dropMark(UpperLayer layer, LayerRef file) throws ErrnoException {
    try {
      layer.removeXattr(file, marks.metacopy());
    } catch (ErrnoException e) {
      if (e.errno() != Errno.ENODATA) {
        throw e;
      }
    }
  }
}
