package plyfs.union;

import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerFile;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;

/** The regular files that are open, by handle. A node lives as long as it has one. */
final class FileHandles {
  private final HandleTable<OpenFile> handles = new HandleTable<>();
  private final NodeTable nodes;
  private final CopyUp copyUp;
  private final Attributes attributes;
  private final InodeFlags inodeFlags;
  private final FileSync sync;

  FileHandles(
      Tree tree, CopyUp copyUp, Attributes attributes, InodeFlags inodeFlags, FileSync sync) {
    this.nodes = tree.nodes;
    this.copyUp = copyUp;
    this.attributes = attributes;
    this.inodeFlags = inodeFlags;
    this.sync = sync;
  }

  /** As {@link UnionFs#open}. */
  long open(Node file, int flags, boolean killSuidgid, Caller caller) throws ErrnoException {
    if (!file.isRegular()) {
      throw ErrnoException.of(file.isDirectory() ? Errno.EISDIR : Errno.ENXIO);
    }
    inodeFlags.requireOpenable(file, flags);
    if (!file.tryReference()) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    boolean done = false;
    try {
      boolean writes = (flags & Linux.O_ACCMODE) != Linux.O_RDONLY;
      if ((flags & Linux.O_TRUNC) != 0) {
        attributes.resize(file, 0, caller);
        if (killSuidgid) {
          attributes.dropPrivileges(copyUp.writable(), copyUp.ensureUpper(file, caller), caller);
        }
      }
      if (writes) {
        copyUp.ensureData(file, CopyUp.WHOLE, caller);
        file.openFiles().openForWriting();
      } else {
        file.openFiles().openForReading();
      }
      done = true;
      return handles.add(new OpenFile(file, writes));
    } finally {
      if (!done) {
        nodes.release(file, 1);
      }
    }
  }

  /** The handle of a file just made, which is open for writing; its node counts one use more. */
  long adopt(Node file) {
    if (!file.tryReference()) {
      throw new IllegalStateException("a node without references was handed out");
    }
    return handles.add(new OpenFile(file, true));
  }

  OpenFile get(long handle) throws ErrnoException {
    return handles.get(handle);
  }

  /**
   * The file to write to.
   *
   * @throws ErrnoException EBADF if it is not open for writing
   */
  LayerFile writable(long handle) throws ErrnoException {
    OpenFile open = handles.get(handle);
    if (!open.writable()) {
      throw ErrnoException.of(Errno.EBADF);
    }
    return open.node().openFiles().writable();
  }

  /** As {@link UnionFs#allocate}. */
  void allocate(long handle, int mode, long offset, long length) throws ErrnoException {
    LayerFile file = writable(handle);
    boolean appends = (mode & ~Linux.FALLOC_FL_KEEP_SIZE) == 0;
    inodeFlags.requireWritable(handles.get(handle).node(), appends);
    file.allocate(mode, offset, length);
  }

  /** As {@link UnionFs#copyRange}. */
  long copyRange(long fromHandle, long fromOffset, long toHandle, long toOffset, long length)
      throws ErrnoException {
    LayerFile source = handles.get(fromHandle).node().openFiles().readable();
    LayerFile target = writable(toHandle);
    inodeFlags.requireWritable(handles.get(toHandle).node(), true);
    return target.copyRange(source, fromOffset, toOffset, length);
  }

  /** What follows a write: see {@link UnionFs#write}. */
  void afterWrite(long handle, int how, @Nullable Caller unprivileged) throws ErrnoException {
    OpenFile open = handles.get(handle);
    Node node = open.node();
    if (unprivileged != null) {
      attributes.dropPrivileges(
          copyUp.writable(), copyUp.ensureUpper(node, unprivileged), unprivileged);
    }
    if (how != 0) {
      sync.syncWrite(open, (how & Linux.O_SYNC) == Linux.O_DSYNC);
    }
  }

  /** Makes a file durable; one that was never changed is, and so is data that is still below. */
  void sync(long handle, boolean dataOnly) throws ErrnoException {
    sync.sync(handles.get(handle), dataOnly);
  }

  void release(long handle) {
    OpenFile file = handles.remove(handle);
    if (file != null) {
      CopyUp.bestEffort(() -> sync.beforeEnd(file), "look whether a file has been written back");
      file.node().openFiles().close();
      nodes.release(file.node(), 1);
    }
  }

  void releaseAll() {
    handles.handles().forEach(this::release);
  }

  int count() {
    return handles.size();
  }
}
