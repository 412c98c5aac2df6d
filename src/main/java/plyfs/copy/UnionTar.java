package plyfs.copy;

import java.io.IOException;
import java.io.OutputStream;
import java.util.function.Consumer;
import plyfs.explore.ExploredLayers;
import plyfs.image.tar.TarWriter;
import plyfs.layer.MountRefusedException;
import plyfs.sys.ErrnoException;
import plyfs.union.UnionFs;

/** Writes all that a mount of some layers shows as one tar, without mounting them. */
public final class UnionTar {
  private UnionTar() {}

  /**
   * Writes the tar. The same layers always give the same bytes.
   *
   * @param layers nothing in them is changed or locked
   * @param out best buffered; stays open
   * @param notices hears sentences about what could not be kept
   * @throws MountRefusedException a layer cannot be opened
   * @throws ErrnoException a layer cannot be read
   */
  public static void write(ExploredLayers layers, OutputStream out, Consumer<String> notices)
      throws IOException, ErrnoException, MountRefusedException {
    try (UnionFs union = layers.open()) {
      TarWriter tar = new TarWriter(out);
      new UnionReader(union, tar, notices).tree(UnionEntry.root(union), new byte[0]);
      tar.finish();
    }
  }
}
