package plyfs.layer;

import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;

/**
 * Tries in the workdir whether the upper file system can hold what a union writes: whiteouts and
 * marks.
 */
final class UpperAbilities {
  private UpperAbilities() {}

  static void check(UpperLayer upper, byte[] path, OverlayXattr marks)
      throws MountRefusedException {
    try {
      LayerRef directory = upper.prepareDirectory();
      try {
        tryMark(upper, directory, path, marks);
        tryWhiteout(upper, directory, path);
      } finally {
        upper.discard(directory);
      }
    } catch (ErrnoException e) {
      throw LayerStack.refused("upper directory", path, e);
    }
  }

  private static void tryMark(UpperLayer upper, LayerRef directory, byte[] path, OverlayXattr marks)
      throws MountRefusedException {
    try {
      upper.setXattr(directory, marks.opaque(), OverlayXattr.yes(), 0);
    } catch (ErrnoException e) {
      throw new MountRefusedException(
          "upper directory "
              + Name.printable(path)
              + ": its file system takes no extended attributes "
              + marks
              + ", which opaque directories need: "
              + Errno.describe(e.errno()));
    }
  }

  private static void tryWhiteout(UpperLayer upper, LayerRef directory, byte[] path)
      throws MountRefusedException {
    try {
      LayerRef moved = upper.prepareNode(Linux.S_IFIFO, 0);
      Name name = Name.of("from");
      upper.publish(moved, directory, name);
      upper.move(moved, directory, Name.of("to"), Linux.RENAME_WHITEOUT);
      upper.whiteout(directory, Name.of("whiteout"));
    } catch (ErrnoException e) {
      throw new MountRefusedException(
          "upper directory "
              + Name.printable(path)
              + ": its file system cannot hold whiteouts (character device 0:0): "
              + Errno.describe(e.errno()));
    }
  }
}
