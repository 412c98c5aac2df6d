package plyfs.union;

import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerFile;
import plyfs.layer.LayerRef;
import plyfs.layer.OverlayXattr;
import plyfs.layer.UpperLayer;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.RankedLock;
import plyfs.sys.Stat;

/**
 * New objects and new names. Each is made in the workdir with its final owner, mode and ACLs, and
 * gets its name by one system call: beside nothing, or in place of the whiteout that has the name.
 *
 * @implNote Linux fs/overlayfs/dir.c, ovl_create_or_link and ovl_create_over_whiteout
 */
final class Create {
  private final Tree tree;
  private final CopyUp copyUp;
  private final OverlayXattr marks;
  private final InodeNumbers numbers;

  Create(Tree tree, CopyUp copyUp, OverlayXattr marks, InodeNumbers numbers) {
    this.tree = tree;
    this.copyUp = copyUp;
    this.marks = marks;
    this.numbers = numbers;
  }

  /**
   * What is to be made.
   *
   * @param type {@code S_IF*}
   * @param mode permission bits, the umask not applied
   * @param rdev device number of a device
   * @param target of a symbolic link
   */
  record Template(int type, int mode, int rdev, byte @Nullable [] target) {}

  /**
   * Makes an object.
   *
   * @param open whether the result is to be open for writing: a regular file only
   * @param out filled with the new node, which has one reference, the caller's
   * @return the new node
   * @throws ErrnoException EEXIST, ENOENT if the directory was removed, EINVAL for a reserved name,
   *     EPERM for device 0:0, EROFS
   */
  Node make(Node parent, Name name, Template template, Caller caller, boolean open, NodeView out)
      throws ErrnoException {
    UpperLayer layer = copyUp.writable();
    requireOrdinary(name);
    if (template.type == Linux.S_IFCHR && template.rdev == 0) {
      throw ErrnoException.of(Errno.EPERM); // that is a whiteout
    }
    LayerRef parentRef = copyUp.ensureUpper(parent, caller);
    Found found = tree.pool.take();
    RankedLock lock = parent.lockOfDirectory();
    lock.lock();
    try {
      requireFree(parent, name, found);
      Commit how = Commit.of(found, template.type);
      LayerRef prepared = prepare(layer, template);
      LayerFile file = null;
      boolean committed = false;
      try {
        dress(layer, prepared, template, parent, parentRef, caller);
        if (how == Commit.EXCHANGED_WITH_WHITEOUT) {
          layer.setXattr(prepared, marks.opaque(), OverlayXattr.yes(), 0);
        }
        file = open ? layer.openWritable(prepared) : null;
        commit(layer, prepared, parentRef, name, how);
        committed = true;
      } finally {
        if (!committed) {
          closeIfOpen(file);
          layer.discard(prepared);
        }
      }
      return publish(layer, parent, name, prepared, file, out);
    } finally {
      lock.unlock();
      tree.pool.giveBack(found);
    }
  }

  private static void closeIfOpen(@Nullable LayerFile file) {
    if (file != null) {
      file.close();
    }
  }

  /** Makes a regular file without a name, open for writing. */
  Node makeNameless(Node parent, int mode, Caller caller, NodeView out) throws ErrnoException {
    UpperLayer layer = copyUp.writable();
    LayerRef parentRef = copyUp.ensureUpper(parent, caller);
    LayerRef prepared = layer.prepareFile();
    LayerFile file = null;
    boolean done = false;
    try {
      dress(layer, prepared, new Template(Linux.S_IFREG, mode, 0, null), parent, parentRef, caller);
      file = layer.openWritable(prepared);
      LayerRef.Place place = prepared.place();
      if (place != null) {
        layer.keep(prepared);
        layer.unlink(place.directory(), place.name());
      }
      done = true;
    } finally {
      if (!done) {
        closeIfOpen(file);
        layer.discard(prepared);
      }
    }
    return publish(layer, null, null, prepared, file, out);
  }

  private Node publish(
      UpperLayer layer,
      @Nullable Node parent,
      @Nullable Name name,
      LayerRef made,
      @Nullable LayerFile file,
      NodeView out)
      throws ErrnoException {
    Stat stat = out.stat();
    if (!layer.stat(made, stat)) {
      closeIfOpen(file);
      throw ErrnoException.of(Errno.ESTALE);
    }
    Node node =
        tree.nodes.create(stat.type(), made, Node.NO_LOWERS, numbers.of(stat.dev(), stat.ino()));
    if (file != null) {
      node.openFiles().adoptForWriting(file);
    }
    if (parent != null && name != null) {
      tree.addName(parent, name, node);
    }
    tree.describe(node, out);
    return node;
  }

  /** Makes another name for a node. */
  void link(Node node, Node parent, Name name, Caller caller, NodeView out) throws ErrnoException {
    UpperLayer layer = copyUp.writable();
    requireOrdinary(name);
    if (node.isDirectory()) {
      throw ErrnoException.of(Errno.EPERM);
    }
    LayerRef parentRef = copyUp.ensureUpper(parent, caller);
    LayerRef object = copyUp.ensureUpper(node, caller);
    Found found = tree.pool.take();
    RankedLock lock = parent.lockOfDirectory();
    lock.lock();
    try {
      requireFree(parent, name, found);
      if (hasOrigin(node)) {
        copyUp.markImpure(layer, parent, parentRef);
      }
      if (found.outcome == Found.Outcome.UPPER_WHITEOUT) {
        layer.linkOver(object, parentRef, name);
      } else {
        layer.link(object, parentRef, name);
      }
      if (node.alias() == null) {
        layer.rename(object, parentRef, name); // it had lost its name, or never had one
      }
      if (!node.tryReference()) {
        throw ErrnoException.of(Errno.ESTALE);
      }
      tree.addName(parent, name, node);
      tree.view(node, out);
      tree.nodes.putLinked(new FileKey(out.stat().dev(), out.stat().ino()), node);
    } finally {
      lock.unlock();
      tree.pool.giveBack(found);
    }
  }

  private static boolean hasOrigin(Node node) {
    return node.lowers.length > 0;
  }

  private void requireOrdinary(Name name) throws ErrnoException {
    if (tree.lookup.isReserved(name)) {
      throw ErrnoException.of(Errno.EINVAL);
    }
  }

  /** Caller holds the directory's dirLock. */
  private void requireFree(Node parent, Name name, Found found) throws ErrnoException {
    if (parent.removed) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    if (parent.child(name) != null) {
      throw ErrnoException.of(Errno.EEXIST);
    }
    tree.lookup.find(parent, name, found);
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
  private void dress(
      UpperLayer layer,
      LayerRef prepared,
      Template template,
      Node parent,
      LayerRef parentRef,
      Caller caller)
      throws ErrnoException {
    Found found = tree.pool.take();
    try {
      Stat directory = found.probe;
      if (!layer.stat(parentRef, directory)) {
        throw ErrnoException.of(Errno.ENOENT);
      }
      boolean setgid = (directory.mode() & Linux.S_ISGID) != 0;
      layer.chown(prepared, caller.uid(), setgid ? directory.gid() : caller.gid());
      if (template.type == Linux.S_IFLNK) {
        return;
      }
      int inherited = setgid && template.type == Linux.S_IFDIR ? Linux.S_ISGID : 0;
      byte[] defaultAcl = defaultAcl(layer, parent, parentRef);
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
    } finally {
      tree.pool.giveBack(found);
    }
  }

  /** The default ACL of a directory, empty if it has none; asked once. */
  private static byte[] defaultAcl(UpperLayer layer, Node parent, LayerRef parentRef)
      throws ErrnoException {
    byte[] known = parent.defaultAcl;
    if (known == null) {
      byte[] value = layer.xattr(parentRef, XattrNames.ACL_DEFAULT);
      known = value == null ? Node.NO_ACL : value;
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
