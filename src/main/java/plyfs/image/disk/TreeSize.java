package plyfs.image.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Getdents;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/** Bytes of all regular files of a tree, a file with several names once. */
public final class TreeSize {
  private final Getdents entries = new Getdents();
  private final Stat stat = new Stat();
  private final Set<Inode> counted = new HashSet<>();
  private long bytes;

  private record Inode(long device, long number) {}

  private TreeSize() {}

  /**
   * Adds up; follows no symbolic link.
   *
   * @throws IOException a directory cannot be read
   */
  public static long of(Path directory) throws IOException {
    TreeSize size = new TreeSize();
    try (Fd root = StoreFiles.openDirectory(directory)) {
      size.add(root);
    } catch (ErrnoException e) {
      throw new IOException("cannot read " + directory + ": " + e.getMessage(), e);
    }
    return size.bytes;
  }

  private void add(Fd directory) throws ErrnoException {
    List<byte[]> subdirectories = new ArrayList<>();
    entries.reset();
    while (entries.advance(directory)) {
      byte[] name = entries.name();
      if (Syscalls.statx(directory, name, stat) < 0) {
        continue; // removed meanwhile
      }
      if (stat.type() == Linux.S_IFDIR) {
        subdirectories.add(name);
      } else if (stat.isRegular()
          && (stat.nlink() == 1 || counted.add(new Inode(stat.dev(), stat.ino())))) {
        bytes += stat.size();
      }
    }
    for (byte[] name : subdirectories) {
      int flags = Linux.O_RDONLY | Linux.O_DIRECTORY | Linux.O_NOFOLLOW;
      try (Fd child = Fd.openIfPresent(directory, name, flags)) {
        if (child != null) {
          add(child);
        }
      }
    }
  }
}
