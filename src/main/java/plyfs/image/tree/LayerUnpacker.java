package plyfs.image.tree;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Limit;
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
 * character device 0:0, {@code .wh..wh..opq} the mark of an opaque directory: {@link HiddenNames}.
 *
 * <p>A later entry replaces an earlier one with the same path, as Docker does. Paths begin at the
 * root of the layers, and links on the way are followed inside it: {@link EntryResolver}. What
 * would lead out is refused. The layers below are read where this one names what only they have:
 * {@link LowerObjects}.
 *
 * @implNote {@code .wh..wh.plnk/} is AUFS's store of hard links: kept aside as link targets; its
 *     other {@code .wh..wh.*} names mean nothing. A device node that this user may not make is left
 *     out, as Docker and podman do it in a user namespace; umoci makes an empty file of it, which
 *     would take what programs write to a device
 */
public final class LayerUnpacker {
  private final Fd linkStore;
  private final UnpackedTree tree;
  private final String label;
  private final LayerRecording recording;
  private final EntryAttributes attributes = new EntryAttributes();
  private final FileContent content = new FileContent();
  private final HiddenNames hidden;
  private final EntryResolver resolver;
  private final LowerObjects below;
  private final Set<EntryPath> leftOut = new HashSet<>();
  private final UnpackRules rules;
  private long bytes;
  private long entries;

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
   * @param lower the layers below
   * @param linkStore an empty directory beside the layer, for AUFS's hard links
   * @param label how messages call the layer
   * @param recording records the tar; what is unpacked is read through it
   */
  public LayerUnpacker(
      UnpackedTree tree, LowerTree lower, Fd linkStore, String label, LayerRecording recording) {
    this(tree, lower, linkStore, label, recording, UnpackRules.ALL);
  }

  /**
   * As the other one.
   *
   * @param rules what the layer may bring
   */
  public LayerUnpacker(
      UnpackedTree tree,
      LowerTree lower,
      Fd linkStore,
      String label,
      LayerRecording recording,
      UnpackRules rules) {
    this.rules = rules;
    this.tree = tree;
    this.linkStore = linkStore;
    this.label = label;
    this.recording = recording;
    this.hidden = new HiddenNames(tree, label);
    this.resolver = new EntryResolver(tree, lower, hidden);
    this.below = new LowerObjects(tree, lower, hidden, attributes, content);
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
      hidden.mark(resolver);
      below.describeDirectories();
      tree.finish();
    } catch (BadImageException e) {
      throw new BadImageException(where(entry) + e.getMessage(), e);
    } catch (ErrnoException e) {
      throw new IOException(where(entry) + "cannot be unpacked: " + e.getMessage(), e);
    }
    return new Result(bytes, hidden.hidesAllBelow(), attributes.notices(label));
  }

  private String where(@Nullable TarEntry entry) {
    return entry == null ? label + ": " : label + ", entry '" + entry + "': ";
  }

  private void place(LayerTarReader tar, TarEntry entry) throws IOException, ErrnoException {
    EntryPath path = EntryPath.parse(entry.unsafePath);
    rules.limits().checkEntries("the layer", ++entries);
    rules.limits().checkDepth("the entry", path.names().size());
    rules.check(entry);
    if (path.isRoot()) {
      if (!entry.isDirectory()) {
        throw new BadImageException("the root of a layer can only be a directory");
      }
      finishDirectory(tree.directory(path), path, entry);
    } else if (!isMark(tar, path, entry)) {
      create(tar, resolver.resolve(path), entry);
    }
  }

  /** Notes a whiteout or opaque directory, or passes over AUFS's own files. */
  private boolean isMark(LayerTarReader tar, EntryPath path, TarEntry entry)
      throws IOException, ErrnoException {
    Name name = path.name();
    if (name.equals(AufsNames.OPAQUE)) {
      hidden.addOpaque(path.parent());
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
    byte[] deleted = AufsNames.deletedBy(name);
    if (!Name.isComponent(deleted)) {
      throw new BadImageException("the whiteout hides no name");
    }
    hidden.add(path.sibling(Name.of(deleted)));
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
        resolver.forget();
      } else {
        EntryAttributes.clearXattrs(parent, name);
      }
      try (Fd made =
          Fd.openat(parent, name, Linux.O_PATH | Linux.O_DIRECTORY | Linux.O_NOFOLLOW, 0)) {
        finishDirectory(made, path, entry);
      }
      return;
    }
    leftOut.remove(path);
    EntryPath linked = entry.type == TarEntry.HARD_LINK ? linkedPath(entry, path) : path;
    if (leftOut.contains(linked)) {
      tree.replace(tree.directory(path.parent()), path, recording);
      leaveOut(path);
      return;
    }
    Fd target = entry.type == TarEntry.HARD_LINK ? linkTarget(entry, linked) : null;
    try {
      // The target may have been opened in between.
      parent = tree.directory(path.parent());
      if (existing != 0) {
        tree.replace(parent, path, recording);
      }
      switch (entry.type) {
        case TarEntry.FILE -> {
          recording.contentGoesTo(parent, name, entry, tar.position(), attributes.isPrivileged());
          writeFile(tar, parent, name, entry);
        }
        case TarEntry.HARD_LINK -> link(target, entry, parent, name);
        default -> makeSpecial(parent, path, entry);
      }
    } finally {
      if (target != null) {
        target.close();
      }
      if (existing != 0 || entry.type != TarEntry.FILE) {
        resolver.forget();
      }
    }
  }

  private void leaveOut(EntryPath path) throws BadImageException {
    attributes.leaveOutDevice();
    leftOut.add(path);
    Limit.DEVICES_LEFT_OUT.check("the layer", leftOut.size());
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

  /** Where the target of a hard link lies. */
  private EntryPath linkedPath(TarEntry entry, EntryPath path) throws IOException, ErrnoException {
    try {
      EntryPath target = EntryPath.parse(entry.unsafeTarget);
      EntryPath real = isStored(target) ? target : resolver.resolve(target);
      if (real.isRoot() || real.equals(path)) {
        throw new BadImageException("that cannot be linked to");
      }
      return real;
    } catch (BadImageException e) {
      throw new BadImageException(linkTo(entry) + ": " + e.getMessage(), e);
    }
  }

  private static boolean isStored(EntryPath target) {
    return target.names().size() == 2 && target.names().get(0).equals(AufsNames.LINK_STORE);
  }

  private static String linkTo(TarEntry entry) {
    return "hard link to '" + Name.printable(entry.unsafeTarget) + "'";
  }

  /**
   * The object that a hard link names, opened before the link's own name is made free. One that
   * only the layers below have is copied into this layer first.
   */
  private Fd linkTarget(TarEntry entry, EntryPath target) throws IOException, ErrnoException {
    byte[] name = target.name().bytes();
    try {
      if (isStored(target)) {
        return Fd.openat(linkStore, name, Linux.O_PATH | Linux.O_NOFOLLOW, 0);
      }
      int type = tree.type(target);
      if (type == Linux.S_IFDIR) {
        throw new BadImageException("that is a directory");
      }
      if (type == 0) {
        long copied = below.copyUp(target);
        if (copied < 0) {
          throw new BadImageException("it is neither in this layer nor in those below");
        }
        bytes += copied;
      }
      Fd directory = tree.directory(target.parent());
      return Fd.openat(directory, name, Linux.O_PATH | Linux.O_NOFOLLOW, 0);
    } catch (BadImageException e) {
      throw new BadImageException(linkTo(entry) + ": " + e.getMessage(), e);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOENT) {
        throw new BadImageException(linkTo(entry) + ", which is not in this layer", e);
      }
      throw e;
    }
  }

  private static void link(@Nullable Fd target, TarEntry entry, Fd parent, byte[] name)
      throws ErrnoException, BadImageException {
    if (target == null) {
      throw new BadImageException(linkTo(entry));
    }
    ErrnoException.check(Syscalls.linkat(target, Syscalls.SELF, parent, name));
  }

  private void makeSpecial(Fd parent, EntryPath path, TarEntry entry)
      throws ErrnoException, BadImageException {
    byte[] name = path.name().bytes();
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
    boolean isDevice =
        entry.type == TarEntry.CHARACTER_DEVICE || entry.type == TarEntry.BLOCK_DEVICE;
    if (isDevice && result == -Errno.EPERM) {
      leaveOut(path);
      return;
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
}
