package plyfs.union.lookup;

import org.jspecify.annotations.Nullable;
import plyfs.layer.AufsNames;
import plyfs.layer.LayerRef;
import plyfs.layer.OverlayXattr;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.union.api.UnionOptions;
import plyfs.union.mark.Metacopy;
import plyfs.union.mark.Redirect;

/** Reads the marks that a lookup heeds, as the options of the mount have them heeded. */
public final class LookupMarks {
  /** Bits in the order of {@link OverlayXattr#onLowerDirectory}. */
  static final int MAY_BE_OPAQUE = 1;

  static final int MAY_BE_REDIRECTED = 2;

  /** With it begins the name of a mark beside what it hides. */
  private final OverlayXattr marks;

  private final UnionOptions options;
  private final boolean userMarks;

  LookupMarks(OverlayXattr marks, UnionOptions options) {
    this.marks = marks;
    this.options = options;
    this.userMarks = marks == OverlayXattr.USER;
  }

  /** Whether a name is one of the marks that images use, which are neither shown nor made. */
  boolean isReserved(Name name) {
    return options.aufsMarks() && AufsNames.isMark(name);
  }

  /**
   * Which marks a directory of a lower layer may have, in one call: {@link #MAY_BE_OPAQUE}, {@link
   * #MAY_BE_REDIRECTED}.
   */
  int onLower(LayerRef directory) throws ErrnoException {
    int found = directory.layer().xattrsAmong(directory, marks.onLowerDirectory());
    if ((found & MAY_BE_OPAQUE) == 0) {
      directory.saysNoXattrWhiteouts();
    }
    return found;
  }

  /**
   * As {@link #isOpaque}, of a directory of a lower layer.
   *
   * @param found by {@link #onLower}
   */
  boolean isLowerOpaque(LayerRef directory, int found, Stat probe) throws ErrnoException {
    if ((found & MAY_BE_OPAQUE) != 0 && hasOpaqueAttribute(directory)) {
      return true;
    }
    return options.aufsMarks() && directory.layer().holds(directory, AufsNames.OPAQUE, probe);
  }

  /**
   * As {@link #redirectOf}, of a directory of a lower layer.
   *
   * @param found by {@link #onLower}
   */
  byte @Nullable [] redirectOfLower(LayerRef directory, int found) throws ErrnoException {
    return (found & MAY_BE_REDIRECTED) == 0 ? null : redirectOf(directory);
  }

  private boolean hasOpaqueAttribute(LayerRef directory) throws ErrnoException {
    byte[] value = directory.layer().xattr(directory, marks.opaque());
    return value != null && OverlayXattr.isYes(value);
  }

  /**
   * Whether a directory hides what lies below it. On the root of a layer the mark means nothing.
   */
  boolean isOpaque(LayerRef directory, Stat probe) throws ErrnoException {
    if (hasOpaqueAttribute(directory)) {
      return true;
    }
    return options.aufsMarks()
        && directory.layer().stat(new LayerRef(directory, AufsNames.OPAQUE), probe);
  }

  /** Whether a {@code .wh.} mark beside a name hides it in the layers below. */
  boolean isHiddenBelow(LayerRef parent, Name name, Stat probe) throws ErrnoException {
    if (!options.aufsMarks() || !AufsNames.hasMark(name)) {
      return false;
    }
    LayerRef mark = new LayerRef(parent, AufsNames.markOf(name));
    return mark.layer().stat(mark, probe);
  }

  /**
   * Whether an empty regular file is a whiteout by its attribute, as layers made without mknod have
   * it.
   */
  boolean isXattrWhiteout(LayerRef object, Stat stat) throws ErrnoException {
    return stat.isRegular()
        && stat.size() == 0
        && object.layer().xattr(object, marks.whiteout()) != null;
  }

  /** Whether a file's data is in a layer below; an empty one has none to look for. */
  boolean isMetacopy(LayerRef file, Stat stat) throws ErrnoException {
    // Almost no file has the mark, and listing the names allocates nothing.
    if (!stat.isRegular()
        || stat.size() == 0
        || file.layer().xattrsAmong(file, marks.onRegularFile()) == 0) {
      return false;
    }
    byte[] mark = file.layer().xattr(file, marks.metacopy());
    if (mark != null) {
      Metacopy.requireWellFormed(mark);
    }
    return mark != null;
  }

  /** The redirect mark of a directory, or null; EPERM where it may not be followed. */
  byte @Nullable [] redirectOf(LayerRef directory) throws ErrnoException {
    byte[] value = directory.layer().xattr(directory, marks.redirect());
    if (value == null) {
      return null;
    }
    // A user who can write a layer could set the mark in the user namespace and thus reach files
    // without permission.
    if (userMarks || !options.followRedirects()) {
      throw ErrnoException.of(Errno.EPERM);
    }
    Redirect.components(value);
    return value;
  }

  /** The redirect mark of a metacopy file, or null. */
  byte @Nullable [] redirectOfFile(LayerRef metacopy) throws ErrnoException {
    return metacopy.layer().xattr(metacopy, marks.redirect());
  }
}
