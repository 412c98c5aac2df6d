package plyfs.union.node;

import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.layer.Layer;
import plyfs.layer.LayerFile;
import plyfs.layer.LayerRef;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;
import plyfs.sys.Stat;

/**
 * Where the data of a regular file is whose topmost object holds attributes alone. In a lower layer
 * it is found by the lookup of the file; in a data-only layer it is searched for when it is first
 * needed, so that looking at the file costs nothing there.
 *
 * @implNote Linux fs/overlayfs/namei.c, ovl_lookup and ovl_lookup_data_layers
 */
public final class LowerData {
  private static final int UNIT_BYTES = 512;

  private final List<Layer> dataOnly;
  private final List<Name> path;
  private volatile @Nullable LayerRef found;

  private LowerData(@Nullable LayerRef found, List<Layer> dataOnly, List<Name> path) {
    this.found = found;
    this.dataOnly = dataOnly;
    this.path = path;
  }

  /** Data in a lower layer. */
  public static LowerData at(LayerRef file) {
    return new LowerData(file, List.of(), List.of());
  }

  /**
   * Data at a path from the roots of the data-only layers, in the topmost that has a regular file
   * there.
   */
  public static LowerData inDataOnly(List<Layer> layers, List<Name> path) {
    return new LowerData(null, layers, List.copyOf(path));
  }

  /**
   * The file with the data.
   *
   * @throws ErrnoException ENOENT if no data-only layer has it; EIO
   */
  public LayerRef file() throws ErrnoException {
    LayerRef known = found;
    if (known == null) {
      known = search();
      found = known; // a second search at the same time finds the same
    }
    return known;
  }

  /** The file with the data, or null while it was not searched for. */
  public @Nullable LayerRef fileIfFound() {
    return found;
  }

  /**
   * Opens the data for reading.
   *
   * @param top the object that holds the attributes: no more is seen than its size
   */
  LayerFile open(LayerRef top) throws ErrnoException {
    LayerRef data = file();
    LayerFile opened = data.layer().open(data);
    try {
      Stat stat = new Stat();
      opened.stat(stat);
      long size = stat.size();
      LayerFile file = opened;
      if (top.layer().stat(top, stat) && stat.size() < size) {
        file = new ClippedFile(opened, stat.size());
      }
      return file;
    } catch (Throwable e) {
      opened.close();
      throw e;
    }
  }

  private LayerRef search() throws ErrnoException {
    Stat stat = new Stat();
    for (Layer layer : dataOnly) {
      LayerRef at = layer.root();
      for (Name name : path) {
        at = new LayerRef(at, name);
      }
      if (layer.stat(at, stat) && stat.isRegular()) {
        return at;
      }
    }
    throw ErrnoException.of(Errno.ENOENT);
  }

  /**
   * Sets the number of blocks in the attributes to that of the data, or, if the data was not
   * searched for yet, to that of a file without holes.
   *
   * @param stat attributes of the topmost object
   */
  public void putBlocks(Stat stat, Stat scratch) throws ErrnoException {
    LayerRef file = found;
    if (file == null) {
      long block = Math.max(stat.blksize(), UNIT_BYTES);
      stat.setBlocks((stat.size() + block - 1) / block * (block / UNIT_BYTES));
    } else if (file.layer().stat(file, scratch)) {
      stat.setBlocks(scratch.blocks());
    }
  }

  /** Releases the resources held for the file. */
  void forget() {
    LayerRef file = found;
    if (file != null) {
      file.layer().forget(file);
    }
  }
}
