package plyfs.union.copyup;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import plyfs.layer.LayerRef;
import plyfs.layer.OverlayXattr;
import plyfs.layer.UpperLayer;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Loggers;
import plyfs.sys.XattrSyscalls;
import plyfs.union.mark.XattrNames;

/** Takes the extended attributes along in a copy-up. */
public final class XattrCopy {
  private static final Logger LOG = Loggers.named("plyfs.union");

  private final OverlayXattr marks;

  public XattrCopy(OverlayXattr marks) {
    this.marks = marks;
  }

  /**
   * Copies what is not the overlay's own.
   *
   * @param withCapability whether file capabilities go along, too
   * @return false if there is nothing at all
   */
  public boolean copy(UpperLayer layer, LayerRef lower, LayerRef prepared, boolean withCapability)
      throws ErrnoException {
    byte[] names = lower.layer().xattrNames(lower);
    if (names.length == 0) {
      return false;
    }
    XattrSyscalls.forEachName(
        names,
        name -> {
          if (!isCopied(name) || !withCapability && XattrNames.isCapability(name)) {
            return;
          }
          byte[] value = lower.layer().xattr(lower, name);
          if (value == null) {
            return; // removed since it was listed
          }
          try {
            layer.setXattr(prepared, name, value, 0);
          } catch (ErrnoException e) {
            if (XattrNames.mustBeCopied(name) || e.errno() != Errno.EOPNOTSUPP) {
              throw e;
            }
            LOG.log(
                Level.WARNING,
                "copy-up: the upper file system does not accept the attribute {0}",
                XattrNames.printable(name));
          }
        });
    return true;
  }

  /** Whether an attribute goes along: not the overlay's own, nor what belongs to an inode. */
  public boolean isCopied(byte[] name) {
    return !marks.isPrivate(name) && !XattrNames.isBoundToInode(name);
  }
}
