package plyfs.union.file;

import plyfs.layer.LayerFile;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;
import plyfs.union.api.Caller;
import plyfs.union.attribute.Attributes;
import plyfs.union.attribute.InodeFlags;
import plyfs.union.copyup.CopyUp;
import plyfs.union.node.BestEffort;
import plyfs.union.node.Leaf;
import plyfs.union.node.Node;
import plyfs.union.node.NodeTable;
import plyfs.union.node.OpenFile;
import plyfs.union.node.OpenFiles;
import plyfs.union.tree.Tree;

/**
 * The regular files that are in use: by handle, or, for a front that opens nothing, by node. A
 * handle is negative and a node id positive, so one number says which file is meant. A node lives
 * as long as it has a handle.
 */
public final class FileHandles {
  /** Files without a handle that stay open; each takes one descriptor, or three after copy-up. */
  private static final int MOST_RECENT_FILES = 512;

  private static final int DESCRIPTOR_SHARE = 8;

  /** Bytes copied between two checks whether the work is abandoned. */
  private static final long COPY_PART_BYTES = 16 << 20;

  private final HandleTable<OpenFile> handles = new HandleTable<>();
  private final NodeTable nodes;
  private final CopyUp copyUp;
  private final Attributes attributes;
  private final InodeFlags inodeFlags;
  private final FileSync sync;
  private final Loans loans;
  private final RecentFiles recent = new RecentFiles(recentFiles());

  public FileHandles(
      Tree tree,
      CopyUp copyUp,
      Attributes attributes,
      InodeFlags inodeFlags,
      FileSync sync,
      Loans loans) {
    this.nodes = tree.nodes;
    this.copyUp = copyUp;
    this.attributes = attributes;
    this.inodeFlags = inodeFlags;
    this.sync = sync;
    this.loans = loans;
  }

  private static int recentFiles() {
    long share = MountSyscalls.raiseDescriptorLimit() / DESCRIPTOR_SHARE;
    return (int) Math.max(1, Math.min(share, MOST_RECENT_FILES));
  }

  /** As {@code UnionFs.open}. */
  public long open(long id, int flags, boolean killSuidgid, Caller caller) throws ErrnoException {
    Leaf file = regular(id, Errno.ENXIO);
    inodeFlags.requireOpenable(file, flags);
    boolean writes = (flags & Linux.O_ACCMODE) != Linux.O_RDONLY;
    boolean appendOnly = writes && inodeFlags.isAppendOnly(file);
    if (!file.tryReference()) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    try {
      OpenFiles files = file.openFiles();
      loans.requireCurrent(file, id);
      if (writes || (flags & Linux.O_TRUNC) != 0) {
        boolean truncates = (flags & Linux.O_TRUNC) != 0;
        loans.beforeChange(file, files, truncates ? 0 : CopyUp.WHOLE, caller);
      }
      if ((flags & Linux.O_TRUNC) != 0) {
        attributes.resize(file, 0, killSuidgid, caller);
      }
      if (writes) {
        copyUpAndOpen(file, files, caller);
        if (loans.afterChange(file, files)) {
          files.close();
          throw ErrnoException.of(Errno.ESTALE);
        }
      } else {
        files.openForReading();
      }
      return -handles.add(new OpenFile(file, files, writes, appendOnly));
    } catch (Throwable e) {
      nodes.release(file, 1);
      throw e;
    }
  }

  /** Counts one more open for writing, with the file that copy-up has open if it makes one. */
  private void copyUpAndOpen(Leaf node, OpenFiles files, Caller caller) throws ErrnoException {
    LayerFile copy = copyUp.ensureDataOpen(node, CopyUp.WHOLE, caller);
    if (copy == null) {
      files.openForWriting();
    } else {
      files.adoptForWriting(copy);
    }
  }

  /** The handle of a file just made, which is open for writing; its node counts one use more. */
  public long adopt(Leaf file) {
    if (!file.tryReference()) {
      throw new IllegalStateException("a node without references was handed out");
    }
    return -handles.add(new OpenFile(file, file.openFiles(), true, false));
  }

  /** What {@code UnionFs.open} opened. */
  public OpenFile opened(long handle) throws ErrnoException {
    return handle(handle);
  }

  /** Keeps a file just made, which is open for writing, open for requests without a handle. */
  public void keepOpen(Leaf file) {
    recent.keep(file);
    file.openFiles().close();
  }

  /**
   * Begins a use of a file that changes nothing; {@link #end} ends it.
   *
   * @return an open of it, whose files can be read until then
   * @throws ErrnoException EBADF; ESTALE; EISDIR or EINVAL for what is no regular file
   */
  private OpenFile beginReading(long file) throws ErrnoException {
    if (isHandle(file)) {
      return handle(file);
    }
    Leaf node = regular(file, Errno.EINVAL);
    node.openFiles().openForReading();
    recent.keep(node);
    return node.openFiles().withoutHandle();
  }

  /**
   * As {@link #beginReading}, for a change of the file's content; afterwards its node has an upper
   * object with all of its data.
   *
   * @param appends whether nothing that is there changes
   * @throws ErrnoException EBADF if it is not open for writing; EPERM if it is protected; what
   *     copy-up may throw
   */
  private OpenFile beginWriting(long file, boolean appends, Caller caller) throws ErrnoException {
    if (isHandle(file)) {
      OpenFile open = handle(file);
      if (!open.writable()) {
        throw ErrnoException.of(Errno.EBADF);
      }
      return open;
    }
    Leaf node = regular(file, Errno.EINVAL);
    inodeFlags.requireWritable(node, appends);
    copyUpAndOpen(node, node.openFiles(), caller);
    recent.keep(node);
    return node.openFiles().withoutHandle();
  }

  /** Ends what {@link #beginReading} or {@link #beginWriting} began. */
  private static void end(OpenFile open, long file) {
    if (!isHandle(file)) {
      open.files().close();
    }
  }

  private static boolean isHandle(long file) {
    return file < 0;
  }

  private OpenFile handle(long file) throws ErrnoException {
    return handles.get(-file);
  }

  /**
   * The regular file of an id.
   *
   * @param otherwise errno for what is neither that nor a directory
   */
  private Leaf regular(long id, int otherwise) throws ErrnoException {
    Node node = nodes.get(id);
    if (node instanceof Leaf file && file.isRegular()) {
      return file;
    }
    throw ErrnoException.of(node.isDirectory() ? Errno.EISDIR : otherwise);
  }

  /** As {@code UnionFs.read}. */
  public int read(long file, long address, int count, long offset) throws ErrnoException {
    OpenFile open = beginReading(file);
    try {
      return open.files().readable().read(address, count, offset);
    } finally {
      end(open, file);
    }
  }

  /** As {@code UnionFs.write}. */
  public int write(
      long file,
      long address,
      int count,
      long offset,
      int openFlags,
      boolean killSuidgid,
      Caller caller)
      throws ErrnoException {
    OpenFile open = beginWriting(file, (openFlags & Linux.O_APPEND) != 0, caller);
    try {
      if (isHandle(file) ? open.appendOnly() : inodeFlags.isAppendOnly(open.node())) {
        open.files().writable().requireEnd(offset);
      }
      dropPrivileges(open, killSuidgid, caller);
      int written = write(open, address, count, offset);
      int how = openFlags & Linux.O_SYNC;
      if (how != 0) {
        sync.syncWrite(open, how == Linux.O_DSYNC);
      }
      return written;
    } finally {
      end(open, file);
    }
  }

  private int write(OpenFile open, long address, int count, long offset) throws ErrnoException {
    LayerFile file = open.files().writable();
    try {
      try {
        return file.write(address, count, offset);
      } finally {
        open.node().putMtimeBack(file);
      }
    } catch (Throwable e) {
      tellOfFailure(open);
      throw e;
    }
  }

  /** Before a change of a file's data. */
  private void dropPrivileges(OpenFile open, boolean killSuidgid, Caller caller)
      throws ErrnoException {
    if (killSuidgid) {
      attributes.dropPrivileges(open.node(), caller);
    }
  }

  /** After a change that has failed: privileges of the file may have gone before. */
  private void tellOfFailure(OpenFile open) {
    copyUp.tellOfFailedChange(open.node());
  }

  /** As {@code UnionFs.seek}. */
  public long seek(long file, long offset, int whence) throws ErrnoException {
    OpenFile open = beginReading(file);
    try {
      return open.files().readable().seek(offset, whence);
    } finally {
      end(open, file);
    }
  }

  /** As {@code UnionFs.allocate}. */
  public void allocate(
      long file, int mode, long offset, long length, boolean killSuidgid, Caller caller)
      throws ErrnoException {
    boolean appends = (mode & ~Linux.FALLOC_FL_KEEP_SIZE) == 0;
    OpenFile open = beginWriting(file, appends, caller);
    try {
      inodeFlags.requireWritable(open.node(), appends);
      dropPrivileges(open, killSuidgid, caller);
      allocate(open, mode, offset, length);
    } finally {
      end(open, file);
    }
  }

  private void allocate(OpenFile open, int mode, long offset, long length) throws ErrnoException {
    LayerFile file = open.files().writable();
    try {
      try {
        file.allocate(mode, offset, length);
      } finally {
        open.node().putMtimeBack(file);
      }
    } catch (Throwable e) {
      tellOfFailure(open);
      throw e;
    }
  }

  /** As {@code UnionFs.copyRange}. */
  public long copyRange(
      long from,
      long fromOffset,
      long to,
      long toOffset,
      long length,
      boolean killSuidgid,
      Caller caller)
      throws ErrnoException {
    OpenFile target = beginWriting(to, false, caller);
    try {
      if (isHandle(to)) {
        inodeFlags.requireWritable(target.node(), !target.appendOnly());
      }
      LayerFile changed = target.files().writable();
      OpenFile source = beginReading(from);
      try {
        try {
          LayerFile read = source.files().readable();
          dropPrivileges(target, killSuidgid, caller);
          return copyParts(read, fromOffset, changed, toOffset, length, caller);
        } finally {
          target.node().putMtimeBack(changed);
        }
      } catch (Throwable e) {
        tellOfFailure(target);
        throw e;
      } finally {
        end(source, from);
      }
    } finally {
      end(target, to);
    }
  }

  /**
   * Copies part after part, as long as the caller wants it.
   *
   * @return bytes copied, fewer than {@code length} at the end of the source, after an error and
   *     for a caller who is being killed
   * @throws ErrnoException nothing was copied
   */
  private static long copyParts(
      LayerFile from, long fromOffset, LayerFile to, long toOffset, long length, Caller caller)
      throws ErrnoException {
    long done = 0;
    while (done < length) {
      long wanted = Math.min(COPY_PART_BYTES, length - done);
      long copied;
      try {
        copied = to.copyRange(from, fromOffset + done, toOffset + done, wanted);
      } catch (ErrnoException e) {
        if (done == 0) {
          throw e;
        }
        return done; // the request for the rest reports the error
      }
      done += copied;
      if (copied < wanted || caller.abandoned().getAsBoolean()) {
        return done;
      }
    }
    return done;
  }

  /** Makes a file durable; one that was never changed is, and so is data that is still below. */
  public void sync(long file, boolean dataOnly) throws ErrnoException {
    OpenFile open = beginReading(file);
    try {
      sync.sync(open, dataOnly);
    } finally {
      end(open, file);
    }
  }

  public void release(long handle) {
    OpenFile file = handles.remove(-handle);
    if (file != null) {
      BestEffort.run(() -> sync.beforeEnd(file), "look whether a file has been written back");
      file.files().close();
      nodes.release(file.node(), 1);
    }
  }

  public void releaseAll() {
    handles.handles().forEach(handle -> release(-handle));
    recent.clear();
  }

  public int count() {
    return handles.size();
  }
}
