package plyfs.bench;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Capabilities;
import plyfs.sys.ErrnoException;

/**
 * The file system under test: a directory of the workspace if that has the requested type;
 * otherwise a tmpfs, or a file system created in a file on a loop device. Closing unmounts it; the
 * kernel then removes the loop device.
 */
final class TestedFileSystem implements AutoCloseable {
  private static final String TMPFS = "tmpfs";

  /** XFS needs at least 300 MiB. */
  private static final long SMALLEST_IMAGE = 512L << 20;

  private final String type;
  private final String how;
  private final Path root;
  private final @Nullable Path image;

  private TestedFileSystem(String type, String how, Path root, @Nullable Path image) {
    this.type = type;
    this.how = how;
    this.root = root;
    this.image = image;
  }

  /** Why a type of file system is not available for a directory; null if it is. */
  static @Nullable String missing(String type, Path directory) throws IOException {
    if (type.equals(typeOf(directory))) {
      return null;
    }
    if (!Capabilities.mayMount()) {
      return "only root can mount a file system other than that of " + directory;
    }
    if (type.equals(TMPFS)) {
      return null;
    }
    if (!type.matches("[a-z0-9]+") || Command.find("mkfs." + type) == null) {
      return "mkfs." + type + " is not in PATH: install it";
    }
    return Files.exists(Path.of("/dev/loop-control")) ? null : "there are no loop devices";
  }

  /** Type of the file system of a directory, such as {@code ext4}. */
  static String typeOf(Path directory) throws IOException {
    return Files.getFileStore(directory).type();
  }

  /**
   * Why there is not enough space; null if there is.
   *
   * @param bytes bytes needed on the file system
   */
  static @Nullable String tooSmall(String type, Path directory, long bytes) throws IOException {
    boolean inMemory = type.equals(TMPFS) && !type.equals(typeOf(directory));
    boolean isOwn = type.equals(typeOf(directory));
    long needed = isOwn || inMemory ? bytes : bytes + bytes / 8 + (64L << 20);
    long free =
        inMemory ? Machine.memoryAvailable() : Files.getFileStore(directory).getUsableSpace();
    return needed <= free
        ? null
        : "not enough space for "
            + type
            + (inMemory ? " in memory: " : " in " + directory + ": ")
            + mebibytes(needed)
            + " needed, "
            + mebibytes(free)
            + " free: choose smaller --sizes or another --dir";
  }

  private static String mebibytes(long bytes) {
    return (bytes + (1 << 20) - 1 >> 20) + " MiB";
  }

  /**
   * Creates the file system.
   *
   * @param bytes bytes that must fit
   * @throws IOException the file system cannot be created or mounted
   */
  static TestedFileSystem make(String type, Workspace workspace, long bytes) throws IOException {
    Path root = Files.createDirectory(workspace.root().resolve(type));
    if (type.equals(typeOf(workspace.root()))) {
      return new TestedFileSystem(type, "directory", root, null);
    }
    if (type.equals(TMPFS)) {
      Command.run(List.of("mount", "-t", TMPFS, "-o", "size=90%", TMPFS, root.toString()));
      return new TestedFileSystem(type, "memory", root, null);
    }
    Path image = workspace.root().resolve(type + ".img");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(Math.max(SMALLEST_IMAGE, bytes + bytes / 2));
    }
    Command.run(makeCommand(type, image));
    Command.run(List.of("mount", "-t", type, "-o", "loop", image.toString(), root.toString()));
    return new TestedFileSystem(type, "loop device", root, image);
  }

  private static List<String> makeCommand(String type, Path image) {
    String program = String.valueOf(Command.find("mkfs." + type));
    String file = image.toString();
    return switch (type) {
      // Otherwise the kernel initializes tables while the first cases run.
      case "ext4" ->
          List.of(program, "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", file);
      case "xfs", "btrfs" -> List.of(program, "-q", "-f", file);
      default -> List.of(program, file);
    };
  }

  /** Its description for the report. */
  Description info() {
    return new Description(type, how);
  }

  /**
   * The description of a file system for the report.
   *
   * @param fs type of the file system
   * @param how {@code directory}, {@code memory} or {@code loop device}
   */
  record Description(String fs, String how) {}

  Path root() {
    return root;
  }

  @Override
  public void close() throws IOException {
    if (!how.equals("directory")) {
      try {
        UnionMount.unmount(CaseFiles.bytes(root), 0);
      } catch (ErrnoException e) {
        throw new IOException("cannot unmount " + root + ": " + e.getMessage(), e);
      }
    }
    Workspace.remove(root);
    if (image != null) {
      Files.delete(image);
    }
  }
}
