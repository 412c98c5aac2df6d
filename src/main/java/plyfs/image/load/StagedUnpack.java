package plyfs.image.load;

import java.io.IOException;
import java.io.InputStream;
import plyfs.image.disk.StoreFiles;
import plyfs.image.store.StagedLayer;
import plyfs.image.tar.LayerTarReader;
import plyfs.image.tree.LayerRecording;
import plyfs.image.tree.LayerUnpacker;
import plyfs.image.tree.LowerTree;
import plyfs.image.tree.UnpackRules;
import plyfs.image.tree.UnpackedTree;
import plyfs.layer.OverlayXattr;
import plyfs.sys.Errno;
import plyfs.sys.Fd;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;

/** Unpacks the tar of a layer into its place in a load, and records it. */
final class StagedUnpack {
  private StagedUnpack() {}

  /**
   * Unpacks it.
   *
   * @param tar is read to its end; stays the caller's to close
   * @param below the layers below
   * @param label how messages call the layer
   */
  static LayerUnpacker.Result run(
      InputStream tar,
      StagedLayer into,
      LowerTree.Directories below,
      String label,
      UnpackRules rules)
      throws IOException {
    try (Fd diff = StoreFiles.openDirectory(into.diff());
        Fd linkStore = StoreFiles.openDirectory(into.linkStore());
        UnpackedTree tree = new UnpackedTree(diff, marksOf(linkStore));
        LowerTree lower = new LowerTree(below);
        LayerRecording recording =
            new LayerRecording(tar, diff, into.tarSplit(), into.replaced())) {
      LayerUnpacker.Result unpacked =
          new LayerUnpacker(tree, lower, linkStore, label, recording, rules)
              .unpack(new LayerTarReader(recording.tar()));
      recording.complete();
      return unpacked;
    }
  }

  /** Root's namespace of marks where it can be written, else that of users. */
  private static OverlayXattr marksOf(Fd directory) throws IOException {
    byte[] name = OverlayXattr.TRUSTED.opaque();
    int set = XattrSyscalls.set(directory, Syscalls.SELF, name, new byte[] {'y'}, 0);
    if (set >= 0) {
      return OverlayXattr.TRUSTED;
    }
    if (set == -Errno.EPERM || set == -Errno.EOPNOTSUPP) {
      return OverlayXattr.USER;
    }
    throw new IOException("cannot set extended attributes in the store: " + Errno.describe(-set));
  }
}
