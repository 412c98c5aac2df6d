package plyfs.copy;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Collection;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import plyfs.explore.ExploredLayers;
import plyfs.image.tar.TarEntry;
import plyfs.image.tar.TarMember;
import plyfs.image.tar.TarWriter;
import plyfs.image.tar.Timestamp;
import plyfs.layer.AufsNames;
import plyfs.layer.Layer;
import plyfs.layer.LayerRef;
import plyfs.layer.MountPlan;
import plyfs.layer.MountRefusedException;
import plyfs.layer.OverlayXattr;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.union.UnionFs;

/**
 * Writes what an upper directory changes as the tar of a layer: an object that the upper directory
 * has is written as the union shows it, a name that it takes away becomes {@code .wh.NAME}, and a
 * directory that it replaces gets {@code .wh..wh..opq}. Where the kernel's marks say more than a
 * layer can, the layer holds all that they mean: a renamed directory with everything in it, a
 * metacopy file with its data.
 *
 * <p>Two unions are walked in parallel, with and without the upper directory, and only where the
 * upper directory has entries; with an index, whose names may lie anywhere, all of it.
 *
 * @implNote OCI image specification, layer.md
 */
public final class LayerChanges {
  private final UnionFs after;
  private final UnionFs before;
  private final UnionReader reader;
  private final TarWriter tar;
  private final OverlayXattr marks;
  private final boolean aufs;
  private final boolean everywhere;
  private final Consumer<String> notices;
  private final Stat probe = new Stat();
  private boolean isEmpty = true;

  private LayerChanges(
      UnionFs after,
      UnionFs before,
      ExploredLayers layers,
      OutputStream out,
      Consumer<String> notices)
      throws ErrnoException {
    this.after = after;
    this.before = before;
    this.tar = new TarWriter(out);
    this.reader = new UnionReader(after, tar, notices);
    this.marks = layers.plan().marks();
    this.aufs = layers.aufs();
    this.everywhere = layers.plan().index();
    this.notices = notices;
  }

  /**
   * Writes the layer.
   *
   * @param layers those of a mount, with its upper directory; nothing in them is changed or locked
   * @param out best buffered; stays open
   * @param notices hears sentences about what could not be kept
   * @return whether there is any change; if not, the tar is an empty one
   * @throws MountRefusedException a layer cannot be opened
   * @throws ErrnoException a layer cannot be read
   * @throws IOException the tar cannot be written, or a name cannot be in a layer
   */
  public static boolean write(ExploredLayers layers, OutputStream out, Consumer<String> notices)
      throws IOException, ErrnoException, MountRefusedException {
    MountPlan plan = layers.plan();
    try (UnionFs after = layers.open();
        UnionFs before = layers.open(plan.readOnly(plan.lowers()))) {
      LayerChanges changes = new LayerChanges(after, before, layers, out, notices);
      changes.root();
      changes.tar.finish();
      return !changes.isEmpty;
    }
  }

  /** A directory that both unions have, or only the one with the upper layer. */
  private static final class Place {
    final @Nullable Place parent;
    final byte[] path;
    final UnionEntry now;

    /** The directory at the same path, if its entries show through; else null. */
    final @Nullable UnionEntry then;

    /** Its part in the upper layer, if no other name can be changed than it has; else null. */
    final @Nullable LayerRef inUpper;

    boolean isWritten;

    Place(
        @Nullable Place parent,
        byte[] path,
        UnionEntry now,
        @Nullable UnionEntry then,
        @Nullable LayerRef inUpper) {
      this.parent = parent;
      this.path = path;
      this.now = now;
      this.then = then;
      this.inUpper = inUpper;
    }
  }

  private void root() throws IOException, ErrnoException {
    UnionEntry now = UnionEntry.root(after);
    UnionEntry then = UnionEntry.root(before);
    Layer upper = reader.top(now).layer();
    Place root = new Place(null, new byte[0], now, then, everywhere ? null : upper.root());
    if (rootDiffers(now, then)) {
      writeDirectory(root);
    }
    walk(root);
  }

  /** The time of the root is that of the next mount's upper directory, and says nothing. */
  private boolean rootDiffers(UnionEntry now, UnionEntry then) throws ErrnoException {
    Stat one = now.stat();
    Stat other = then.stat();
    byte[] path = {'/'};
    UnionReader old = new UnionReader(before, tar, notices);
    return one.mode() != other.mode()
        || one.uid() != other.uid()
        || one.gid() != other.gid()
        || !equal(reader.xattrs(now, path), old.xattrs(then, path));
  }

  private static boolean equal(SortedMap<String, byte[]> some, SortedMap<String, byte[]> others) {
    return some.keySet().equals(others.keySet())
        && some.entrySet().stream()
            .allMatch(e -> Arrays.equals(e.getValue(), others.get(e.getKey())));
  }

  private void walk(Place directory) throws IOException, ErrnoException {
    for (Name name : candidates(directory)) {
      UnionEntry now = UnionEntry.lookup(after, directory.now, name);
      UnionEntry then = UnionEntry.lookup(before, directory.then, name);
      try {
        entry(directory, name, now, then);
      } finally {
        UnionEntry.forget(after, now);
        UnionEntry.forget(before, then);
      }
    }
  }

  /** Names below a directory that may be changed, sorted. */
  private Collection<Name> candidates(Place directory) throws ErrnoException {
    TreeSet<Name> names = new TreeSet<>();
    LayerRef part = directory.inUpper;
    if (part != null) {
      part.layer().list(part, (bytes, type, ino) -> names.add(shownName(bytes)));
      return names;
    }
    UnionNames.add(after, directory.now, names);
    if (directory.then != null) {
      UnionNames.add(before, directory.then, names);
    }
    return names;
  }

  /** The name that an entry of the upper layer means: a {@code .wh.} mark means another one. */
  private Name shownName(byte[] entry) {
    Name name = Name.of(entry);
    if (!aufs || !AufsNames.isMark(name)) {
      return name;
    }
    byte[] hidden = AufsNames.deletedBy(name);
    return Name.isComponent(hidden) ? Name.of(hidden) : name;
  }

  private void entry(
      Place directory, Name name, @Nullable UnionEntry now, @Nullable UnionEntry then)
      throws IOException, ErrnoException {
    byte[] path = Members.child(directory.path, name);
    if (now == null || now.stat().type() == Linux.S_IFSOCK) {
      if (now != null && isNew(now, then)) {
        reader.object(now, path); // tells that sockets are left out
      }
      if (then != null && (now == null || isNew(now, then))) {
        whiteout(directory, name, then.stat());
      }
    } else if (now.stat().isDirectory()) {
      inDirectory(directory, name, now, then);
    } else if (isNew(now, then)) {
      writeParents(directory);
      check(name, path);
      reader.object(now, path);
    }
  }

  /** Whether the upper layer has the object, or moved it here. */
  private boolean isNew(UnionEntry now, @Nullable UnionEntry then) throws ErrnoException {
    return then == null || reader.top(now).layer().index() == 0;
  }

  private void inDirectory(Place parent, Name name, UnionEntry now, @Nullable UnionEntry then)
      throws IOException, ErrnoException {
    boolean wasDirectory = then != null && then.stat().isDirectory();
    boolean isNew = isNew(now, then);
    LayerRef part = isNew && then != null ? reader.top(now) : null;
    boolean shows = wasDirectory && (part == null || showsBelow(part));
    Place place =
        new Place(
            parent,
            Members.child(parent.path, name),
            now,
            shows ? then : null,
            shows && !everywhere ? part : null);
    if (isNew) {
      check(name, place.path);
      writeDirectory(place);
      if (wasDirectory && !shows) {
        mark(Members.child(place.path, AufsNames.OPAQUE), now.stat());
      }
    }
    if (isNew || everywhere) {
      walk(place);
    }
  }

  /** Whether the lower directory at the same path shows through a directory of the upper layer. */
  private boolean showsBelow(LayerRef part) throws ErrnoException {
    byte[] opaque = part.layer().xattr(part, marks.opaque());
    boolean hides =
        opaque != null && OverlayXattr.isYes(opaque)
            || part.layer().xattr(part, marks.redirect()) != null
            || aufs && part.layer().stat(new LayerRef(part, AufsNames.OPAQUE), probe);
    return !hides;
  }

  private void writeParents(Place directory) throws IOException, ErrnoException {
    if (!directory.isWritten) {
      writeDirectory(directory);
    }
  }

  private void writeDirectory(Place directory) throws IOException, ErrnoException {
    if (directory.parent != null) {
      writeParents(directory.parent);
    }
    reader.object(directory.now, directory.path);
    directory.isWritten = true;
    isEmpty = false;
  }

  private void whiteout(Place directory, Name name, Stat hidden)
      throws IOException, ErrnoException {
    writeParents(directory);
    byte[] path = Members.child(directory.path, name);
    check(name, path);
    if (!AufsNames.hasMark(name)) {
      throw new IOException(
          "cannot put the deletion of '"
              + Name.printable(path)
              + "' into a layer: with '.wh.' its name is too long");
    }
    mark(Members.child(directory.path, AufsNames.markOf(name)), hidden);
  }

  /** An empty file with a meaning; it has the owner and time of what it stands for. */
  private void mark(byte[] path, Stat stat) throws IOException {
    tar.begin(
        new TarMember(
            TarEntry.FILE,
            path,
            new byte[0],
            0600,
            stat.uid() & 0xffffffffL,
            stat.gid() & 0xffffffffL,
            new Timestamp(stat.mtimeSeconds(), 0),
            0,
            0,
            0,
            new TreeMap<>()));
    tar.end();
    isEmpty = false;
  }

  private static void check(Name name, byte[] path) throws IOException {
    if (AufsNames.isMark(name)) {
      throw new IOException(
          "cannot put '"
              + Name.printable(path)
              + "' into a layer, where a name that begins with '.wh.' deletes another one: rename"
              + " or remove it");
    }
  }
}
