package plyfs.image.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.image.disk.StoreDisk;
import plyfs.image.disk.StoreFiles;
import plyfs.image.model.Digest;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Syscalls;

/**
 * A layer that is being built, or is complete but not yet in its place.
 *
 * @param disk makes the files
 * @param base directory that holds all of it
 * @param bytes size of its files, once complete
 * @param lower links of the layers below, topmost first, once complete
 */
public record StagedLayer(StoreDisk disk, Path base, long bytes, List<String> lower) {
  private static final int ROOT_MODE = 0755;

  static StagedLayer create(StoreDisk disk, Path base) throws IOException {
    StagedLayer layer = new StagedLayer(disk, base, 0, List.of());
    disk.makeDirectories(layer.diff());
    setRootMode(layer.diff());
    disk.makeDirectories(layer.linkStore());
    disk.makeDirectories(layer.replaced());
    disk.makeDirectories(layer.record());
    return layer;
  }

  /** A tar need not name its root, whose mode must not depend on the umask of the process. */
  private static void setRootMode(Path diff) throws IOException {
    try (Fd root = StoreFiles.openDirectory(diff)) {
      ErrnoException.check(Syscalls.chmodat(root, Syscalls.SELF, ROOT_MODE));
    } catch (ErrnoException e) {
      throw new IOException("cannot set the mode of " + diff + ": " + e.getMessage(), e);
    }
  }

  /** Becomes {@code overlay2/<cache id>}. */
  Path directory() {
    return base.resolve("layer");
  }

  /** The tree itself. */
  public Path diff() {
    return directory().resolve("diff");
  }

  /** For the hard link targets of AUFS, thrown away afterwards. */
  public Path linkStore() {
    return base.resolve("plnk");
  }

  /** For what later entries of the tar replace, thrown away afterwards. */
  public Path replaced() {
    return base.resolve("replaced");
  }

  /** Where the tar is recorded. */
  public Path tarSplit() {
    return record().resolve(StorePaths.TAR_SPLIT);
  }

  /** Becomes the entry in {@code layerdb}. */
  Path record() {
    return base.resolve("record");
  }

  /** Becomes the symbolic link in {@code overlay2/l}. */
  Path linkFile() {
    return base.resolve("link");
  }

  /** Writes all that surrounds the tree. */
  StagedLayer complete(
      Digest chainId, Digest diffId, @Nullable Digest parent, long size, List<String> lowerLinks)
      throws IOException {
    String cacheId = chainId.hex();
    write(directory().resolve("link"), StorePaths.link(cacheId));
    write(directory().resolve("committed"), "");
    if (!lowerLinks.isEmpty()) {
      write(directory().resolve("lower"), String.join(":", lowerLinks));
      disk.makeDirectories(directory().resolve("work"));
    }
    disk.makeSymbolicLink(linkFile(), Path.of("..", cacheId, "diff"));
    write(record().resolve("cache-id"), cacheId);
    write(record().resolve("diff"), diffId.toString());
    write(record().resolve("size"), Long.toString(size));
    if (parent != null) {
      write(record().resolve("parent"), parent.toString());
    }
    return new StagedLayer(disk, base, size, List.copyOf(lowerLinks));
  }

  private void write(Path file, String content) throws IOException {
    disk.write(file, content.getBytes(UTF_8));
  }
}
