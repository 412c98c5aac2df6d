package plyfs.union;

import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerRef;
import plyfs.layer.LayerStack;
import plyfs.layer.MountRefusedException;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.FlagsForm;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.RankedLock;
import plyfs.sys.StatFs;
import plyfs.trace.EventLog;
import plyfs.union.api.AttributeChange;
import plyfs.union.api.Caller;
import plyfs.union.api.DirSink;
import plyfs.union.api.FileLending;
import plyfs.union.api.IdMapping;
import plyfs.union.api.NodeView;
import plyfs.union.api.UnionListener;
import plyfs.union.api.UnionOptions;
import plyfs.union.attribute.Attributes;
import plyfs.union.attribute.InodeFlags;
import plyfs.union.attribute.Xattrs;
import plyfs.union.copyup.CopyUp;
import plyfs.union.copyup.LinkUp;
import plyfs.union.copyup.UpperMarks;
import plyfs.union.copyup.XattrCopy;
import plyfs.union.file.FileHandles;
import plyfs.union.file.FileSync;
import plyfs.union.file.Loans;
import plyfs.union.index.Index;
import plyfs.union.index.IndexedLinks;
import plyfs.union.inspect.Forecaster;
import plyfs.union.inspect.Inspection;
import plyfs.union.listing.MergedDir;
import plyfs.union.listing.ReadDir;
import plyfs.union.lookup.Lookup;
import plyfs.union.lookup.UnionEvents;
import plyfs.union.mark.Origin;
import plyfs.union.name.Create;
import plyfs.union.name.Deletions;
import plyfs.union.name.MoveMarks;
import plyfs.union.name.Remove;
import plyfs.union.name.Rename;
import plyfs.union.name.RenameChecks;
import plyfs.union.node.Changes;
import plyfs.union.node.Directory;
import plyfs.union.node.Found;
import plyfs.union.node.Leaf;
import plyfs.union.node.Node;
import plyfs.union.node.NodeTable;
import plyfs.union.node.OpenFiles;
import plyfs.union.node.Ranks;
import plyfs.union.number.InodeNumbers;
import plyfs.union.tree.Tree;

/**
 * The union of a stack of layers: operations by node id, for a FUSE server or another front end.
 * Thread-safe.
 *
 * <p>The locks and their order are drawn at {@link Ranks}. Every change is checked, prepared in the
 * workdir, committed by one system call on the upper tree, and then published in memory; a failure
 * before the commit leaves nothing behind.
 *
 * <p>The union does not check permissions: the kernel does, with the reported attributes.
 */
public final class UnionFs implements AutoCloseable {
  /** Node id of the root. */
  public static final long ROOT_ID = NodeTable.ROOT_ID;

  private final LayerStack stack;
  private final IdMapping ids;

  /** Package-private for tests that fill its table. */
  final Tree tree;

  private final CopyUp copyUp;
  private final Attributes attributes;
  private final Create create;
  private final Remove remove;
  private final Rename rename;
  private final Xattrs xattrs;
  private final InodeFlags flags;
  private final ReadDir readDir;
  private final FileHandles files;
  private final FileSync sync;
  private final Inspection inspection;
  private final UnionEvents events = new UnionEvents();
  private final Loans loans;
  private final Deletions deletions = new Deletions();
  private final Changes changes;

  /**
   * A union.
   *
   * @param stack the layers, closed by {@link #close}
   * @throws MountRefusedException its index is not that of these layers
   */
  public UnionFs(LayerStack stack, UnionOptions options)
      throws ErrnoException, MountRefusedException {
    this(stack, options, UnionListener.NONE);
  }

  /**
   * As {@link #UnionFs(LayerStack, UnionOptions)}.
   *
   * @param listener receives the changes that a call makes beyond its result
   */
  public UnionFs(LayerStack stack, UnionOptions options, UnionListener listener)
      throws ErrnoException, MountRefusedException {
    this.stack = stack;
    this.changes = new Changes(listener);
    this.ids = options.ids();
    InodeNumbers numbers = new InodeNumbers(stack.all(), options.numbering());
    Origin origin = new Origin(stack.lowers(), stack.marks(), stack.hasIndex());
    Lookup lookup = new Lookup(stack, options);
    IndexedLinks links = new IndexedLinks(Index.open(stack, origin), stack.marks(), origin);
    this.tree = new Tree(stack, lookup, origin, numbers, ids, links, events);
    MergedDir mergedDir = new MergedDir(stack.marks(), options, lookup, tree.shown);
    UpperMarks upperMarks = new UpperMarks(stack, options);
    XattrCopy xattrCopy = new XattrCopy(stack.marks());
    LinkUp linkUp = new LinkUp(links, upperMarks, events);
    this.copyUp =
        new CopyUp(
            stack,
            options,
            origin,
            tree.shown,
            links,
            linkUp,
            upperMarks,
            xattrCopy,
            changes,
            events);
    this.flags = new InodeFlags(copyUp, stack.marks(), changes);
    this.attributes = new Attributes(tree, copyUp, flags, ids, changes);
    MoveMarks moveMarks = new MoveMarks(tree, copyUp, stack.marks(), upperMarks, events);
    this.create =
        new Create(
            tree,
            copyUp,
            numbers,
            flags,
            options.posixAcls(),
            links,
            moveMarks,
            upperMarks,
            events);
    this.remove = new Remove(tree, copyUp, mergedDir, flags, links, linkUp, events);
    RenameChecks checks = new RenameChecks(tree, mergedDir, flags, stack, options);
    this.rename =
        new Rename(
            tree,
            copyUp,
            mergedDir,
            checks,
            moveMarks,
            links,
            linkUp,
            upperMarks,
            xattrCopy,
            events);
    this.xattrs = new Xattrs(copyUp, stack.marks(), flags, ids, options.posixAcls());
    this.sync = new FileSync(options);
    this.loans = new Loans(tree.nodes, copyUp, flags, changes);
    this.files = new FileHandles(tree, copyUp, attributes, flags, sync, loans);
    this.readDir = new ReadDir(tree, mergedDir);
    this.inspection =
        new Inspection(
            tree,
            new Forecaster(tree, copyUp, options, flags, remove, checks, moveMarks, xattrCopy));
  }

  /**
   * Declares that the caller keeps the modification times of regular files. It starts from the
   * times in the results of creations and lookups, shows its own times to programs, and reports
   * them through {@link #setAttributes} at any time; its later writes change no time. Called before
   * the first request, if ever.
   */
  public void callerKeepsMtimes() {
    attributes.callerKeepsMtimes();
  }

  /** Records what happens, from now on. */
  public void recordTo(EventLog log) {
    events.recordTo(log);
  }

  /** Explains lookups and changes of this union. */
  public Inspection inspection() {
    return inspection;
  }

  // Names

  /**
   * Looks a name up. If it is there, its node counts one lookup more.
   *
   * @param out filled in; its node id is 0 if the name is absent
   * @throws ErrnoException ESTALE, ENOTDIR, EIO, or EINVAL and EPERM for marks that cannot be
   *     followed
   */
  public void lookup(long parent, Name name, NodeView out) throws ErrnoException {
    Directory directory = tree.nodes.directory(parent);
    Found found = tree.pool.take();
    try {
      Node node = tree.reference(directory, name, found);
      if (node == null) {
        out.nodeId = 0;
        return;
      }
      tree.viewOrRelease(node, found, out);
    } finally {
      tree.pool.giveBack(found);
    }
  }

  /**
   * Looks up the parent of a directory, as a name {@code ..} in it would: for fronts that walk
   * paths. The root is its own parent.
   */
  public void lookupParent(long directory, NodeView out) throws ErrnoException {
    Node node = tree.nodes.directory(directory);
    Directory parent = node.parent();
    Node up = parent == null ? node : parent;
    if (!up.tryReference()) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    try {
      tree.view(up, out);
    } catch (Throwable e) {
      tree.nodes.release(up, 1);
      throw e;
    }
  }

  /**
   * Subtracts lookups; unknown ids are ignored. A node without lookups, handles and children is
   * freed.
   */
  public void forget(long node, long lookups) {
    Node known = node == ROOT_ID ? null : tree.nodes.find(node);
    if (known != null) {
      tree.nodes.release(known, lookups);
    }
  }

  /** How many nodes are known, the root included. */
  public int nodeCount() {
    return tree.nodes.size();
  }

  /**
   * Frees the memory of nodes that no longer exist. Intended for an idle mount: the cost is
   * proportional to the largest number of nodes so far.
   */
  public void trim() {
    tree.nodes.trim();
  }

  /** How many objects were copied up since the start. */
  public long copyUpCount() {
    return copyUp.count();
  }

  /** How many bytes of data were copied up or shared since the start. */
  public long copiedBytes() {
    return copyUp.bytes();
  }

  /** How many handles of files are open. */
  public int handleCount() {
    return files.count();
  }

  // Attributes

  /**
   * Attributes of a node.
   *
   * @param out filled in; another node id than the one given tells that the node got it since
   */
  public void getAttributes(long node, NodeView out) throws ErrnoException {
    tree.view(tree.nodes.get(node), out);
  }

  /** Changes attributes of a node. */
  public void setAttributes(long node, AttributeChange change, Caller caller, NodeView out)
      throws ErrnoException {
    Node known = tree.nodes.get(node);
    if (change.hasSize() && known instanceof Leaf file && file.isRegular()) {
      OpenFiles open = file.openFiles();
      loans.requireCurrent(file, node);
      loans.beforeChange(file, open, Math.max(change.size, 0), caller);
      attributes.change(file, change, caller, out);
      loans.afterChange(file, open);
    } else {
      attributes.change(known, change, caller, out);
    }
    if (out.nodeId != node) {
      changes.ofAttributes(out.nodeId);
    }
  }

  /** Target of a symbolic link. */
  public byte[] readLink(long node) throws ErrnoException {
    Node link = tree.nodes.get(node);
    if (link.type != Linux.S_IFLNK) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    LayerRef top = link.top();
    return top.layer().readLink(top);
  }

  /**
   * Sizes of the file system that takes the changes, or of the topmost layer's if there is none.
   */
  public void statFs(StatFs out) throws ErrnoException {
    stack.all().get(0).statFs(out);
  }

  /** Makes a directory; its node counts one lookup. */
  public void makeDirectory(long parent, Name name, int mode, Caller caller, NodeView out)
      throws ErrnoException {
    make(parent, name, new Create.Template(Linux.S_IFDIR, mode & 07777, 0, null), caller, out);
  }

  /**
   * Makes a regular file, device, FIFO or socket; its node counts one lookup.
   *
   * @param mode type and permission bits
   */
  public void makeNode(long parent, Name name, int mode, int rdev, Caller caller, NodeView out)
      throws ErrnoException {
    int type = (mode & Linux.S_IFMT) == 0 ? Linux.S_IFREG : mode & Linux.S_IFMT;
    if (type == Linux.S_IFDIR || type == Linux.S_IFLNK) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    Create.Template template = new Create.Template(type, mode & 07777, rdev, null);
    boolean open = type == Linux.S_IFREG;
    Directory directory = directory(parent);
    Node made = create.make(directory, name, template, ids.creator(caller), open, out);
    changes.ofEntries(directory);
    attributes.made(made, out.stat());
    if (open && made instanceof Leaf file) {
      files.keepOpen(file); // a new file is usually written
    }
  }

  private static @Nullable Directory knownDirectory(Directory parent, Name name) {
    RankedLock lock = parent.dirLock;
    lock.lock();
    try {
      return parent.child(name) instanceof Directory child ? child : null;
    } finally {
      lock.unlock();
    }
  }

  private Directory directory(long id) throws ErrnoException {
    return tree.nodes.directory(id);
  }

  /** Makes a symbolic link; its node counts one lookup. */
  public void makeSymlink(long parent, Name name, byte[] target, Caller caller, NodeView out)
      throws ErrnoException {
    make(parent, name, new Create.Template(Linux.S_IFLNK, 0777, 0, target), caller, out);
  }

  private void make(long parent, Name name, Create.Template what, Caller caller, NodeView out)
      throws ErrnoException {
    Directory directory = directory(parent);
    create.make(directory, name, what, ids.creator(caller), false, out);
    changes.ofEntries(directory);
  }

  /** Makes another name for a node, which counts one lookup more. */
  public void link(long node, long newParent, Name newName, Caller caller, NodeView out)
      throws ErrnoException {
    Directory directory = directory(newParent);
    create.link(tree.nodes.get(node), directory, newName, caller, out);
    changes.ofEntries(directory);
  }

  /** Removes the name of a non-directory. */
  public void unlink(long parent, Name name, Caller caller) throws ErrnoException {
    Directory directory = directory(parent);
    remove.unlink(directory, name, caller);
    deletions.noted();
    changes.ofEntries(directory);
  }

  /**
   * Waits a few milliseconds if a full file system may get space back from a file that was just
   * deleted; false if no file was.
   */
  public boolean awaitSpace() {
    return deletions.awaitSpace();
  }

  /** Removes an empty directory. */
  public void removeDirectory(long parent, Name name, Caller caller) throws ErrnoException {
    Directory directory = directory(parent);
    remove.rmdir(directory, name, caller);
    changes.ofEntries(directory);
  }

  /**
   * Moves a name.
   *
   * @param flags 0, {@link Linux#RENAME_NOREPLACE} or {@link Linux#RENAME_EXCHANGE}; others give
   *     EINVAL
   */
  public void rename(long parent, Name name, long newParent, Name newName, int flags, Caller caller)
      throws ErrnoException {
    Directory from = directory(parent);
    Directory to = directory(newParent);
    rename.rename(from, name, to, newName, flags, caller);
    deletions.noted(); // of what was replaced
    changes.ofEntries(from);
    if (from != to) {
      changes.ofEntries(to);
      changes.ofEntries(knownDirectory(to, newName)); // whose ".." is another one now
      changes.ofEntries(knownDirectory(from, name)); // if they were exchanged
    }
  }

  // Files

  /**
   * Opens a regular file. Opening for writing copies a lower file up, unless its content goes at
   * once.
   *
   * @param flags {@code O_ACCMODE} and O_TRUNC are heeded
   * @param killSuidgid whether setuid and setgid go with O_TRUNC
   * @return handle
   */
  public long open(long node, int flags, boolean killSuidgid, Caller caller) throws ErrnoException {
    return files.open(node, flags, killSuidgid, caller);
  }

  /**
   * Makes a regular file and opens it for reading and writing; its node counts one lookup.
   *
   * @return handle
   * @throws ErrnoException EEXIST, ...
   */
  public long create(long parent, Name name, int mode, Caller caller, NodeView out)
      throws ErrnoException {
    Create.Template template = new Create.Template(Linux.S_IFREG, mode & 07777, 0, null);
    Directory directory = directory(parent);
    Leaf made = (Leaf) create.make(directory, name, template, ids.creator(caller), true, out);
    changes.ofEntries(directory);
    attributes.made(made, out.stat());
    return files.adopt(made);
  }

  /**
   * Makes a regular file without a name (O_TMPFILE), open for reading and writing; its node counts
   * one lookup.
   *
   * @return handle
   */
  public long createNameless(long parent, int mode, Caller caller, NodeView out)
      throws ErrnoException {
    Directory directory = tree.nodes.directory(parent);
    Leaf made = create.makeNameless(directory, mode & 07777, ids.creator(caller), out);
    attributes.made(made, out.stat());
    return files.adopt(made);
  }

  /**
   * Sets the borrower for {@link #lend}. Called before the first request, if ever.
   *
   * @param lowersToo whether files are lent that a copy-up can replace. Then a change of the data
   *     of such a file fails with ESTALE once, and its name leads to another node id afterwards
   */
  public void lendTo(FileLending borrower, boolean lowersToo) {
    loans.lendTo(borrower, lowersToo);
  }

  /**
   * Lends the file of an open, if it is one whose data stays where it is: an upper file, or any of
   * a mount without an upper layer; others only if {@link #lendTo} says so. The loan ends with the
   * last open of the node.
   *
   * @return id of the loan; 0 if the file has to be read and written by requests
   */
  public int lend(long handle) throws ErrnoException {
    return loans.lend(files.opened(handle));
  }

  /** Ends an open of a file. */
  public void release(long handle) {
    files.release(handle);
  }

  /**
   * Reads.
   *
   * @param file a handle, or the id of a node that need not be open
   * @param address native memory of {@code count} bytes
   * @return bytes read; fewer only at the end of the file
   */
  public int read(long file, long address, int count, long offset) throws ErrnoException {
    return files.read(file, address, count, offset);
  }

  /**
   * Writes.
   *
   * @param file a handle, or the id of a node that need not be open; then a lower file is copied up
   * @param address native memory of {@code count} bytes
   * @param openFlags of the file; O_APPEND and, if the data must be durable at the return, the bits
   *     of O_SYNC or O_DSYNC are heeded
   * @param killSuidgid whether setuid and setgid go with the write
   * @return bytes written
   */
  public int write(
      long file,
      long address,
      int count,
      long offset,
      int openFlags,
      boolean killSuidgid,
      Caller caller)
      throws ErrnoException {
    return files.write(file, address, count, offset, openFlags, killSuidgid, caller);
  }

  /** fallocate(2). Modes that a FUSE kernel never sends are left to the file system. */
  public void allocate(
      long file, int mode, long offset, long length, boolean killSuidgid, Caller caller)
      throws ErrnoException {
    files.allocate(file, mode, offset, length, killSuidgid, caller);
  }

  /**
   * Next data or hole.
   *
   * @param whence {@link Linux#SEEK_DATA} or {@link Linux#SEEK_HOLE}
   * @throws ErrnoException ENXIO if there is none
   */
  public long seek(long file, long offset, int whence) throws ErrnoException {
    long found = files.seek(file, offset, whence);
    if (found < 0) {
      throw ErrnoException.of(Errno.ENXIO);
    }
    return found;
  }

  /**
   * Copies a range between two files inside the kernel; fewer bytes than asked for are possible.
   */
  public long copyRange(
      long from,
      long fromOffset,
      long to,
      long toOffset,
      long length,
      boolean killSuidgid,
      Caller caller)
      throws ErrnoException {
    return files.copyRange(from, fromOffset, to, toOffset, length, killSuidgid, caller);
  }

  /** Makes a file durable; one that was never changed is. */
  public void sync(long file, boolean dataOnly) throws ErrnoException {
    files.sync(file, dataOnly);
  }

  // Directories

  /**
   * Gives entries of a directory.
   *
   * @param position 0, or the cookie of any entry of any earlier listing
   * @param plus a view to fill for entries with attributes; null for entries without
   */
  public void readDirectory(long node, long position, DirSink sink, @Nullable NodeView plus)
      throws ErrnoException {
    readDir.read(tree.nodes.directory(node), position, sink, plus);
  }

  /** Makes the entries of a directory durable. */
  public void syncDirectory(long node) throws ErrnoException {
    LayerRef upper = tree.nodes.directory(node).upper();
    if (sync.isWanted() && upper != null) {
      copyUp.writable().sync(upper);
    }
  }

  // Extended attributes

  /** Value of an extended attribute; null if there is none. */
  public byte @Nullable [] getXattr(long node, byte[] name) throws ErrnoException {
    return xattrs.get(tree.nodes.get(node), name);
  }

  /**
   * Names of the extended attributes, each with a final NUL.
   *
   * @param seesTrusted whether the list contains names in {@code trusted.}: the caller has
   *     CAP_SYS_ADMIN in the initial user namespace. Called only if there are such names
   * @implNote the VFS decides who reads them, and leaves lists to file systems: Linux
   *     fs/overlayfs/xattrs.c, ovl_can_list
   */
  public byte[] listXattrs(long node, BooleanSupplier seesTrusted) throws ErrnoException {
    return xattrs.list(tree.nodes.get(node), seesTrusted);
  }

  /**
   * Sets an extended attribute.
   *
   * @param flags 0, {@link Linux#XATTR_CREATE} or {@link Linux#XATTR_REPLACE}
   * @param killSetgid whether setgid goes with it
   */
  public void setXattr(
      long node, byte[] name, byte[] value, int flags, boolean killSetgid, Caller caller)
      throws ErrnoException {
    xattrs.set(tree.nodes.get(node), name, value, flags, killSetgid, caller);
  }

  /** Removes an extended attribute. */
  public void removeXattr(long node, byte[] name, Caller caller) throws ErrnoException {
    xattrs.remove(tree.nodes.get(node), name, caller);
  }

  // Flags of chattr(1)

  /** Flags of a regular file or a directory; ENOTTY for anything else. */
  public byte[] getFlags(long node, FlagsForm form) throws ErrnoException {
    return flags.get(tree.nodes.get(node), form);
  }

  /** Sets flags of a regular file or a directory; ENOTTY for anything else. */
  public void setFlags(long node, FlagsForm form, byte[] value, Caller caller)
      throws ErrnoException {
    flags.set(tree.nodes.get(node), form, value, caller);
  }

  /** Ends what is still open, and closes the layers. No operation may be under way. */
  @Override
  public void close() {
    files.releaseAll();
    stack.close();
  }
}
