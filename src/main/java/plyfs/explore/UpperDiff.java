package plyfs.explore;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import plyfs.layer.AufsNames;
import plyfs.layer.Layer;
import plyfs.layer.LayerRef;
import plyfs.layer.LayerStack;
import plyfs.layer.MountPlan;
import plyfs.layer.MountRefusedException;
import plyfs.layer.OverlayXattr;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.union.UnionFs;
import plyfs.union.api.UnionOptions;
import plyfs.union.inspect.Inspection;
import plyfs.union.inspect.Inspection.Sources;

/**
 * The changes that an upper directory makes to the layers below it. It walks two unions in
 * parallel, one with the upper directory and one without, and only where the upper directory has
 * entries.
 *
 * <p>An object is changed if its type, mode, owner, group, device number or capability differs, or,
 * unless it is a directory, its size, modification time or content. A directory that contains a
 * change is changed. Entries of a deleted directory are not reported; all entries of an added
 * directory are.
 *
 * @implNote the rules of {@code docker diff}, so that its users read the same lines; but it takes a
 *     file for unchanged if size and time of modification are the same
 */
public final class UpperDiff {
  private static final int DESCRIPTORS = 512;
  private static final byte[] CAPABILITY = "security.capability".getBytes(US_ASCII);
  private static final byte[] ROOT_PATH = {};
  private static final long ABSENT = 0;

  /** The kinds of change. */
  public enum Kind {
    /** The path is new. */
    ADDED('A'),
    /** The object differs, or the directory contains a change. */
    CHANGED('C'),
    /** The path no longer exists. */
    DELETED('D');

    private final char letter;

    Kind(char letter) {
      this.letter = letter;
    }

    /** The letter at the beginning of a line. */
    public char letter() {
      return letter;
    }
  }

  /** Receives the changes. */
  @FunctionalInterface
  public interface Lines {
    /**
     * One change.
     *
     * @param path from the root of the mount, with a leading slash
     */
    void line(Kind kind, byte[] path);

    /**
     * As the other, which it calls.
     *
     * @param bytes of a regular file, of a deleted one before; 0 for other types
     */
    default void line(Kind kind, byte[] path, long bytes) {
      line(kind, path);
    }
  }

  private record Line(Kind kind, byte[] path, long bytes) {}

  private final UnionFs before;
  private final UnionFs after;

  /** Null if it is not an upper layer that makes the difference. */
  private final @Nullable Layer upper;

  private final OverlayXattr marks;
  private final boolean aufs;
  private final ContentComparison content;
  private final Stat probe = new Stat();
  private final List<Line> lines = new ArrayList<>();

  private UpperDiff(
      UnionFs before, UnionFs after, @Nullable Layer upper, OverlayXattr marks, boolean aufs) {
    this.before = before;
    this.after = after;
    this.upper = upper;
    this.marks = marks;
    this.aufs = aufs;
    this.content = new ContentComparison(after, before);
  }

  /**
   * Compares two trees of any layers, such as those of two images.
   *
   * @param lines receives the changes from the first to the second
   * @throws MountRefusedException a layer cannot be opened
   * @throws ErrnoException a layer cannot be read
   */
  public static void compare(ExploredLayers before, ExploredLayers after, Lines lines)
      throws MountRefusedException, ErrnoException {
    try (UnionFs one = before.open();
        UnionFs other = after.open()) {
      new UpperDiff(one, other, null, after.plan().marks(), after.aufs()).run(null, lines);
    }
  }

  private void run(@Nullable LayerRef root, Lines to) throws ErrnoException {
    walk(new Place(ROOT_PATH, UnionFs.ROOT_ID, UnionFs.ROOT_ID, root, false));
    lines.forEach(line -> to.line(line.kind(), line.path(), line.bytes()));
  }

  /** How to treat {@code .wh.*} names in layers. */
  public enum Aufs {
    /** They are marks and never shown. */
    MARKS,
    /** They are ordinary names. */
    NAMES
  }

  /**
   * Compares.
   *
   * @param plan layers of a mount, including its upper directory; the comparison neither changes
   *     nor locks anything in them
   * @param lines receives the changes ordered by name, a directory before its entries
   * @throws MountRefusedException a layer cannot be opened
   * @throws ErrnoException a layer cannot be read
   */
  public static void compare(MountPlan plan, Aufs aufs, Lines lines)
      throws MountRefusedException, ErrnoException {
    byte[] upperPath = plan.upper();
    if (upperPath == null) {
      return;
    }
    ImmutableList<byte[]> allPaths =
        ImmutableList.<byte[]>builder().add(upperPath).addAll(plan.lowers()).build();
    UnionOptions options = options(plan.marks(), aufs);
    try (LayerStack below = LayerStack.open(plan.readOnly(plan.lowers()), DESCRIPTORS);
        LayerStack all = LayerStack.open(plan.readOnly(allPaths), DESCRIPTORS)) {
      Layer upper = all.lowers().get(0);
      compare(
          new UnionFs(below, options), new UnionFs(all, options), upper, all.marks(), aufs, lines);
    }
  }

  /**
   * As {@link #compare(MountPlan, Aufs, Lines)}, of layers that are open.
   *
   * @param before the union of the layers below, with {@link #options}
   * @param after the same with the upper layer
   */
  static void compare(
      UnionFs before, UnionFs after, Layer upper, OverlayXattr marks, Aufs aufs, Lines lines)
      throws ErrnoException {
    new UpperDiff(before, after, upper, marks, aufs == Aufs.MARKS).run(upper.root(), lines);
  }

  /** How the unions are read. */
  static UnionOptions options(OverlayXattr marks, Aufs aufs) {
    return UnionOptions.DEFAULT
        .withRedirects(false, true)
        .withAufsMarks(aufs == Aufs.MARKS)
        .withSync(false)
        .withMetacopy(marks == OverlayXattr.TRUSTED);
  }

  /**
   * A directory of the union that includes the upper layer.
   *
   * @param after its node in that union
   * @param before node of the directory at the same path in the union without the upper layer, or
   *     {@link #ABSENT}
   * @param inUpper its part in the upper layer; not null only if a name that this part lacks is
   *     certainly unchanged
   * @param listed whether the directory is already reported
   */
  private record Place(
      byte[] path, long after, long before, @Nullable LayerRef inUpper, boolean listed) {
    byte[] child(Name name) {
      byte[] joined = Arrays.copyOf(path, path.length + 1 + name.length());
      joined[path.length] = '/';
      System.arraycopy(name.bytes(), 0, joined, path.length + 1, name.length());
      return joined;
    }
  }

  private void walk(Place directory) throws ErrnoException {
    int first = lines.size();
    for (Name name : candidates(directory)) {
      compare(directory, name);
    }
    if (lines.size() > first && !directory.listed() && directory.path().length > 0) {
      lines.add(first, new Line(Kind.CHANGED, directory.path(), 0));
    }
  }

  /** Names below a directory that may be changed, sorted. */
  private Collection<Name> candidates(Place directory) throws ErrnoException {
    TreeSet<Name> names = new TreeSet<>();
    LayerRef inUpper = directory.inUpper();
    if (inUpper != null) {
      inUpper.layer().list(inUpper, (bytes, type, ino) -> names.add(shownName(bytes)));
      return names;
    }
    UnionListing.addNames(after, directory.after(), names);
    if (directory.before() != ABSENT) {
      UnionListing.addNames(before, directory.before(), names);
    }
    return names;
  }

  /**
   * The name that an entry of the upper layer affects: a {@code .wh.} mark affects another name.
   */
  private Name shownName(byte[] entry) {
    Name name = Name.of(entry);
    if (!aufs || !AufsNames.isMark(name)) {
      return name;
    }
    byte[] hidden = AufsNames.deletedBy(name);
    return Name.isComponent(hidden) ? Name.of(hidden) : name;
  }

  private void compare(Place parent, Name name) throws ErrnoException {
    UnionObject now = UnionObject.lookup(after, parent.after(), name);
    UnionObject then = UnionObject.lookup(before, parent.before(), name);
    try {
      byte[] path = parent.child(name);
      if (isSame(now, then)) {
        return;
      }
      if (now == null) {
        if (then != null) {
          lines.add(new Line(Kind.DELETED, path, bytes(then)));
        }
        return;
      }
      boolean listed = then == null || differ(now, then);
      if (listed) {
        lines.add(new Line(then == null ? Kind.ADDED : Kind.CHANGED, path, bytes(now)));
      }
      if (now.isDirectory()) {
        boolean merged = then != null && then.isDirectory();
        LayerRef inUpper = merged ? plainPart(parent.inUpper(), name) : null;
        long nodeBefore = then != null && merged ? then.node() : ABSENT;
        walk(new Place(path, now.node(), nodeBefore, inUpper, listed));
      }
    } finally {
      UnionObject.forget(after, now);
      UnionObject.forget(before, then);
    }
  }

  private static long bytes(UnionObject object) {
    return (object.mode() & Linux.S_IFMT) == Linux.S_IFREG ? object.size() : 0;
  }

  /**
   * Whether two trees have the very same objects of the same layers here, as those of two images
   * that share layers have, and so the same below.
   */
  private boolean isSame(@Nullable UnionObject now, @Nullable UnionObject then)
      throws ErrnoException {
    if (upper != null || now == null || then == null) {
      return false;
    }
    Sources some = after.inspection().sources(now.node());
    Sources others = before.inspection().sources(then.node());
    boolean same =
        some.parts().size() == others.parts().size()
            && some.data() == null
            && others.data() == null;
    Stat other = new Stat();
    for (int i = 0; same && i < some.parts().size(); i++) {
      same =
          Inspection.stat(some.parts().get(i), probe)
              && Inspection.stat(others.parts().get(i), other)
              && probe.ino() == other.ino()
              && probe.dev() == other.dev();
    }
    return same;
  }

  /**
   * The part of a directory in the upper layer, if it is merged with the lower directory at the
   * same path; otherwise null.
   */
  private @Nullable LayerRef plainPart(@Nullable LayerRef parent, Name name) throws ErrnoException {
    if (parent == null) {
      return null;
    }
    LayerRef part = new LayerRef(parent, name);
    byte[] opaque = part.layer().xattr(part, marks.opaque());
    boolean hidesBelow =
        opaque != null && OverlayXattr.isYes(opaque)
            || part.layer().xattr(part, marks.redirect()) != null
            || aufs && part.layer().stat(new LayerRef(part, AufsNames.OPAQUE), probe);
    return hidesBelow ? null : part;
  }

  private boolean differ(UnionObject now, UnionObject then) throws ErrnoException {
    return now.attributesDiffer(then)
        || !Arrays.equals(
            after.getXattr(now.node(), CAPABILITY), before.getXattr(then.node(), CAPABILITY))
        || content.differ(now, then);
  }
}
