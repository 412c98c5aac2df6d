package plyfs.union.index;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.layer.Layer;
import plyfs.layer.LayerRef;
import plyfs.layer.LayerStack;
import plyfs.layer.MountRefusedException;
import plyfs.layer.OverlayXattr;
import plyfs.layer.UpperLayer;
import plyfs.sys.ErrnoException;
import plyfs.sys.Loggers;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.union.mark.LinkMark;
import plyfs.union.mark.Origin;

/**
 * Checks an index at mount: it must belong to these layers. Entries that a crash left behind are
 * removed. A malformed entry makes the mount fail, because the file that it stands for would be
 * lost.
 *
 * @implNote Linux fs/overlayfs/super.c, ovl_get_indexdir; readdir.c, ovl_indexdir_cleanup; namei.c,
 *     ovl_verify_index
 */
public final class IndexCheck {
  private static final Logger LOG = Loggers.named("plyfs.union");

  private final LayerStack stack;
  private final UpperLayer upper;
  private final LayerRef directory;
  private final Origin origin;
  private final OverlayXattr marks;
  private final Stat stat = new Stat();
  private final Stat originStat = new Stat();

  IndexCheck(LayerStack stack, UpperLayer upper, LayerRef directory, Origin origin) {
    this.stack = stack;
    this.upper = upper;
    this.directory = directory;
    this.origin = origin;
    this.marks = stack.marks();
  }

  /**
   * Checks and cleans.
   *
   * @return the entries that count
   */
  List<Name> run() throws ErrnoException, MountRefusedException {
    requireHandles();
    requireOrSet(
        upper.root(),
        marks.origin(),
        origin.encode(stack.lowers().get(0).root()),
        "the upper directory belongs to another topmost lower directory");
    requireOrSet(
        directory,
        marks.upper(),
        origin.encodeUpper(upper),
        "the index in the workdir belongs to another upper directory");
    List<Name> names = new ArrayList<>();
    upper.list(directory, (name, type, ino) -> names.add(Name.of(name)));
    List<Name> good = new ArrayList<>();
    for (Name name : names) {
      if (isGood(name)) {
        good.add(name);
      } else {
        upper.unlink(directory, name);
      }
    }
    return good;
  }

  private void requireHandles() throws ErrnoException, MountRefusedException {
    for (Layer lower : stack.lowers()) {
      if (!origin.isReliable(lower)) {
        throw refused(
            "the file system of lower directory "
                + lower.index()
                + " (counted from the top) has no file handles, no UUID, or the UUID of another"
                + " file system: mount with index=off (EOPNOTSUPP)");
      }
    }
    if (origin.encodeUpper(upper).length == 0) {
      throw refused(
          "the file system of the upper directory has no file handles or no UUID: mount"
              + " with index=off (EOPNOTSUPP)");
    }
  }

  private void requireOrSet(LayerRef object, byte[] mark, byte[] expected, String otherwise)
      throws ErrnoException, MountRefusedException {
    byte[] value = upper.xattr(object, mark);
    if (value == null || value.length == 0) {
      upper.setXattr(object, mark, expected, 0);
    } else if (!Arrays.equals(value, expected)) {
      throw refused(otherwise + ": mount it with that one, or use index=off (ESTALE)");
    }
  }

  private static MountRefusedException refused(String why) {
    return new MountRefusedException("index=on: " + why);
  }

  /** Whether an entry stays; false if it is stale, or all names of its inode are gone. */
  private boolean isGood(Name name) throws ErrnoException, MountRefusedException {
    byte[] mark = decoded(name);
    if (mark == null || !Origin.isWellFormed(mark)) {
      throw refused("the index entry " + name + " is malformed (EINVAL)");
    }
    LayerRef entry = new LayerRef(directory, name);
    if (!upper.stat(entry, stat)) {
      return true; // changed from outside; nothing to remove
    }
    if (stat.isWhiteout() || stat.isDirectory()) {
      return true; // of a mount by the kernel with nfs_export
    }
    byte[] own = upper.xattr(entry, marks.origin());
    if (own == null || own.length == 0) {
      throw refused("the index entry " + name + " has no origin (ENODATA)");
    }
    if (!Arrays.equals(own, mark)) {
      LOG.log(Level.WARNING, "removed the stale index entry {0}", name);
      return false;
    }
    return stat.nlink() > 1 || hasNames(entry, name, mark);
  }

  /** Whether an entry that is the last name on disk has names in lower layers. */
  private boolean hasNames(LayerRef entry, Name name, byte[] mark)
      throws ErrnoException, MountRefusedException {
    boolean found = origin.find(mark, originStat) != null;
    if (found && originStat.type() != stat.type()) {
      throw refused("the index entry " + name + " has another file type than its origin (EIO)");
    }
    if (found
        && LinkMark.links(upper.xattr(entry, marks.nlink()), originStat.nlink(), stat.nlink(), 0)
            > 0
        && originStat.nlink() > 1) {
      return true;
    }
    LOG.log(Level.INFO, "removed the index entry {0}: all its names are deleted", name);
    return false;
  }

  private static byte @Nullable [] decoded(Name name) {
    String text = new String(name.bytes(), US_ASCII);
    try {
      return HexFormat.of().parseHex(text);
    } catch (IllegalArgumentException e) {
      return null; // no name of an entry
    }
  }
}
