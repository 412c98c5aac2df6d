package plyfs.union.copyup;

import plyfs.layer.LayerFile;
import plyfs.layer.LayerRef;
import plyfs.layer.OverlayXattr;
import plyfs.layer.UpperLayer;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.trace.CopyUpTimes;
import plyfs.union.api.UnionOptions;
import plyfs.union.lookup.UnionEvents;
import plyfs.union.mark.Metacopy;
import plyfs.union.mark.Origin;
import plyfs.union.node.LowerData;

/**
 * What a copy-up prepares in the workdir: an object with the data, owner, attributes, flags, mode
 * and times of the lower one. {@link CopyUp} tells why in this order.
 */
public final class CopyUpContent {
  private final OverlayXattr marks;
  private final UnionOptions options;
  private final Origin origin;
  private final UpperMarks upperMarks;
  private final DataCopy dataCopy;
  private final XattrCopy xattrCopy;
  private final FlagCopy flagCopy;

  CopyUpContent(
      OverlayXattr marks,
      UnionOptions options,
      Origin origin,
      UpperMarks upperMarks,
      DataCopy dataCopy,
      XattrCopy xattrCopy) {
    this.marks = marks;
    this.options = options;
    this.origin = origin;
    this.upperMarks = upperMarks;
    this.dataCopy = dataCopy;
    this.xattrCopy = xattrCopy;
    this.flagCopy = new FlagCopy(marks);
  }

  /** Makes an object of the same type, without a name. */
  static LayerRef prepare(CopyUpJob job) throws ErrnoException {
    return switch (job.source().type()) {
      case Linux.S_IFREG -> job.layer().prepareFile(job.source().mode());
      case Linux.S_IFDIR -> job.layer().prepareDirectory();
      case Linux.S_IFLNK -> job.layer().prepareSymlink(job.lower().layer().readLink(job.lower()));
      default -> job.layer().prepareNode(job.source().type(), job.source().rdev());
    };
  }

  /** Copies the data; whether the copy has any that is not also that of the lower file. */
  boolean copyData(CopyUpJob job, CopyUpFiles files) throws ErrnoException {
    if (job.open() != null) {
      files.copy(); // before the commit, after which nothing may fail
    }
    long wanted = job.scope().sizeOfResult();
    if (!job.source().isRegular() || wanted == 0) {
      return false;
    }
    LayerFile to = files.copy();
    if (job.source().size() == 0 || job.leavesDataBelow()) {
      to.truncate(wanted);
      return false;
    }
    LowerData data = job.node().lowerData();
    if (data == null) {
      return copyFrom(files.lower(), job.source(), job, to, wanted);
    }
    try (LayerFile from = data.file().layer().open(data.file())) {
      Stat stat = new Stat();
      from.stat(stat);
      return copyFrom(from, stat, job, to, wanted);
    }
  }

  private boolean copyFrom(LayerFile from, Stat source, CopyUpJob job, LayerFile to, long wanted)
      throws ErrnoException {
    return dataCopy.copy(from, source, to, wanted, job.caller().abandoned(), job.times());
  }

  /**
   * Owner, attributes, flags, mode, times, durability: in that order.
   *
   * @implNote only what has data of its own is synced, as in Linux fs/overlayfs/copy_up.c,
   *     ovl_copy_up_file: the rest is metadata, which reaches the disk in the order of its changes
   */
  void finish(CopyUpJob job, LayerRef prepared, CopyUpFiles files, boolean hasOwnData)
      throws ErrnoException {
    UpperLayer layer = job.layer();
    Stat source = job.source();
    if (!layer.preparesAs(source.uid(), source.gid())) {
      layer.chown(prepared, source.uid(), source.gid());
    }
    // A capability is not for changed data.
    boolean hasXattrs = xattrCopy.copy(layer, job.lower(), prepared, !job.isTruncation());
    flagCopy.copy(job, files, prepared);
    if (!job.isSeparated()) {
      upperMarks.setOrigin(layer, prepared, source.type(), origin.encode(job.lower()));
    }
    if (!source.isSymlink() && (hasXattrs || !job.hasModeAlready())) {
      layer.chmod(prepared, source.mode()); // after attributes: without privilege 0444 takes none
    }
    if (job.leavesDataBelow()) {
      layer.setXattr(prepared, marks.metacopy(), Metacopy.encode(), 0);
    }
    long mtimeNanos = job.isTruncation() ? Linux.UTIME_NOW : source.mtimeNanos();
    layer.setTimes(
        prepared, source.atimeSeconds(), source.atimeNanos(), source.mtimeSeconds(), mtimeNanos);
    UnionEvents.end(job.times(), CopyUpTimes.Step.ATTRIBUTES);
    if (hasOwnData && options.sync()) {
      layer.sync(prepared);
      UnionEvents.end(job.times(), CopyUpTimes.Step.SYNC);
    }
  }
}
