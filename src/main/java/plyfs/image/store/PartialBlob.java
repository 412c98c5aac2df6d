package plyfs.image.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.Digest;
import plyfs.sys.Linux;

/**
 * A blob that comes over a network, in a directory of its own below {@code tmp}: it stays when the
 * process that fetches it ends, so that the next one goes on. It is locked as long as one works on
 * it; another process that wants the same blob meanwhile gets a file of its own. What nobody goes
 * on with for a day is removed by the next change of the store.
 */
public final class PartialBlob implements AutoCloseable {
  private static final String PREFIX = "partial-";
  private static final String FILE = "blob";
  private static final Duration KEPT = Duration.ofDays(1);

  private final Path file;
  private final FileChannel channel;
  private final @Nullable StoreLock lock;

  private PartialBlob(Path file, FileChannel channel, @Nullable StoreLock lock) {
    this.file = file;
    this.channel = channel;
    this.lock = lock;
  }

  static PartialBlob of(StorePaths paths, Digest digest, Path load) throws IOException {
    Path directory = paths.loads().resolve(PREFIX + digest.algorithm() + "-" + digest.hex());
    StoreLock lock = lock(directory);
    if (lock != null) {
      try {
        Path file = directory.resolve(FILE);
        return new PartialBlob(file, open(file), lock);
      } catch (NoSuchFileException e) {
        // The process that had the lock before has just finished, and removed the directory.
        lock.close();
      } catch (IOException e) {
        lock.close();
        throw e;
      }
    }
    Path own = load.resolve("fetched-" + digest.hex());
    return new PartialBlob(own, open(own), null);
  }

  private static @Nullable StoreLock lock(Path directory) throws IOException {
    try {
      Files.createDirectory(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (FileAlreadyExistsException e) {
      // An earlier pull was ended, or another one is under way.
    }
    try {
      return StoreLock.tryDirectory(directory, Linux.LOCK_EX);
    } catch (StoreLock.NoLocksException e) {
      return null;
    }
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /** What there is, to be read and written. */
  public FileChannel channel() {
    return channel;
  }

  /** The same by name, as long as this is open. */
  public Path file() {
    return file;
  }

  /** Removes it: it is in the store, or is worth nothing. */
  public void remove() throws IOException {
    Files.deleteIfExists(file);
    if (lock != null) {
      Files.deleteIfExists(file.resolveSibling("").normalize());
    }
  }

  /** Lets another process go on with it. */
  @Override
  public void close() throws IOException {
    try (lock) {
      channel.close();
    }
  }

  static boolean isName(String name) {
    return name.startsWith(PREFIX);
  }

  static boolean isOld(Path directory) throws IOException {
    FileTime last;
    try {
      last = Files.getLastModifiedTime(directory.resolve(FILE));
    } catch (NoSuchFileException e) {
      last = Files.getLastModifiedTime(directory);
    }
    return last.toInstant().isBefore(Instant.now().minus(KEPT));
  }
}
