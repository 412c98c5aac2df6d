package plyfs.union;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerFile;
import plyfs.layer.LayerRef;
import plyfs.layer.LayerStack;
import plyfs.layer.OverlayXattr;
import plyfs.layer.UpperLayer;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.RankedLock;
import plyfs.sys.Stat;
import plyfs.sys.UserNamespace;
import plyfs.sys.XattrSyscalls;
import plyfs.trace.CopyUpTimes;
import plyfs.trace.EventKind;
import plyfs.trace.EventLog;

/**
 * Makes nodes exist in the upper layer.
 *
 * <p>The steps and their order: check (a look again under the node's lock), prepare in the workdir
 * (data, owner, attributes, mode, times, sync), commit by one link or rename, publish. Data comes
 * before attributes because write(2) drops {@code security.capability}; the owner before the mode
 * and the attributes because chown(2) drops setuid, setgid and capabilities; times last because
 * every other step disturbs them. Until the commit nobody sees anything; what a crash leaves lies
 * in the workdir.
 *
 * @implNote Linux fs/overlayfs/copy_up.c copies attributes before owner and mode, which is safe
 *     only with its internal calls
 */
final class CopyUp {
  /** Size to copy that means all of it. */
  static final long WHOLE = -1;

  /** Size to copy that means attributes alone, where the mount may do so. */
  static final long METADATA = -2;

  private static final Logger LOG = System.getLogger("plyfs.union");

  private final @Nullable UpperLayer upper;
  private final OverlayXattr marks;
  private final UnionOptions options;
  private final Origin origin;
  private final InodeNumbers numbers;
  private final DataCopy dataCopy;
  private final FlagCopy flagCopy;
  private volatile LongConsumer listener = node -> {};
  private final UpperMarks upperMarks;
  private final UserNamespace owners = new UserNamespace();
  private final IndexedLinks links;
  private final KeptLists lists;
  private final DataCompletion completion;
  private final UnionEvents events;

  CopyUp(
      LayerStack stack,
      UnionOptions options,
      Origin origin,
      InodeNumbers numbers,
      IndexedLinks links,
      KeptLists lists,
      UnionEvents events) {
    this.upper = stack.upper();
    this.events = events;
    this.marks = stack.marks();
    this.flagCopy = new FlagCopy(marks);
    this.upperMarks = new UpperMarks(stack, options);
    this.options = options;
    this.origin = origin;
    this.dataCopy = new DataCopy(options.sync());
    this.numbers = numbers;
    this.links = links;
    this.lists = lists;
    this.completion = new DataCompletion(marks, options, dataCopy, events);
  }

  /** Has somebody told of each copy-up, by node id, with no lock held. */
  void onCopyUp(LongConsumer newListener) {
    listener = newListener;
  }

  /** Whether there is an upper layer. */
  boolean isPossible() {
    return upper != null;
  }

  /**
   * The upper layer, to change it.
   *
   * @throws ErrnoException EROFS if there is none
   */
  UpperLayer writable() throws ErrnoException {
    UpperLayer layer = upper;
    if (layer == null) {
      throw ErrnoException.of(Errno.EROFS);
    }
    return layer;
  }

  /** Who is told what happens. */
  UnionEvents events() {
    return events;
  }

  /** What writes marks. */
  UpperMarks upperMarks() {
    return upperMarks;
  }

  /**
   * Makes a node exist in the upper layer before its first change of anything but data.
   *
   * <p>Precondition: no lock held. Afterwards, for ever: the node has an upper object. With {@code
   * metacopy} the data of a regular file may still be in a lower layer.
   *
   * @return the upper object
   * @throws ErrnoException EROFS no upper layer; ENOSPC or EDQUOT upper full; EIO lower unreadable;
   *     EINTR
   */
  LayerRef ensureUpper(Node node, Caller caller) throws ErrnoException {
    LayerRef there = ensureUpper(node, METADATA, caller, null);
    if (node.mayCarryMetacopy) {
      completion.dropMarkOfEmptyFile(writable(), node, there);
    }
    return there;
  }

  /**
   * Makes a regular file exist in the upper layer, with its data, before that changes.
   *
   * @param size bytes, or {@link #WHOLE}. No more than that many are copied, and the copy has this
   *     size: the commit is the truncation. A file that has its data in the upper layer already
   *     stays as it is.
   */
  LayerRef ensureData(Node node, long size, Caller caller) throws ErrnoException {
    return ensureData(node, size, caller, null);
  }

  /** Takes a file that has just been copied up, open for reading and writing. */
  static final class OpenCopy {
    @Nullable LayerFile file;
  }

  /**
   * As {@link #ensureData}.
   *
   * @return the upper file, open for reading and writing, if this call is the one that has copied
   *     it; the caller closes it
   */
  @Nullable LayerFile ensureDataOpen(Node node, long size, Caller caller) throws ErrnoException {
    OpenCopy copy = node.upper() == null ? new OpenCopy() : null;
    boolean done = false;
    try {
      ensureData(node, size, caller, copy);
      done = true;
      return copy == null ? null : copy.file;
    } finally {
      if (!done && copy != null && copy.file != null) {
        copy.file.close();
      }
    }
  }

  private LayerRef ensureData(Node node, long size, Caller caller, @Nullable OpenCopy open)
      throws ErrnoException {
    LayerRef there = ensureUpper(node, size, caller, open);
    if (node.mayCarryMetacopy) {
      completion.dropMarkOfEmptyFile(writable(), node, there);
    }
    if (node.isMetadataOnly()) {
      completion.complete(writable(), node, size, caller);
    }
    return there;
  }

  /**
   * Makes a change of attributes of an upper object; not while its data arrives, which disturbs
   * some of them and puts them back.
   */
  static void changing(Node node, Step change) throws ErrnoException {
    if (!node.isMetadataOnly()) {
      change.run();
      return;
    }
    RankedLock lock = node.copyUpLock();
    lock.lock();
    try {
      change.run();
    } finally {
      lock.unlock();
    }
  }

  private LayerRef ensureUpper(Node node, long size, Caller caller, @Nullable OpenCopy open)
      throws ErrnoException {
    LayerRef there = node.upper();
    while (there == null) {
      UpperLayer layer = writable();
      // The topmost ancestor first; one at a time, so that no lock is held up the chain.
      Node next = node;
      for (Node above = next.parent();
          above != null && above.upper() == null;
          above = next.parent()) {
        next = above;
      }
      long number = next.ino;
      boolean isLast = next == node;
      copyOne(layer, next, isLast ? size : METADATA, caller, isLast ? open : null);
      tellOfCopy(next);
      if (next.ino != number) {
        lists.changed(next.parent());
      }
      there = node.upper();
    }
    IndexedInode indexed = node.indexed;
    if (indexed != null && indexed.hasLowerNames) {
      links.linkUp(node, indexed, this, caller);
      for (Node.Alias alias : node.aliases()) {
        listener.accept(alias.parent().id); // a link sets change times, too
      }
      listener.accept(node.id);
    }
    return there;
  }

  /** Has it told that attributes of a node have changed in a call that fails. */
  void tellOfFailedChange(Node node) {
    listener.accept(node.id);
  }

  /** Copy-up sets the change times of an object and of its directory: nobody asked for either. */
  private void tellOfCopy(Node copied) {
    listener.accept(copied.id);
    Node parent = copied.parent();
    if (parent != null) {
      listener.accept(parent.id);
    }
  }

  private void copyOne(
      UpperLayer layer, Node node, long size, Caller caller, @Nullable OpenCopy open)
      throws ErrnoException {
    RankedLock lock = node.copyUpLock();
    lock.lock();
    try {
      if (node.upper() != null) {
        return; // somebody else did it meanwhile
      }
      CopyUpScope scope = CopyUpScope.of(node, size, options);
      CopyUpJob job = new CopyUpJob(layer, scope, caller, events.times(), open);
      if (links.attach(node, job.source()) != null) {
        return; // another node of the same inode, which has gone since, was copied up
      }
      if (!job.lower().layer().stat(job.lower(), job.source())) {
        throw ErrnoException.of(Errno.EIO); // changed behind our back
      }
      if (mayBelongToUnknown(job.source())) {
        throw ErrnoException.of(Errno.EPERM); // the copy would belong to another
      }
      copyPrepared(job, prepare(job));
    } finally {
      lock.unlock();
    }
  }

  private void copyPrepared(CopyUpJob job, LayerRef prepared) throws ErrnoException {
    boolean committed = false;
    CopyUpTimes times = job.times();
    try (CopyUpFiles files = new CopyUpFiles(job, prepared)) {
      UnionEvents.end(times, CopyUpTimes.Step.PREPARE);
      boolean hasOwnData = copyData(job, files);
      UnionEvents.end(times, CopyUpTimes.Step.DATA);
      finish(job, prepared, files, hasOwnData);
      commit(job, prepared);
      UnionEvents.end(times, CopyUpTimes.Step.COMMIT);
      committed = true;
      files.leaveCopyOpen();
    } finally {
      if (!committed) {
        job.layer().discard(prepared);
      }
      if (times != null) {
        int flags = job.leavesDataBelow() ? EventLog.WITHOUT_DATA : 0;
        int from = job.lower().layer().index();
        events.copied(EventKind.COPY_UP, job.node(), from, !committed, flags, times);
      }
    }
  }

  /** Whether a copy could belong to another than the lower object does. */
  boolean mayBelongToUnknown(Stat source) {
    return owners.mayBeUnknown(source);
  }

  private static LayerRef prepare(CopyUpJob job) throws ErrnoException {
    return switch (job.source().type()) {
      case Linux.S_IFREG -> job.layer().prepareFile(job.source().mode());
      case Linux.S_IFDIR -> job.layer().prepareDirectory();
      case Linux.S_IFLNK -> job.layer().prepareSymlink(job.lower().layer().readLink(job.lower()));
      default -> job.layer().prepareNode(job.source().type(), job.source().rdev());
    };
  }

  /** Copies the data; whether the copy has any that is not also that of the lower file. */
  private boolean copyData(CopyUpJob job, CopyUpFiles files) throws ErrnoException {
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
    return dataCopy.copy(from, source, to, wanted, job.caller().interrupted(), job.times());
  }

  /**
   * Owner, attributes, flags, mode, times, durability: in that order.
   *
   * @implNote only what has data of its own is synced, as in Linux fs/overlayfs/copy_up.c,
   *     ovl_copy_up_file: the rest is metadata, which reaches the disk in the order of its changes
   */
  private void finish(CopyUpJob job, LayerRef prepared, CopyUpFiles files, boolean hasOwnData)
      throws ErrnoException {
    UpperLayer layer = job.layer();
    Stat source = job.source();
    if (!layer.preparesAs(source.uid(), source.gid())) {
      layer.chown(prepared, source.uid(), source.gid());
    }
    boolean hasXattrs = copyXattrs(layer, job.lower(), prepared);
    flagCopy.copy(files, source, layer, prepared);
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

  /** Copies what is not the overlay's own; false if there is nothing at all. */
  boolean copyXattrs(UpperLayer layer, LayerRef lower, LayerRef prepared) throws ErrnoException {
    byte[] names = lower.layer().xattrNames(lower);
    if (names.length == 0) {
      return false;
    }
    XattrSyscalls.forEachName(
        names,
        name -> {
          if (!isCopied(name)) {
            return;
          }
          byte[] value = lower.layer().xattr(lower, name);
          if (value == null) {
            return; // removed since it was listed
          }
          try {
            layer.setXattr(prepared, name, value, 0);
          } catch (ErrnoException e) {
            if (XattrNames.mustBeCopied(name) || e.errno() != Errno.EOPNOTSUPP) {
              throw e;
            }
            LOG.log(
                Level.WARNING,
                "copy-up: the upper file system takes no attribute {0}",
                XattrNames.printable(name));
          }
        });
    return true;
  }

  /** Whether an attribute goes along: not the overlay's own, nor what belongs to an inode. */
  boolean isCopied(byte[] name) {
    return !marks.isPrivate(name) && !XattrNames.isBoundToInode(name);
  }

  /** Gives the object its name, if the node still has one, and tells the node. */
  private void commit(CopyUpJob job, LayerRef prepared) throws ErrnoException {
    if (job.node().indexed != null) {
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
      RankedLock parentLock = alias.parent().lockOfDirectory();
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
    markImpure(layer, alias.parent(), parent);
    long ino = numberAfter(job, prepared);
    try {
      layer.publish(prepared, parent, alias.name());
    } catch (ErrnoException e) {
      // Something sits in the upper layer where lookup saw nothing: changed behind our back; never
      // overwritten.
      throw e.errno() == Errno.EEXIST ? ErrnoException.of(Errno.EIO) : e;
    }
    published(job, prepared, ino);
    Tree.changed(alias.parent());
    if (known) {
      restoreTimes(layer, parent, parentStat);
    }
  }

  /** Gives a directory back the times that it had before it got a name. */
  static void restoreTimes(UpperLayer layer, LayerRef directory, Stat before) {
    bestEffort(
        () ->
            layer.setTimes(
                directory,
                before.atimeSeconds(),
                before.atimeNanos(),
                before.mtimeSeconds(),
                before.mtimeNanos()),
        "restore the times of a parent directory");
  }

  /** The node was deleted while it was open: its object gets no name. */
  private void commitWithoutName(CopyUpJob job, LayerRef prepared) throws ErrnoException {
    long ino = numberAfter(job, prepared);
    LayerRef.Place place = prepared.place();
    if (place != null) {
      job.layer().keep(prepared);
      boolean gone = false;
      try {
        if (job.node().isDirectory()) {
          job.layer().removeDirectory(place.directory(), place.name());
        } else {
          job.layer().unlink(place.directory(), place.name());
        }
        gone = true;
      } finally {
        if (!gone) {
          job.layer().rename(prepared, place.directory(), place.name()); // to be discarded there
        }
      }
    }
    published(job, prepared, ino);
  }

  /** Inode number of the node from now on: another one if copy-up separates it from other links. */
  private long numberAfter(CopyUpJob job, LayerRef prepared) throws ErrnoException {
    if (!job.isSeparated()) {
      return job.node().ino;
    }
    Stat stat = new Stat();
    if (!job.layer().stat(prepared, stat)) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    return numbers.of(stat.dev(), stat.ino());
  }

  /** Whoever sees the upper object sees at once where its data is. */
  private static void published(CopyUpJob job, LayerRef prepared, long ino) {
    Node node = job.node();
    node.ino = ino;
    tellWhereDataStays(job);
    node.setUpper(prepared);
    tellThatDataIsThere(job);
  }

  /** Before the upper object is known. */
  private static void tellWhereDataStays(CopyUpJob job) {
    if (job.leavesDataBelow() && job.node().lowerData() == null) {
      job.node().setLowerData(LowerData.at(job.lower()));
    }
  }

  /** After the upper object is known. */
  private static void tellThatDataIsThere(CopyUpJob job) {
    if (!job.leavesDataBelow()) {
      job.node().setLowerData(null);
    }
  }

  /**
   * Marks a directory as holding something with an origin, before it does. Caller holds its
   * dirLock.
   */
  void markImpure(UpperLayer layer, Node directory, LayerRef ref) throws ErrnoException {
    if (!directory.impure) {
      upperMarks.setImpure(layer, ref);
      directory.impure = true;
    }
  }

  /** One step that may fail. */
  @FunctionalInterface
  interface Step {
    void run() throws ErrnoException;
  }

  /** Makes a step whose failure loses nothing that anybody was promised; it is logged. */
  static void bestEffort(Step step, String what) {
    try {
      step.run();
    } catch (ErrnoException e) {
      LOG.log(Level.WARNING, "could not {0}: {1}", what, e.getMessage());
    }
  }
}
