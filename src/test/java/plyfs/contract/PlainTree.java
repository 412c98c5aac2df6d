package plyfs.contract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Stat;

/**
 * The reference for what is POSIX: the layers merged once into one ordinary directory tree, which a
 * bind mount then shows. It stays what it is over a remount.
 */
final class PlainTree implements UnionMounter {
  private static final String OPAQUE = "trusted.overlay.opaque";

  @Override
  public String kind() {
    return "a plain directory tree";
  }

  @Override
  public Set<Promise> promises() {
    return EnumSet.of(
        Promise.DIRECTORIES_MOVE,
        Promise.OLD_MAPPINGS_SEE_WRITES,
        Promise.UNLINKED_LOWER_CAN_CHANGE,
        Promise.REPLACED_DIRECTORY_HAS_NO_LINKS,
        Promise.NO_NEEDLESS_COPY_UP,
        Promise.WHITEOUTS_NEVER_LISTED,
        Promise.ONE_LOWER_ALONE);
  }

  /** Hard links are together here, and data is where its attributes are. */
  @Override
  public boolean isAlwaysSo(String option) {
    return option.equals("index=on") || option.equals("metacopy=on");
  }

  @Override
  public void mount(Directories directories, List<String> options) throws IOException {
    Path merged = Path.of(directories.mountPoint() + "-merged");
    if (!Files.exists(merged)) {
      Files.createDirectory(merged);
      List<String> layers = new ArrayList<>(directories.lowers());
      Collections.reverse(layers);
      if (directories.upper() != null) {
        layers.add(directories.upper());
      }
      for (String layer : layers) {
        lay(new DiskTree(layer), new DiskTree(merged.toString()));
      }
    }
    UnionMounter.run(List.of("mount", "--bind", merged.toString(), directories.mountPoint()));
    if (directories.upper() == null) {
      UnionMounter.run(List.of("mount", "-o", "remount,bind,ro", directories.mountPoint()));
    }
  }

  @Override
  public void unmount(String mountPoint) throws IOException {
    UnionMounter.run(List.of("umount", mountPoint));
  }

  private static void lay(DiskTree layer, DiskTree merged) throws IOException {
    try {
      removeHidden(layer, "", merged);
      UnionMounter.run(List.of("cp", "-a", "--", layer.root() + "/.", merged.root() + "/"));
      removeMarks(layer, "", merged);
    } catch (ErrnoException e) {
      throw new IOException(e);
    }
  }

  /** Takes away what a layer replaces or hides in those below. */
  private static void removeHidden(DiskTree layer, String directory, DiskTree merged)
      throws ErrnoException {
    for (String name : layer.list(directory)) {
      String path = directory.isEmpty() ? name : directory + "/" + name;
      if (!merged.exists(path)) {
        continue;
      }
      boolean merges = layer.stat(path).isDirectory() && merged.stat(path).isDirectory();
      if (merges && !"y".equals(layer.xattr(path, OPAQUE))) {
        removeHidden(layer, path, merged);
      } else {
        merged.removeAll(path);
      }
    }
  }

  /** Takes away the marks that have been copied; directories keep the times of the layer. */
  private static void removeMarks(DiskTree layer, String directory, DiskTree merged)
      throws ErrnoException {
    for (String name : layer.list(directory)) {
      String path = directory.isEmpty() ? name : directory + "/" + name;
      Stat stat = layer.stat(path);
      if (stat.isDirectory()) {
        removeMarks(layer, path, merged);
      } else if (stat.isWhiteout()) {
        merged.unlink(path);
      }
    }
    if (merged.xattr(directory, OPAQUE) != null) {
      merged.removeXattr(directory, OPAQUE);
    }
    Stat stat = layer.stat(directory);
    merged.utimens(directory, 0, Linux.UTIME_OMIT, stat.mtimeSeconds(), stat.mtimeNanos());
  }
}
