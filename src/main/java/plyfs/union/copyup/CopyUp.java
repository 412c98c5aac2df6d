package plyfs.union.copyup;

import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerFile;
import plyfs.layer.LayerRef;
import plyfs.layer.LayerStack;
import plyfs.layer.OverlayXattr;
import plyfs.layer.UpperLayer;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;
import plyfs.sys.RankedLock;
import plyfs.sys.Stat;
import plyfs.sys.UserNamespace;
import plyfs.trace.CopyUpTimes;
import plyfs.trace.EventKind;
import plyfs.trace.EventLog;
import plyfs.union.api.Caller;
import plyfs.union.api.UnionOptions;
import plyfs.union.index.IndexedLinks;
import plyfs.union.lookup.UnionEvents;
import plyfs.union.mark.Origin;
import plyfs.union.node.Changes;
import plyfs.union.node.Directory;
import plyfs.union.node.IndexedInode;
import plyfs.union.node.LayerChange;
import plyfs.union.node.Leaf;
import plyfs.union.node.Node;
import plyfs.union.number.ShownNumbers;

/**
 * Makes nodes exist in the upper layer.
 *
 * <p>The steps and their order: check (a look again under the node's lock), prepare in the workdir
 * (data, owner, attributes, mode, times, sync), commit by one link or rename, publish. Data comes
 * before attributes because write(2) drops {@code security.capability}; the owner before the mode
 * and the attributes because chown(2) drops setuid, setgid and capabilities; times last because
 * every other step disturbs them. Until the commit the copy is invisible; a crash leaves it in the
 * workdir.
 *
 * @implNote Linux fs/overlayfs/copy_up.c copies attributes before owner and mode, which is safe
 *     only with its internal calls
 */
public final class CopyUp {
  /** Size to copy that means all of it. */
  public static final long WHOLE = -1;

  /** Size to copy that means attributes alone, where the mount may do so. */
  public static final long METADATA = -2;

  private final @Nullable UpperLayer upper;
  private final UnionOptions options;
  private final DataCopy dataCopy;
  private final CopyUpContent content;
  private final CopyUpCommit commit;
  private final UserNamespace owners = new UserNamespace();
  private final IndexedLinks links;
  private final LinkUp linkUp;
  private final DataCompletion completion;
  private final Changes changes;
  private final UnionEvents events;
  private final LongAdder copied = new LongAdder();

  public CopyUp(
      LayerStack stack,
      UnionOptions options,
      Origin origin,
      ShownNumbers shown,
      IndexedLinks links,
      LinkUp linkUp,
      UpperMarks upperMarks,
      XattrCopy xattrCopy,
      Changes changes,
      UnionEvents events) {
    this.upper = stack.upper();
    this.events = events;
    this.changes = changes;
    this.options = options;
    this.links = links;
    this.linkUp = linkUp;
    OverlayXattr marks = stack.marks();
    this.dataCopy = new DataCopy(options.sync());
    this.content = new CopyUpContent(marks, options, origin, upperMarks, dataCopy, xattrCopy);
    this.commit = new CopyUpCommit(shown, links, upperMarks);
    this.completion = new DataCompletion(marks, options, dataCopy, events);
  }

  /** Whether there is an upper layer. */
  public boolean isPossible() {
    return upper != null;
  }

  /**
   * The upper layer, to change it.
   *
   * @throws ErrnoException EROFS if there is none
   */
  public UpperLayer writable() throws ErrnoException {
    UpperLayer layer = upper;
    if (layer == null) {
      throw ErrnoException.of(Errno.EROFS);
    }
    return layer;
  }

  /** How many objects were copied up since the start. */
  public long count() {
    return copied.sum();
  }

  /** With how many bytes of data, those that came later included. */
  public long bytes() {
    return dataCopy.bytes();
  }

  /**
   * Makes a node exist in the upper layer before its first change of anything but data.
   *
   * <p>Precondition: no lock held. Afterwards, for ever: the node has an upper object. With {@code
   * metacopy} the data of a regular file may still be in a lower layer.
   *
   * @return the upper object
   * @throws ErrnoException EROFS no upper layer; ENOSPC or EDQUOT upper full; EIO lower unreadable;
   *     EINTR the caller is being killed
   */
  public LayerRef ensureUpper(Node node, Caller caller) throws ErrnoException {
    LayerRef there = ensureUpper(node, METADATA, caller, null);
    if (node instanceof Leaf file && file.mayCarryMetacopy) {
      completion.dropMarkOfEmptyFile(writable(), file, there);
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
  public LayerRef ensureData(Leaf node, long size, Caller caller) throws ErrnoException {
    return ensureData(node, size, caller, null);
  }

  /** For a copy that has the mode of the lower object. */
  public static final int SAME_MODE = -1;

  /** Takes a file that has just been copied up, open for reading and writing. */
  static final class OpenCopy {
    @Nullable LayerFile file;

    /** Permission bits that the copy is to have, or {@link #SAME_MODE}. */
    int mode = SAME_MODE;
  }

  /**
   * Copies a lower file up as the truncation that the caller asks for: what gets the name has its
   * new size, and not the privileges that a truncation takes away.
   *
   * @param mode permission bits of the copy, or {@link #SAME_MODE}
   * @return false if the file is in the upper layer already, and this changed nothing
   */
  public boolean copyTruncated(Leaf node, long size, int mode, Caller caller)
      throws ErrnoException {
    OpenCopy copy = new OpenCopy();
    copy.mode = mode;
    try {
      ensureUpper(node, size, caller, copy);
    } finally {
      LayerFile file = copy.file;
      if (file != null) {
        node.putMtimeBack(file);
        file.close();
      }
    }
    return copy.file != null;
  }

  /**
   * As {@link #ensureData}.
   *
   * @return the upper file, open for reading and writing, if this call is the one that has copied
   *     it; the caller closes it
   */
  public @Nullable LayerFile ensureDataOpen(Leaf node, long size, Caller caller)
      throws ErrnoException {
    OpenCopy copy = node.upper() == null ? new OpenCopy() : null;
    try {
      ensureData(node, size, caller, copy);
      return copy == null ? null : copy.file;
    } catch (Throwable e) {
      if (copy != null && copy.file != null) {
        copy.file.close();
      }
      throw e;
    }
  }

  private LayerRef ensureData(Leaf node, long size, Caller caller, @Nullable OpenCopy open)
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
  public static void changing(Node node, LayerChange change) throws ErrnoException {
    RankedLock held = keepDataAway(node);
    try {
      change.run();
    } finally {
      letDataCome(held);
    }
  }

  /**
   * Begins what {@link #changing} does.
   *
   * @return for {@link #letDataCome}; null if no data will arrive
   */
  public static @Nullable RankedLock keepDataAway(Node node) {
    if (!node.isMetadataOnly()) {
      return null;
    }
    RankedLock lock = node.copyUpLock();
    lock.lock();
    return lock;
  }

  public static void letDataCome(@Nullable RankedLock held) {
    if (held != null) {
      held.unlock();
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
        changes.ofEntries(next.parent());
      }
      there = node.upper();
    }
    IndexedInode indexed = node.indexed();
    if (indexed != null && indexed.hasLowerNames && node instanceof Leaf file) {
      linkUp.all(writable(), file, indexed, this, caller);
      for (Node.Alias alias : node.aliases()) {
        changes.ofAttributes(alias.parent()); // a link sets change times, too
      }
      changes.ofAttributes(node);
    }
    return there;
  }

  /** Reports that a failing call has changed the attributes of a node. */
  public void tellOfFailedChange(Node node) {
    changes.ofAttributes(node);
  }

  /** Reports that a failing call has created a name in a directory. No lock held. */
  public void tellOfNameThatCame(Directory directory, Name name) {
    changes.ofEntries(directory);
    changes.ofAttributes(directory);
    changes.ofName(directory, name);
  }

  /** Reports the new change times of a copied-up object and of its directory. */
  private void tellOfCopy(Node copied) {
    changes.ofAttributes(copied);
    Directory parent = copied.parent();
    if (parent != null) {
      changes.ofAttributes(parent);
    }
  }

  private void copyOne(
      UpperLayer layer, Node node, long size, Caller caller, @Nullable OpenCopy open)
      throws ErrnoException {
    RankedLock lock = node.copyUpLock();
    lockUnlessAbandoned(lock, caller);
    try {
      if (node.upper() != null) {
        return; // another thread copied it meanwhile
      }
      CopyUpScope scope = CopyUpScope.of(node, size, options);
      CopyUpJob job = new CopyUpJob(layer, scope, caller, events.times(), open);
      if (node instanceof Leaf file && links.attach(file, job.source()) != null) {
        return; // another node of the same inode, which has gone since, was copied up
      }
      if (!job.lower().layer().stat(job.lower(), job.source())) {
        throw ErrnoException.of(Errno.EIO); // the layer was changed from outside
      }
      job.setNewMode();
      if (mayBelongToUnknown(job.source())) {
        throw ErrnoException.of(Errno.EPERM); // the copy would have another owner
      }
      copyPrepared(job, CopyUpContent.prepare(job));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until no other thread copies the data of a node.
   *
   * @throws ErrnoException EINTR the caller is being killed; the lock is not held then
   */
  static void lockUnlessAbandoned(RankedLock copyUpLock, Caller caller) throws ErrnoException {
    if (!copyUpLock.lockUnless(caller.abandoned())) {
      throw ErrnoException.of(Errno.EINTR);
    }
  }

  private void copyPrepared(CopyUpJob job, LayerRef prepared) throws ErrnoException {
    boolean committed = false;
    CopyUpTimes times = job.times();
    try (CopyUpFiles files = new CopyUpFiles(job, prepared)) {
      UnionEvents.end(times, CopyUpTimes.Step.PREPARE);
      boolean hasOwnData = content.copyData(job, files);
      UnionEvents.end(times, CopyUpTimes.Step.DATA);
      content.finish(job, prepared, files, hasOwnData);
      commit.commit(job, prepared);
      UnionEvents.end(times, CopyUpTimes.Step.COMMIT);
      committed = true;
      copied.increment();
      files.leaveCopyOpen();
    } catch (ErrnoException e) {
      UnionEvents.failed(times, e.errno());
      throw e;
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

  /** Whether the copy could have another owner than the lower object. */
  public boolean mayBelongToUnknown(Stat source) {
    return owners.mayBeUnknown(source);
  }
}
