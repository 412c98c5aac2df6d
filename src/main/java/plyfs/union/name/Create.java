package plyfs.union.name;

import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerFile;
import plyfs.layer.LayerRef;
import plyfs.layer.UpperLayer;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.RankedLock;
import plyfs.sys.Stat;
import plyfs.sys.Undo;
import plyfs.trace.EventKind;
import plyfs.union.api.Caller;
import plyfs.union.api.NodeView;
import plyfs.union.attribute.InodeFlags;
import plyfs.union.copyup.CopyUp;
import plyfs.union.copyup.UpperMarks;
import plyfs.union.index.IndexedLinks;
import plyfs.union.lookup.UnionEvents;
import plyfs.union.mark.PosixAcl;
import plyfs.union.mark.XattrNames;
import plyfs.union.node.Directory;
import plyfs.union.node.FileKey;
import plyfs.union.node.Found;
import plyfs.union.node.FreeIds;
import plyfs.union.node.Leaf;
import plyfs.union.node.Node;
import plyfs.union.number.InodeNumbers;
import plyfs.union.tree.Tree;

/**
 * New objects and new names. Each is made in the workdir with its final owner, mode and ACLs, and
 * gets its name by one system call: beside nothing, or in place of the whiteout that has the name.
 *
 * @implNote Linux fs/overlayfs/dir.c, ovl_create_or_link and ovl_create_over_whiteout
 */
public final class Create {
  private final Tree tree;
  private final CopyUp copyUp;
  private final InodeNumbers numbers;
  private final InodeFlags flags;
  private final boolean inheritsAcls;
  private final IndexedLinks links;
  private final MoveMarks moveMarks;

  private final UpperMarks upperMarks;
  private final UnionEvents events;

  public Create(
      Tree tree,
      CopyUp copyUp,
      InodeNumbers numbers,
      InodeFlags flags,
      boolean inheritsAcls,
      IndexedLinks links,
      MoveMarks moveMarks,
      UpperMarks upperMarks,
      UnionEvents events) {
    this.tree = tree;
    this.copyUp = copyUp;
    this.numbers = numbers;
    this.flags = flags;
    this.inheritsAcls = inheritsAcls;
    this.links = links;
    this.moveMarks = moveMarks;
    this.upperMarks = upperMarks;
    this.events = events;
  }

  /**
   * What is to be made.
   *
   * @param type {@code S_IF*}
   * @param mode permission bits, the umask not applied
   * @param rdev device number of a device
   * @param target of a symbolic link
   */
  public record Template(int type, int mode, int rdev, byte @Nullable [] target) {}

  /**
   * Makes an object.
   *
   * @param open whether the result is to be open for writing: a regular file only
   * @param out filled with the new node, which has one reference, the caller's
   * @return the new node
   * @throws ErrnoException EEXIST, ENOENT if the directory was removed, EINVAL for a reserved name,
   *     EPERM for device 0:0, EROFS
   */
  public Node make(
      Directory parent, Name name, Template template, Caller caller, boolean open, NodeView out)
      throws ErrnoException {
    UpperLayer layer = copyUp.writable();
    requireOrdinary(name);
    if (template.type == Linux.S_IFCHR && template.rdev == 0) {
      throw ErrnoException.of(Errno.EPERM); // that is a whiteout
    }
    flags.requireAcceptsNames(parent);
    LayerRef parentRef = copyUp.ensureUpper(parent, caller);
    Made made = new Made(layer, parentRef, template, open);
    try {
      return makeLocked(made, parent, name, caller, out);
    } catch (Throwable e) {
      if (made.isNamed) {
        copyUp.tellOfNameThatCame(parent, name);
      }
      throw e;
    } finally {
      made.giveReservationBack();
    }
  }

  private Node makeLocked(Made made, Directory parent, Name name, Caller caller, NodeView out)
      throws ErrnoException {
    Found found = tree.pool.take();
    Node node;
    RankedLock lock = parent.dirLock;
    lock.lock();
    try {
      requireFree(parent, name, found);
      made.reserveNode();
      Commit how = Commit.of(found, made.template.type);
      if (how == Commit.BESIDE_NOTHING && canMakeInPlace(made.layer, made.template, caller)) {
        made.inPlace(parent, name, caller, out);
        node = made.publish();
        tree.addName(parent, name, node);
        tree.show(node, out);
        return node;
      }
      made.prepareAndCommit(parent, name, caller, how, found);
      node = made.publish();
      tree.addName(parent, name, node);
    } finally {
      lock.unlock();
      tree.pool.giveBack(found);
    }
    view(node, made.open, out);
    return node;
  }

  /**
   * Whether one system call gives an object its owner and mode: mkdir(2) makes no setuid or setgid
   * directory.
   */
  private boolean canMakeInPlace(UpperLayer layer, Template template, Caller caller) {
    boolean takesMode =
        template.type != Linux.S_IFDIR || (template.mode & (Linux.S_ISUID | Linux.S_ISGID)) == 0;
    return takesMode && inheritsAcls && layer.makesAs(caller.uid(), caller.gid());
  }

  /** Fills in the view of a new node, or, if that fails, releases the caller's references. */
  private void view(Node node, boolean open, NodeView out) throws ErrnoException {
    try {
      tree.view(node, out);
    } catch (Throwable e) {
      if (open && node instanceof Leaf file) {
        file.openFiles().close();
      }
      tree.nodes.release(node, 1);
      throw e;
    }
  }

  /** An object in the making. */
  private final class Made {
    private final UpperLayer layer;
    private final LayerRef parentRef;
    private final Template template;
    private final boolean open;
    private LayerRef prepared;
    private @Nullable LayerFile file;
    private long ino;

    /** Id for the node, until there is one. */
    private long reserved = FreeIds.NONE;

    /** Whether the object has its name. */
    private boolean isNamed;

    Made(UpperLayer layer, LayerRef parentRef, Template template, boolean open) {
      this.layer = layer;
      this.parentRef = parentRef;
      this.template = template;
      this.open = open;
      this.prepared = parentRef;
    }

    /**
     * Nothing may fail once the object has its name: the kernel would cache that the name does not
     * exist.
     *
     * @throws ErrnoException ENFILE
     */
    void reserveNode() throws ErrnoException {
      reserved = tree.nodes.reserve();
    }

    void giveReservationBack() {
      if (reserved != FreeIds.NONE) {
        tree.nodes.giveBack(reserved);
      }
    }

    /**
     * Makes the object and gives it its name; a failure leaves nothing. Caller holds the dirLock.
     */
    void prepareAndCommit(Directory parent, Name name, Caller caller, Commit how, Found found)
        throws ErrnoException {
      prepare(parent, caller, found);
      try {
        if (how == Commit.EXCHANGED_WITH_WHITEOUT) {
          upperMarks.makeOpaque(layer, prepared);
        } else {
          markIfDirectory(parent);
        }
        commit(layer, prepared, parentRef, name, how);
      } catch (Throwable e) {
        discard();
        throw e;
      }
      isNamed = true;
      tell(how, parent, name);
    }

    /** Makes the object in the workdir; a failure leaves nothing. Caller holds the dirLock. */
    void prepare(Directory parent, Caller caller, Found found) throws ErrnoException {
      prepared = Create.prepare(layer, template);
      try {
        dress(this, parent, caller, found.probe);
        file = open ? layer.openWritable(prepared) : null;
        if (!layer.stat(prepared, found.probe)) {
          throw ErrnoException.of(Errno.ESTALE);
        }
        ino = numbers.of(found.probe.dev(), found.probe.ino());
      } catch (Throwable e) {
        discard();
        throw e;
      }
    }

    /**
     * Makes the object where it is to be, by one system call, because it gets the right owner
     * there. Caller holds the dirLock.
     */
    void inPlace(Directory parent, Name name, Caller caller, NodeView out) throws ErrnoException {
      boolean inherits = defaultAcl(layer, parent, parentRef).length > 0;
      int mode = inherits ? template.mode : template.mode & ~caller.umask();
      prepared = new LayerRef(parentRef, name);
      LayerFile made =
          layer.makeInPlace(prepared, template.type, mode, template.rdev, template.target);
      isNamed = true;
      markIfDirectory(parent);
      try {
        if (!layer.stat(prepared, out.stat())) {
          throw ErrnoException.of(Errno.ESTALE);
        }
        ino = numbers.of(out.stat().dev(), out.stat().ino());
        if (open) {
          file = made;
        } else {
          closeIfOpen(made);
        }
      } catch (Throwable e) {
        closeIfOpen(made);
        Undo.after(e, () -> takeBack(parent, name));
        throw e;
      }
    }

    void markIfDirectory(Directory parent) {
      if (template.type == Linux.S_IFDIR && upperMarks.areDueOnNewDirectory(parent)) {
        upperMarks.markNewDirectory(layer, prepared);
      }
    }

    private void takeBack(Directory parent, Name name) throws ErrnoException {
      try {
        if (template.type == Linux.S_IFDIR) {
          layer.removeDirectory(parentRef, name);
        } else {
          layer.unlink(parentRef, name);
        }
        isNamed = false;
      } finally {
        parent.namesChanged();
      }
    }

    void discard() {
      closeIfOpen(file);
      layer.discard(prepared);
    }

    /** The node of the object, with one reference. */
    Node publish() {
      Node node = tree.nodes.create(reserved, template.type, prepared, Node.NO_LOWERS, ino);
      reserved = FreeIds.NONE;
      if (node instanceof Leaf leaf) {
        leaf.neverHadCapabilities = true;
        if (file != null) {
          leaf.openFiles().adoptForWriting(file);
        }
      }
      return node;
    }
  }

  private static void closeIfOpen(@Nullable LayerFile file) {
    if (file != null) {
      file.close();
    }
  }

  /** Makes a regular file without a name, open for writing. */
  public Leaf makeNameless(Directory parent, int mode, Caller caller, NodeView out)
      throws ErrnoException {
    UpperLayer layer = copyUp.writable();
    flags.requireAcceptsNames(parent);
    LayerRef parentRef = copyUp.ensureUpper(parent, caller);
    Made made = new Made(layer, parentRef, new Template(Linux.S_IFREG, mode, 0, null), true);
    Leaf node;
    try {
      made.reserveNode();
      prepareNameless(made, parent, caller);
      takeNameAway(layer, made);
      node = (Leaf) made.publish();
    } finally {
      made.giveReservationBack();
    }
    view(node, true, out);
    return node;
  }

  private void prepareNameless(Made made, Directory parent, Caller caller) throws ErrnoException {
    Found found = tree.pool.take();
    RankedLock lock = parent.dirLock;
    lock.lock();
    try {
      made.prepare(parent, caller, found);
    } finally {
      lock.unlock();
      tree.pool.giveBack(found);
    }
  }

  /** Where the file system has no files without a name, the one in the workdir goes. */
  private static void takeNameAway(UpperLayer layer, Made made) throws ErrnoException {
    LayerRef.Place place = made.prepared.place();
    if (place == null) {
      return;
    }
    try {
      layer.keep(made.prepared);
      layer.unlink(place.directory(), place.name());
    } catch (Throwable e) {
      layer.rename(made.prepared, place.directory(), place.name());
      made.discard();
      throw e;
    }
  }

  /** Makes another name for a node. */
  public void link(Node linked, Directory parent, Name name, Caller caller, NodeView out)
      throws ErrnoException {
    UpperLayer layer = copyUp.writable();
    requireOrdinary(name);
    if (!(linked instanceof Leaf node)) {
      throw ErrnoException.of(Errno.EPERM);
    }
    flags.requireAcceptsNames(parent);
    flags.requireUnprotected(node);
    if (!node.tryReference()) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    boolean hasName = false;
    try {
      LayerRef parentRef = copyUp.ensureUpper(parent, caller);
      LayerRef object = copyUp.ensureUpper(node, caller);
      moveMarks.onLink(node, caller);
      linkUpper(layer, node, object, parent, parentRef, name);
      hasName = true;
      tree.view(node, out);
    } catch (Throwable e) {
      if (hasName) {
        copyUp.tellOfFailedChange(node);
        copyUp.tellOfNameThatCame(parent, name);
      }
      tree.nodes.release(node, 1);
      throw e;
    }
  }

  private void linkUpper(
      UpperLayer layer, Leaf node, LayerRef object, Directory parent, LayerRef parentRef, Name name)
      throws ErrnoException {
    Found found = tree.pool.take();
    RankedLock lock = parent.dirLock;
    lock.lock();
    try {
      requireFree(parent, name, found);
      if (node.alias() == null && node.lowers.length > 0) {
        throw ErrnoException.of(Errno.ENOENT); // it was deleted; only an O_TMPFILE may get a name
      }
      if (node.hasOrigin) {
        upperMarks.markImpure(layer, parent, parentRef);
      }
      if (!layer.stat(object, found.probe)) {
        throw ErrnoException.of(Errno.ESTALE);
      }
      // Known by its inode before it has a second name, so that this name leads to no other node.
      tree.nodes.identities.linking(new FileKey(found.probe.dev(), found.probe.ino()), node);
      RankedLock names = node.namesLock();
      names.lock();
      try {
        links.beforeNamesChange(layer, node);
        if (found.outcome == Found.Outcome.UPPER_WHITEOUT) {
          layer.linkOver(object, parentRef, name);
          events.name(EventKind.WHITEOUT_REMOVED, parent, name);
        } else {
          layer.link(object, parentRef, name);
        }
        links.nameAdded(node);
        if (node.alias() == null) {
          layer.rename(object, parentRef, name); // it had lost its name, or never had one
        }
        tree.addName(parent, name, node);
      } finally {
        names.unlock();
      }
    } finally {
      lock.unlock();
      tree.pool.giveBack(found);
    }
  }

  private void requireOrdinary(Name name) throws ErrnoException {
    if (tree.lookup.isReserved(name)) {
      throw ErrnoException.of(Errno.EINVAL);
    }
  }

  /** Caller holds the directory's dirLock. */
  private void requireFree(Directory parent, Name name, Found found) throws ErrnoException {
    if (parent.removed) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    if (parent.child(name) != null) {
      throw ErrnoException.of(Errno.EEXIST);
    }
    tree.findFree(parent, name, found);
    if (found.exists()) {
      throw ErrnoException.of(Errno.EEXIST);
    }
  }

  private static LayerRef prepare(UpperLayer layer, Template template) throws ErrnoException {
    return switch (template.type) {
      case Linux.S_IFREG -> layer.prepareFile();
      case Linux.S_IFDIR -> layer.prepareDirectory();
      case Linux.S_IFLNK ->
          layer.prepareSymlink(template.target == null ? new byte[0] : template.target);
      default -> layer.prepareNode(template.type, template.rdev);
    };
  }

  /** Owner, then mode, then ACLs: chown clears setuid and setgid. */
  private void dress(Made made, Directory parent, Caller caller, Stat directory)
      throws ErrnoException {
    UpperLayer layer = made.layer;
    LayerRef prepared = made.prepared;
    Template template = made.template;
    if (!layer.stat(made.parentRef, directory)) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    boolean setgid = (directory.mode() & Linux.S_ISGID) != 0;
    layer.chown(prepared, caller.uid(), setgid ? directory.gid() : caller.gid());
    if (template.type == Linux.S_IFLNK) {
      return;
    }
    int inherited = setgid && template.type == Linux.S_IFDIR ? Linux.S_ISGID : 0;
    byte[] defaultAcl = defaultAcl(layer, parent, made.parentRef);
    if (defaultAcl.length == 0) {
      layer.chmod(prepared, template.mode & ~caller.umask() | inherited);
      return;
    }
    PosixAcl acl = PosixAcl.inherit(defaultAcl, template.mode);
    layer.chmod(prepared, acl.mode() | inherited);
    if (acl.access() != null) {
      layer.setXattr(prepared, XattrNames.ACL_ACCESS, acl.access(), 0);
    }
    if (template.type == Linux.S_IFDIR) {
      layer.setXattr(prepared, XattrNames.ACL_DEFAULT, defaultAcl, 0);
    }
  }

  /** The default ACL of a directory, empty if it has none; asked once. Caller holds its dirLock. */
  private byte[] defaultAcl(UpperLayer layer, Directory parent, LayerRef parentRef)
      throws ErrnoException {
    byte[] known = parent.defaultAcl;
    if (known == null) {
      byte[] value = inheritsAcls ? layer.xattr(parentRef, XattrNames.ACL_DEFAULT) : null;
      known = value == null ? Directory.NO_ACL : value;
      parent.defaultAcl = known;
    }
    return known;
  }

  private static void commit(
      UpperLayer layer, LayerRef prepared, LayerRef parentRef, Name name, Commit how)
      throws ErrnoException {
    switch (how) {
      case BESIDE_NOTHING -> layer.publish(prepared, parentRef, name);
      case OVER_WHITEOUT -> layer.publishOver(prepared, parentRef, name);
      case EXCHANGED_WITH_WHITEOUT -> layer.publishExchanged(prepared, parentRef, name);
    }
  }

  private void tell(Commit how, Directory parent, Name name) {
    if (how != Commit.BESIDE_NOTHING) {
      events.name(EventKind.WHITEOUT_REMOVED, parent, name);
    }
    if (how == Commit.EXCHANGED_WITH_WHITEOUT) {
      events.name(EventKind.OPAQUE_SET, parent, name);
    }
  }

  /** The system call that gives an object its name. */
  private enum Commit {
    BESIDE_NOTHING,
    OVER_WHITEOUT,
    /** A directory cannot be renamed over a whiteout. */
    EXCHANGED_WITH_WHITEOUT;

    static Commit of(Found found, int type) {
      if (found.outcome != Found.Outcome.UPPER_WHITEOUT) {
        return BESIDE_NOTHING;
      }
      return type == Linux.S_IFDIR ? EXCHANGED_WITH_WHITEOUT : OVER_WHITEOUT;
    }
  }
}
