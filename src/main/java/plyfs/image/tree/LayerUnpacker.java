package plyfs.image.tree;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.BadImageException;
import plyfs.image.tar.LayerTarReader;
import plyfs.image.tar.TarEntry;
import plyfs.layer.AufsNames;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Syscalls;
import plyfs.sys.TreeRemover;

/**
 * Unpacks the tar of one layer into a directory in overlay form: {@code .wh.NAME} becomes a
 * character device 0:0, {@code .wh..wh..opq} the mark of an opaque directory. Both are applied at
 * the end, because they concern the layers below and never their own, wherever they stand.
 *
 * <p>A later entry replaces an earlier one with the same path, as Docker does. What names absolute
 * paths, {@code ..}, or anything reached through a symbolic link is refused.
 *
 * @implNote OCI image specification, layer.md. {@code .wh..wh.plnk/} is AUFS's store of hard links:
 *     kept aside as link targets; its other {@code .wh..wh.*} names mean nothing. A directory that
 *     is both made and whited out in one layer becomes opaque. A whiteout makes no name appear that
 *     another of the same layer hides, whatever their order, as umoci has it
 */
public final class LayerUnpacker {
  private final Fd linkStore;
  private final UnpackedTree tree;
  private final String label;
  private final LayerRecording recording;
  private final EntryAttributes attributes = new EntryAttributes();
  private final FileContent content = new FileContent();
  private final Set<EntryPath> opaque = new LinkedHashSet<>();
  private final Set<EntryPath> whiteouts = new LinkedHashSet<>();
  private long bytes;

  /**
   * What came of it.
   *
   * @param bytes size of all files
   * @param hidesAllBelow whether the layer's root is opaque, which no mark on disk can say
   * @param notices sentences about what could not be kept
   */
  public record Result(long bytes, boolean hidesAllBelow, List<String> notices) {}

  /**
   * Prepares for one layer.
   *
   * @param linkStore an empty directory beside the layer, for AUFS's hard links
   * @param label how messages call the layer
   * @param recording records the tar; what is unpacked is read through it
   */
  public LayerUnpacker(UnpackedTree tree, Fd linkStore, String label, LayerRecording recording) {
    this.tree = tree;
    this.linkStore = linkStore;
    this.label = label;
    this.recording = recording;
  }

  /**
   * Unpacks all entries.
   *
   * @throws BadImageException if an entry cannot be unpacked safely, or the tar is malformed
   */
  public Result unpack(LayerTarReader tar) throws IOException {
    TarEntry entry = null;
    try {
      while ((entry = tar.next()) != null) {
        place(tar, entry);
        // What fails next is not this entry's fault.
        entry = null;
      }
      hideBelow();
      tree.finish();
    } catch (BadImageException e) {
      throw new BadImageException(where(entry) + e.getMessage(), e);
    } catch (ErrnoException e) {
      throw new IOException(where(entry) + "cannot be unpacked: " + e.getMessage(), e);
    }
    return new Result(bytes, opaque.contains(EntryPath.ROOT), attributes.notices(label));
  }

  private String where(@Nullable TarEntry entry) {
    return entry == null ? label + ": " : label + ", entry '" + entry + "': ";
  }

  private void place(LayerTarReader tar, TarEntry entry) throws IOException, ErrnoException {
    EntryPath path = EntryPath.parse(entry.unsafePath);
    if (path.isRoot()) {
      if (!entry.isDirectory()) {
        throw new BadImageException("the root of a layer can only be a directory");
      }
      finishDirectory(tree.directory(path), path, entry);
    } else if (!isMark(tar, path, entry)) {
      create(tar, path, entry);
    }
  }

  /** Notes a whiteout or opaque directory, or passes over AUFS's own files. */
  private boolean isMark(LayerTarReader tar, EntryPath path, TarEntry entry)
      throws IOException, ErrnoException {
    Name name = path.name();
    if (name.equals(AufsNames.OPAQUE)) {
      opaque.add(path.parent());
      return true;
    }
    if (path.names().stream().anyMatch(AufsNames::isMeta)) {
      keepLinkTarget(tar, path, entry);
      return true;
    }
    for (Name component : path.parent().names()) {
      if (AufsNames.isMark(component)) {
        throw new BadImageException("it lies below the whiteout '" + component + "'");
      }
    }
    if (!AufsNames.isMark(name)) {
      return false;
    }
    byte[] hidden = AufsNames.deletedBy(name);
    if (!Name.isComponent(hidden)) {
      throw new BadImageException("the whiteout hides no name");
    }
    whiteouts.add(path.sibling(Name.of(hidden)));
    return true;
  }

  private void keepLinkTarget(LayerTarReader tar, EntryPath path, TarEntry entry)
      throws IOException, ErrnoException {
    boolean isTarget =
        path.names().size() == 2
            && path.names().get(0).equals(AufsNames.LINK_STORE)
            && entry.type == TarEntry.FILE;
    if (isTarget) {
      TreeRemover.remove(linkStore, path.name().bytes());
      writeFile(tar, linkStore, path.name().bytes(), entry);
    }
  }

  private void create(LayerTarReader tar, EntryPath path, TarEntry entry)
      throws IOException, ErrnoException {
    Fd parent = tree.directory(path.parent());
    byte[] name = path.name().bytes();
    int existing = tree.type(parent, name);
    if (entry.isDirectory()) {
      if (existing != Linux.S_IFDIR) {
        tree.replace(parent, path, recording);
        UnpackedTree.makeDirectory(parent, name);
      } else {
        EntryAttributes.clearXattrs(parent, name);
      }
      try (Fd made =
          Fd.openat(parent, name, Linux.O_PATH | Linux.O_DIRECTORY | Linux.O_NOFOLLOW, 0)) {
        finishDirectory(made, path, entry);
      }
      return;
    }
    Fd target = entry.type == TarEntry.HARD_LINK ? linkTarget(entry, path) : null;
    try {
      if (existing != 0) {
        tree.replace(parent, path, recording);
      }
      switch (entry.type) {
        case TarEntry.FILE -> {
          recording.contentGoesTo(parent, name, entry, tar.position(), attributes.isPrivileged());
          writeFile(tar, parent, name, entry);
        }
        case TarEntry.HARD_LINK -> link(target, entry, parent, name);
        default -> makeSpecial(parent, name, entry);
      }
    } finally {
      if (target != null) {
        target.close();
      }
    }
  }

  private void finishDirectory(Fd made, EntryPath path, TarEntry entry)
      throws ErrnoException, BadImageException {
    attributes.apply(made, Syscalls.SELF, entry);
    tree.finishLater(
        path,
        attributes.isPrivileged() ? -1 : entry.mode,
        EntryAttributes.atime(entry),
        entry.mtime);
  }

  private void writeFile(LayerTarReader tar, Fd parent, byte[] name, TarEntry entry)
      throws IOException, ErrnoException {
    int flags = Linux.O_WRONLY | Linux.O_CREAT | Linux.O_EXCL | Linux.O_NOFOLLOW;
    try (Fd file = Fd.openat(parent, name, flags, 0600)) {
      content.copy(tar, entry, file);
      attributes.apply(file, Syscalls.SELF, entry);
      EntryAttributes.applyTimes(file, Syscalls.SELF, entry);
    }
    bytes += entry.size;
  }

  /** The object that a hard link names, opened before the link's own name is made free. */
  private Fd linkTarget(TarEntry entry, EntryPath path) throws ErrnoException, BadImageException {
    String shown = "'" + Name.printable(entry.unsafeTarget) + "'";
    try {
      EntryPath target = EntryPath.parse(entry.unsafeTarget);
      if (target.isRoot() || target.equals(path)) {
        throw new BadImageException("that cannot be linked to");
      }
      boolean stored =
          target.names().get(0).equals(AufsNames.LINK_STORE) && target.names().size() == 2;
      try (Fd directory =
          stored
              ? Fd.openat(linkStore, new byte[] {'.'}, Linux.O_PATH | Linux.O_DIRECTORY, 0)
              : tree.existingDirectory(target.parent())) {
        if (tree.type(directory, target.name().bytes()) == Linux.S_IFDIR) {
          throw new BadImageException("that is a directory");
        }
        return Fd.openat(directory, target.name().bytes(), Linux.O_PATH | Linux.O_NOFOLLOW, 0);
      }
    } catch (BadImageException e) {
      throw new BadImageException("hard link to " + shown + ": " + e.getMessage(), e);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOENT) {
        throw new BadImageException("hard link to " + shown + ", which is not in this layer", e);
      }
      throw e;
    }
  }

  private static void link(@Nullable Fd target, TarEntry entry, Fd parent, byte[] name)
      throws ErrnoException, BadImageException {
    if (target == null) {
      throw new BadImageException("hard link to '" + Name.printable(entry.unsafeTarget) + "'");
    }
    ErrnoException.check(Syscalls.linkat(target, Syscalls.SELF, parent, name));
  }

  private void makeSpecial(Fd parent, byte[] name, TarEntry entry)
      throws ErrnoException, BadImageException {
    int result =
        switch (entry.type) {
          case TarEntry.SYMLINK -> symlink(parent, name, entry);
          case TarEntry.FIFO -> Syscalls.mknodat(parent, name, Linux.S_IFIFO, 0);
          case TarEntry.CHARACTER_DEVICE ->
              Syscalls.mknodat(parent, name, Linux.S_IFCHR, deviceNumber(entry));
          case TarEntry.BLOCK_DEVICE ->
              Syscalls.mknodat(parent, name, Linux.S_IFBLK, deviceNumber(entry));
          default ->
              throw new BadImageException("its type '" + entry.type + "' cannot be unpacked");
        };
    if (result == -Errno.EPERM && !attributes.isPrivileged()) {
      throw new BadImageException("only root can unpack a device node");
    }
    ErrnoException.check(result);
    attributes.apply(parent, name, entry);
    EntryAttributes.applyTimes(parent, name, entry);
  }

  private static int symlink(Fd parent, byte[] name, TarEntry entry) throws BadImageException {
    byte[] target = entry.unsafeTarget;
    for (byte b : target) {
      if (b == 0) {
        throw new BadImageException("the target of the symbolic link contains a NUL");
      }
    }
    if (target.length == 0) {
      throw new BadImageException("the symbolic link has no target");
    }
    return Syscalls.symlinkat(target, parent, name);
  }

  private static int deviceNumber(TarEntry entry) throws BadImageException {
    if (entry.major < 0 || entry.major > 0xfff || entry.minor < 0 || entry.minor > 0xfffff) {
      throw new BadImageException(
          "device number " + entry.major + ":" + entry.minor + " is larger than Linux allows");
    }
    if (entry.type == TarEntry.CHARACTER_DEVICE && entry.major == 0 && entry.minor == 0) {
      throw new BadImageException(
          "a character device 0:0 would hide a file of the layers below: only '.wh.' may do that");
    }
    return Linux.device((int) entry.major, (int) entry.minor);
  }

  /** Makes the marks that hide names of the layers below. */
  private void hideBelow() throws IOException {
    for (EntryPath path : whiteouts) {
      mark(path, () -> hide(path));
    }
    for (EntryPath path : opaque) {
      if (!path.isRoot() && !whiteouts.contains(path)) {
        mark(path, () -> hideInside(path));
      }
    }
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
    for (EntryPath at = path; !at.isRoot(); ) {
      at = at.parent();
      if (opaque.contains(at) || whiteouts.contains(at)) {
        return true;
      }
    }
    return !path.parent().isRoot() && tree.isFile(path.parent());
  }
}
