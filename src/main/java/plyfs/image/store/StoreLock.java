package plyfs.image.store;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import plyfs.image.disk.StoreFiles;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;

/** A lock that holds between processes, until it is closed or its process ends: flock(2). */
public final class StoreLock implements AutoCloseable {
  private static final int DIRECTORY = Linux.O_RDONLY | Linux.O_DIRECTORY;

  private final Fd file;

  private StoreLock(Fd file) {
    this.file = file;
  }

  /** Waits for the lock of a whole store. */
  static StoreLock ofStore(StorePaths paths) throws IOException {
    return lock(paths.lock(), Linux.O_RDWR | Linux.O_CREAT, Linux.LOCK_EX);
  }

  /** Locks a directory that no other process knows yet. */
  static StoreLock ofDirectory(Path directory) throws IOException {
    return lock(directory, DIRECTORY, Linux.LOCK_EX);
  }

  /** Waits for a lock of a directory that others can share. */
  public static StoreLock sharedOfDirectory(Path directory) throws IOException {
    return lock(directory, DIRECTORY, Linux.LOCK_SH);
  }

  private static StoreLock lock(Path path, int flags, int kind) throws IOException {
    Fd file = open(path, flags);
    int result;
    do {
      result = FileSyscalls.flock(file, kind);
    } while (result == -Errno.EINTR);
    if (result < 0) {
      file.close();
      throw new IOException("cannot lock " + path + ": " + Errno.describe(-result));
    }
    return new StoreLock(file);
  }

  /**
   * Takes the lock of a directory if it is free at once.
   *
   * @param kind {@code LOCK_SH} or {@code LOCK_EX}
   * @return null if another process holds it
   * @throws NoLocksException the file system has none
   */
  public static @Nullable StoreLock tryDirectory(Path directory, int kind) throws IOException {
    Fd file = open(directory, DIRECTORY);
    int result = FileSyscalls.flock(file, kind | Linux.LOCK_NB);
    if (result >= 0) {
      return new StoreLock(file);
    }
    file.close();
    if (result == -Errno.EAGAIN) {
      return null;
    }
    throw new NoLocksException("cannot lock " + directory + ": " + Errno.describe(-result));
  }

  /** A file system gives no locks. */
  public static final class NoLocksException extends IOException {
    private static final long serialVersionUID = 1L;

    NoLocksException(String message) {
      super(message);
    }
  }

  private static Fd open(Path path, int flags) throws IOException {
    try {
      return Fd.openat(Fd.CWD, StoreFiles.bytes(path), flags, 0644);
    } catch (ErrnoException e) {
      throw new IOException("cannot open " + path + ": " + e.getMessage(), e);
    }
  }

  /** Whether a process that still runs holds the lock of a directory. */
  static boolean isHeld(Path directory) throws IOException {
    try (StoreLock free = tryDirectory(directory, Linux.LOCK_EX)) {
      return free == null;
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
