package plyfs.image.store;

import java.io.IOException;
import java.nio.file.Path;
import plyfs.image.disk.StoreFiles;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;

/** A lock that holds between processes, until it is closed or its process ends: flock(2). */
public final class StoreLock implements AutoCloseable {
  private final Fd file;

  private StoreLock(Fd file) {
    this.file = file;
  }

  /** Waits for the lock of a whole store. */
  static StoreLock ofStore(StorePaths paths) throws IOException {
    return lock(paths.lock(), Linux.O_RDWR | Linux.O_CREAT);
  }

  /** Locks a directory that nobody else knows yet. */
  static StoreLock ofDirectory(Path directory) throws IOException {
    return lock(directory, Linux.O_RDONLY | Linux.O_DIRECTORY);
  }

  private static StoreLock lock(Path path, int flags) throws IOException {
    Fd file = open(path, flags);
    int result;
    do {
      result = FileSyscalls.flock(file, Linux.LOCK_EX);
    } while (result == -Errno.EINTR);
    if (result < 0) {
      file.close();
      throw new IOException("cannot lock " + path + ": " + Errno.describe(-result));
    }
    return new StoreLock(file);
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
    try (Fd file = open(directory, Linux.O_RDONLY | Linux.O_DIRECTORY)) {
      return FileSyscalls.flock(file, Linux.LOCK_EX | Linux.LOCK_NB) < 0;
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
