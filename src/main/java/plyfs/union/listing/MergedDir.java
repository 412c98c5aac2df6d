package plyfs.union.listing;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import plyfs.layer.AufsNames;
import plyfs.layer.Layer;
import plyfs.layer.LayerRef;
import plyfs.layer.OverlayXattr;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.union.api.UnionOptions;
import plyfs.union.lookup.Lookup;
import plyfs.union.node.Directory;
import plyfs.union.node.Listing;
import plyfs.union.node.LowerNames;
import plyfs.union.number.ShownNumbers;

/**
 * Listings of directories: the entries of all their layers, each name once, without whiteouts and
 * without what they hide.
 *
 * @implNote Linux fs/overlayfs/readdir.c, ovl_dir_read_merged; unlike there, whiteouts are left out
 *     of pure upper directories too (SEMANTICS 1.3h)
 */
public final class MergedDir {

  private final OverlayXattr marks;
  private final UnionOptions options;
  private final Lookup lookup;
  private final ShownNumbers shown;

  public MergedDir(OverlayXattr marks, UnionOptions options, Lookup lookup, ShownNumbers shown) {
    this.marks = marks;
    this.options = options;
    this.lookup = lookup;
    this.shown = shown;
  }

  /** All entries of a directory now, {@code .} and {@code ..} left out. */
  Listing list(Directory directory) throws ErrnoException {
    Listing listing = new Listing();
    visit(directory, listing);
    return listing;
  }

  /** Whether a directory shows no entry. */
  public boolean isEmpty(Directory directory) throws ErrnoException {
    try {
      visit(directory, null);
      return true;
    } catch (NotEmpty found) {
      return false;
    }
  }

  /** Ends a visit at the first entry. */
  private static final class NotEmpty extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotEmpty() {
      super(null, null, false, false);
    }
  }

  /** Adds every visible entry to a listing, or, without one, ends at the first. */
  private void visit(Directory directory, @Nullable Listing listing) throws ErrnoException {
    LayerRef upper = directory.upper();
    int parts = directory.lowers.length + (upper == null ? 0 : 1);
    @Nullable Set<Name> seen = parts > 1 ? new HashSet<>() : null;
    if (upper != null) {
      boolean tellsNumbers = listing != null;
      new Part(upper, seen, listing, true, tellsNumbers && (parts > 1 || isImpure(upper))).visit();
      parts--;
    }
    LowerNames.@Nullable Reading reading = readingOf(directory);
    for (LayerRef lower : directory.lowers) {
      parts--;
      Part part = new Part(lower, seen, listing, false, false);
      part.reading = reading;
      part.visit(parts > 0);
    }
    if (reading != null) {
      reading.end();
    }
  }

  private static LowerNames.@Nullable Reading readingOf(Directory directory) {
    return directory.lowers.length < LowerNames.MANY_PARTS
        ? null
        : directory.lowerNames().reading();
  }

  private boolean isImpure(LayerRef upper) throws ErrnoException {
    return upper.layer().xattr(upper, marks.impure()) != null;
  }

  /** The part of a directory that one layer holds. */
  private final class Part {
    private final LayerRef directory;
    private final Layer layer;
    private final @Nullable Set<Name> seen;
    private final @Nullable Listing listing;

    private final boolean isUpper;

    /** Whether an entry may have been copied up, so that its number is that of its origin. */
    private final boolean mayHaveOrigins;

    private final boolean mayHoldXattrWhiteouts;

    /** Names that this layer hides in those below, by marks beside them. */
    private final Set<Name> hiddenBelow = new HashSet<>();

    /** Is told the names of lower parts, if they are worth it. */
    private LowerNames.@Nullable Reading reading;

    /** Made when it is first needed, which is seldom. */
    private @Nullable Stat stat;

    Part(
        LayerRef directory,
        @Nullable Set<Name> seen,
        @Nullable Listing listing,
        boolean isUpper,
        boolean mayHaveOrigins)
        throws ErrnoException {
      this.directory = directory;
      this.layer = directory.layer();
      this.seen = seen;
      this.listing = listing;
      this.isUpper = isUpper;
      this.mayHaveOrigins = mayHaveOrigins;
      this.mayHoldXattrWhiteouts = directory.maySayXattrWhiteouts() && saysXattrWhiteouts();
    }

    private boolean saysXattrWhiteouts() throws ErrnoException {
      byte[] opaque = layer.xattr(directory, marks.opaque());
      return opaque != null && OverlayXattr.announcesXattrWhiteouts(opaque);
    }

    void visit() throws ErrnoException {
      visit(true);
    }

    /** Visits the entries; names have to be remembered only if a layer follows. */
    void visit(boolean remember) throws ErrnoException {
      layer.list(directory, (bytes, type, ino) -> entry(bytes, type, ino, remember));
      if (seen != null) {
        seen.addAll(hiddenBelow);
      }
    }

    private void entry(byte[] bytes, int type, long ino, boolean remember) throws ErrnoException {
      Name name = Name.of(bytes);
      if (reading != null) {
        reading.see(bytes, layer.index());
      }
      if (options.aufsMarks() && AufsNames.isMark(name)) {
        hideBelow(name);
        return;
      }
      if (seen != null && (remember ? !seen.add(name) : seen.contains(name))) {
        return; // a layer above has it, or hides it
      }
      if (isWhiteout(name, type)) {
        return;
      }
      if (listing == null) {
        throw new NotEmpty();
      }
      listing.add(bytes, type, mayHaveOrigins ? 0 : numberOf(ino), layer.index());
    }

    private long numberOf(long ino) {
      return isUpper ? shown.ofUpper(layer.device(), ino) : shown.ofLower(layer.device(), ino);
    }

    private void hideBelow(Name mark) {
      byte[] hidden = AufsNames.deletedBy(mark);
      if (Name.isComponent(hidden) && !AufsNames.isMark(Name.of(hidden))) {
        hiddenBelow.add(Name.of(hidden));
      }
    }

    private boolean isWhiteout(Name name, int type) throws ErrnoException {
      if (type != Linux.DT_CHR && (type != Linux.DT_REG || !mayHoldXattrWhiteouts)) {
        return false;
      }
      Stat attributes = stat == null ? new Stat() : stat;
      stat = attributes;
      LayerRef ref = new LayerRef(directory, name);
      try {
        return layer.stat(ref, attributes)
            && (attributes.isWhiteout() || lookup.isXattrWhiteout(ref, attributes));
      } catch (ErrnoException e) {
        if (listing == null || Errno.isShortage(e.errno())) {
          throw e;
        }
        return false; // its name is told, and who looks at it gets the error
      }
    }
  }
}
