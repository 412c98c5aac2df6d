package plyfs.image.tree;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Set;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Limit;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;

/**
 * What a layer hides of those below it. Noted while the layer is read and marked at its end,
 * because whiteouts never concern their own layer, wherever they stand.
 *
 * @implNote OCI image specification, layer.md. A directory that is both made and whited out in one
 *     layer becomes opaque. A whiteout makes no name appear that another of the same layer hides,
 *     whatever their order, as umoci has it
 */
final class HiddenNames {
  private final UnpackedTree tree;
  private final String label;
  private Set<EntryPath> opaque = new LinkedHashSet<>();
  private Set<EntryPath> whiteouts = new LinkedHashSet<>();

  HiddenNames(UnpackedTree tree, String label) {
    this.tree = tree;
    this.label = label;
  }

  /** Everything below a directory is hidden. */
  void addOpaque(EntryPath directory) throws BadImageException {
    opaque.add(directory);
    checkNumber();
  }

  /** One name is hidden. */
  void add(EntryPath path) throws BadImageException {
    whiteouts.add(path);
    checkNumber();
  }

  private void checkNumber() throws BadImageException {
    Limit.WHITEOUTS.check("the layer", (long) opaque.size() + whiteouts.size());
  }

  /** Whether the layer's root is opaque. */
  boolean hidesAllBelow() {
    return opaque.contains(EntryPath.ROOT);
  }

  /** Whether what the layers below have under a path is hidden, as far as is known. */
  boolean hides(EntryPath path) {
    return whiteouts.contains(path) || isHiddenWithAParent(path);
  }

  private boolean isHiddenWithAParent(EntryPath path) {
    for (EntryPath at = path; !at.isRoot(); ) {
      at = at.parent();
      if (opaque.contains(at) || whiteouts.contains(at)) {
        return true;
      }
    }
    return false;
  }

  /** Makes the marks that hide names of the layers below. */
  void mark(EntryResolver resolver) throws IOException, ErrnoException {
    followLinks(resolver);
    for (EntryPath path : whiteouts) {
      mark(path, () -> hide(path));
    }
    for (EntryPath path : opaque) {
      if (!path.isRoot() && !whiteouts.contains(path)) {
        mark(path, () -> hideInside(path));
      }
    }
  }

  private void followLinks(EntryResolver resolver) throws IOException, ErrnoException {
    Set<EntryPath> realWhiteouts = new LinkedHashSet<>();
    for (EntryPath path : whiteouts) {
      realWhiteouts.add(resolver.resolve(path));
    }
    Set<EntryPath> realOpaque = new LinkedHashSet<>();
    for (EntryPath path : opaque) {
      realOpaque.add(resolver.directory(path));
    }
    whiteouts = realWhiteouts;
    opaque = realOpaque;
  }

  /** Makes one mark. */
  @FunctionalInterface
  private interface Mark {
    void make() throws ErrnoException, BadImageException;
  }

  private void mark(EntryPath path, Mark mark) throws IOException {
    try {
      mark.make();
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EPERM && e.errno() != Errno.EOPNOTSUPP) {
        throw new IOException(label + ": cannot hide '" + path + "': " + e.getMessage(), e);
      }
      throw new IOException(
          label
              + ": the store's file system cannot hold the mark that hides '"
              + path
              + "' in lower layers, as an overlay cannot hold those of another: choose a store on"
              + " ext4, xfs or btrfs with --store ("
              + Errno.name(e.errno())
              + ")",
          e);
    }
  }

  private void hide(EntryPath path) throws ErrnoException, BadImageException {
    if (isHiddenFromAbove(path)) {
      return;
    }
    Fd parent = tree.directory(path.parent());
    byte[] name = path.name().bytes();
    int existing = tree.type(parent, name);
    if (existing == 0) {
      UnpackedTree.makeWhiteout(parent, name);
    } else if (existing == Linux.S_IFDIR) {
      tree.markOpaque(tree.directory(path));
    }
  }

  private void hideInside(EntryPath path) throws ErrnoException, BadImageException {
    if (!isHiddenFromAbove(path) && !tree.isFile(path)) {
      tree.markOpaque(tree.directory(path));
    }
  }

  /**
   * Whether nothing is left to hide there: a directory above it is hidden or opaque, or is a file
   * of this layer. Tools write both {@code .wh.a} and {@code a/.wh.b} for one {@code rm -r a}; and
   * a whiteout in an opaque directory would be listed by the kernel.
   */
  private boolean isHiddenFromAbove(EntryPath path) throws ErrnoException {
    return isHiddenWithAParent(path) || !path.parent().isRoot() && tree.isFile(path.parent());
  }
}
