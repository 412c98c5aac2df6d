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
 * A directory of the bench's own, with everything that it makes. Closing takes every mount below it
 * away, with the loop devices under them, and removes it.
 */
final class Workspace implements AutoCloseable {
  private final Path root;

  private Workspace(Path root) {
    this.root = root;
  }

  /**
   * Makes a fresh one.
   *
   * @throws IOException the directory cannot be written, or its path cannot stand in mount options
   */
  static Workspace in(Path directory) throws IOException {
    Path parent = directory.toRealPath();
    if (parent.toString().matches(".*[,:\\\\\\s].*")) {
      throw new IOException(
          "the path " + parent + " has a comma, a colon, a backslash or a blank: choose another");
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
      failure = new IOException("cannot unmount what is below " + root + ": " + e.getMessage(), e);
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
        if (e.errno() != Errno.EINVAL) { // gone since they were listed
          UnionMount.unmount(point, Linux.MNT_DETACH);
        }
      }
    }
  }

  /** Removes a tree; a mount in it would be a bug, and refuses. */
  static void remove(Path tree) throws IOException {
    try {
      TreeRemover.remove(Fd.CWD, CaseFiles.bytes(tree));
    } catch (ErrnoException e) {
      throw new IOException("cannot remove " + tree + ": " + e.getMessage(), e);
    }
  }
}
