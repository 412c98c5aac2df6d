package plyfs.explore;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import plyfs.layer.Layer;
import plyfs.layer.LayerRef;
import plyfs.layer.OverlayXattr;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;
import plyfs.sys.Stat;

/** All objects of one layer as they are on disk, without marks. */
final class LayerFiles {
  private final Layer layer;
  private final OverlayXattr marks;
  private final boolean aufs;
  private final LongConsumer progress;

  /** By path. */
  final Map<String, Stored> objects = new TreeMap<>();

  /** Size and first path of each regular file with content. */
  final Map<Inode, Stored> inodes = new HashMap<>();

  long bytes;

  /** Identifies an inode. */
  record Inode(long dev, long ino) {}

  /**
   * An object.
   *
   * @param bytes the bytes it occupies; 0 for a further hard link
   */
  record Stored(String path, boolean isDirectory, long bytes) {}

  private LayerFiles(Layer layer, OverlayXattr marks, boolean aufs, LongConsumer progress) {
    this.layer = layer;
    this.progress = progress;
    this.marks = marks;
    this.aufs = aufs;
  }

  /**
   * Reads a layer.
   *
   * @param progress receives the number of objects read so far
   */
  static LayerFiles read(Layer layer, OverlayXattr marks, boolean aufs, LongConsumer progress)
      throws ErrnoException {
    LayerFiles files = new LayerFiles(layer, marks, aufs, progress);
    progress.accept(0);
    files.walk(layer.root(), "");
    return files;
  }

  private void walk(LayerRef directory, String path) throws ErrnoException {
    TreeMap<Name, LayerRef> below = new TreeMap<>();
    Stat stat = new Stat();
    layer.list(
        directory,
        (bytes, type, ino) -> {
          Name name = Name.of(bytes);
          LayerRef child = new LayerRef(directory, name);
          if (isMark(name) || !layer.stat(child, stat) || stat.isWhiteout()) {
            return;
          }
          String at = path + "/" + latin1(bytes);
          add(child, at, stat);
          if (stat.isDirectory()) {
            below.put(name, child);
          }
        });
    for (Map.Entry<Name, LayerRef> each : below.entrySet()) {
      walk(each.getValue(), path + "/" + latin1(each.getKey().bytes()));
      layer.forget(each.getValue());
    }
  }

  private boolean isMark(Name name) {
    return aufs && name.startsWith(new byte[] {'.', 'w', 'h', '.'});
  }

  private void add(LayerRef object, String path, Stat stat) throws ErrnoException {
    long size = stat.isRegular() && !isWithoutData(object, stat) ? stat.size() : 0;
    Inode inode = new Inode(stat.dev(), stat.ino());
    if (size > 0 && inodes.containsKey(inode)) {
      size = 0;
    }
    Stored stored = new Stored(path, stat.isDirectory(), size);
    objects.put(path, stored);
    progress.accept(objects.size());
    if (size > 0) {
      inodes.put(inode, stored);
      bytes += size;
    }
  }

  /** Whether this is a metacopy file, whose data is below. */
  private boolean isWithoutData(LayerRef object, Stat stat) throws ErrnoException {
    return stat.size() > 0 && stat.blocks() == 0 && layer.xattr(object, marks.metacopy()) != null;
  }

  static String latin1(byte[] name) {
    return new String(name, java.nio.charset.StandardCharsets.ISO_8859_1);
  }
}
