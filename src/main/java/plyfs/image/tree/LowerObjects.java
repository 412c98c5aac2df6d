package plyfs.image.tree;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.BadImageException;
import plyfs.image.tar.Timestamp;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/**
 * Takes over what a layer does not describe itself from the layers below it: the attributes of
 * directories that it has only because something lies in them, and files that it only links to. So
 * the union shows what it would if the layer had been unpacked onto those below, as umoci does it.
 */
final class LowerObjects {
  private final UnpackedTree tree;
  private final LowerTree lower;
  private final HiddenNames hidden;
  private final EntryAttributes attributes;
  private final FileContent content;

  LowerObjects(
      UnpackedTree tree,
      LowerTree lower,
      HiddenNames hidden,
      EntryAttributes attributes,
      FileContent content) {
    this.tree = tree;
    this.lower = lower;
    this.hidden = hidden;
    this.attributes = attributes;
    this.content = content;
  }

  private LowerTree.@Nullable Found find(EntryPath path) throws IOException, ErrnoException {
    return hidden.hides(path) ? null : lower.find(path);
  }

  /** Gives directories that no entry has described the attributes of those that they cover. */
  void describeDirectories() throws IOException, ErrnoException {
    for (EntryPath path : tree.impliedDirectories()) {
      LowerTree.Found below = find(path);
      if (below != null && below.stat().isDirectory() && isDirectory(path)) {
        attributes.inherit(below, tree.directory(path), Syscalls.SELF);
        int mode = attributes.isPrivileged() ? -1 : below.stat().mode() & 07777;
        tree.finishLater(path, mode, atime(below.stat()), mtime(below.stat()));
      }
    }
  }

  private boolean isDirectory(EntryPath path) {
    return path.isRoot() || tree.isDirectory(path);
  }

  /**
   * Copies a file of the layers below into this one, under the same path.
   *
   * @return its bytes; -1 where there is none
   */
  long copyUp(EntryPath path) throws IOException, ErrnoException {
    LowerTree.Found below = find(path);
    if (below == null) {
      return -1;
    }
    if (below.stat().isDirectory()) {
      throw new BadImageException("that is a directory");
    }
    Fd parent = tree.directory(path.parent());
    byte[] name = path.name().bytes();
    make(below, parent, name);
    attributes.inherit(below, parent, name);
    ErrnoException.check(
        UnpackedTree.setTimes(parent, name, atime(below.stat()), mtime(below.stat())));
    return below.stat().isRegular() ? below.stat().size() : 0;
  }

  private void make(LowerTree.Found below, Fd parent, byte[] name)
      throws IOException, ErrnoException {
    Stat stat = below.stat();
    if (stat.isSymlink()) {
      byte[] target = Syscalls.readlink(below.layer(), below.path());
      ErrnoException.check(Syscalls.symlinkat(target, parent, name));
    } else if (stat.isRegular()) {
      int flags = Linux.O_WRONLY | Linux.O_CREAT | Linux.O_EXCL | Linux.O_NOFOLLOW;
      int readOnly = Linux.O_RDONLY | Linux.O_NOFOLLOW;
      try (Fd from = Fd.openat(below.layer(), below.path(), readOnly, 0);
          Fd to = Fd.openat(parent, name, flags, 0600)) {
        content.copy(from, to, stat.size());
      }
    } else {
      int device = Linux.device(stat.rdevMajor(), stat.rdevMinor());
      ErrnoException.check(Syscalls.mknodat(parent, name, stat.type(), device));
    }
  }

  private static Timestamp atime(Stat stat) {
    return new Timestamp(stat.atimeSeconds(), stat.atimeNanos());
  }

  private static Timestamp mtime(Stat stat) {
    return new Timestamp(stat.mtimeSeconds(), stat.mtimeNanos());
  }
}
