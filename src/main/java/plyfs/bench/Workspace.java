package plyfs.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.MountEntry;
import plyfs.sys.TreeRemover;

/**
 * A temporary directory of the benchmark for all its files. Closing unmounts everything below it,
 * including loop devices, and removes it.
 */
final class Workspace implements AutoCloseable {
  private final Path root;

  private Workspace(Path root) {
    this.root = root;
  }

  /**
   * Creates a new one.
   *
   * @throws IOException the directory is not writable, or its path cannot be used in mount options
   */
  static Workspace in(Path directory) throws IOException {
    Path parent = directory.toRealPath();
    if (parent.toString().matches(".*[,:\\\\\\s].*")) {
      throw new IOException(
          "the path "
              + parent
              + " contains a comma, a colon, a backslash or a blank: choose another directory");
    }
    return new Workspace(Files.createTempDirectory(parent, "plyfs-bench."));
  }

  Path root() {
    return root;
  }

  @Override
  public void close() throws IOException {
    @Nullable IOException failure = null;
    try {
      unmountBelow(root);
    } catch (ErrnoException e) {
      failure =
          new IOException("cannot unmount the mounts below " + root + ": " + e.getMessage(), e);
    }
    if (Files.exists(root)) {
      remove(root);
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static void unmountBelow(Path directory) throws ErrnoException {
    String prefix = directory + "/";
    List<byte[]> points = new ArrayList<>();
    for (MountEntry entry : MountEntry.all()) {
      String point = new String(entry.mountpoint(), java.nio.charset.StandardCharsets.UTF_8);
      if (point.startsWith(prefix)) {
        points.add(entry.mountpoint());
      }
    }
    Collections.reverse(points);
    for (byte[] point : points) {
      try {
        UnionMount.unmount(point, 0);
      } catch (ErrnoException e) {
        if (e.errno() != Errno.EINVAL) { // unmounted since the mount table was read
          UnionMount.unmount(point, Linux.MNT_DETACH);
        }
      }
    }
  }

  /** Removes a tree; refuses if a mount is left in it, which would be a bug. */
  static void remove(Path tree) throws IOException {
    try {
      TreeRemover.remove(Fd.CWD, CaseFiles.bytes(tree));
    } catch (ErrnoException e) {
      throw new IOException("cannot remove " + tree + ": " + e.getMessage(), e);
    }
  }
}
