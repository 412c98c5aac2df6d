package plyfs.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.MappedFile;
import plyfs.sys.Syscalls;

/**
 * One timed change of one or more files. The timed part consists of system calls only. Paths are
 * absolute, as in a program, so the time includes the path walk.
 */
final class Change {
  private static final byte[] ZERO_DEVICE = "/dev/zero".getBytes(US_ASCII);
  private static final byte[] LINK_END = ".link".getBytes(US_ASCII);
  private static final byte[] MOVED_END = ".moved".getBytes(US_ASCII);
  private static final int MODE = 0600;
  private static final int OWNER = 4242;

  /** Called for each file in the timed part, before its change. */
  interface Before {
    Before NOTHING = path -> {};

    void change(byte[] path) throws ErrnoException;
  }

  private final ChangePattern pattern;
  private final List<byte[]> files;
  private final byte[] directory;
  private final Before before;
  private final ByteBuffer one = ByteBuffer.allocateDirect(1);
  private final long oneAddress = Syscalls.addressOf(one);

  /**
   * A change to be made.
   *
   * @param files absolute paths
   * @param directory the directory that contains them
   */
  Change(ChangePattern pattern, List<byte[]> files, byte[] directory, Before before) {
    this.pattern = pattern;
    this.files = files;
    this.directory = directory;
    this.before = before;
    one.put(0, (byte) 'x');
  }

  /** Times in nanoseconds since the first system call. */
  record Timing(long firstByteNanos, long durableNanos) {}

  /** Makes the change and waits until it is on disk. */
  Timing make() throws ErrnoException {
    return make(true);
  }

  /** Makes the change without a sync; the engine itself may still sync. */
  void makeUnsynced() throws ErrnoException {
    make(false);
  }

  private Timing make(boolean syncs) throws ErrnoException {
    Fd[] open = new Fd[files.size()];
    MappedFile mapping = null;
    try (Fd zero = Fd.open(ZERO_DEVICE, Linux.O_RDONLY)) {
      long start = System.nanoTime();
      for (int i = 0; i < open.length; i++) {
        byte[] path = files.get(i);
        before.change(path);
        open[i] = open(path);
        if (pattern == ChangePattern.MMAP) {
          mapping = MappedFile.shared(open[i], 1);
          mapping.storeFirstByte(zero);
        }
      }
      long changed = System.nanoTime();
      if (syncs) {
        sync(open);
      }
      long durable = System.nanoTime();
      return new Timing(changed - start, durable - start);
    } finally {
      if (mapping != null) {
        mapping.close();
      }
      closeAll(open);
    }
  }

  /** Changes a file; returns the descriptor that it used, or null. */
  private @Nullable Fd open(byte[] path) throws ErrnoException {
    return switch (pattern) {
      case FIRST_BYTE, SPARSE, MANY_SMALL -> written(Fd.open(path, Linux.O_RDWR));
      case APPEND -> written(Fd.open(path, Linux.O_WRONLY | Linux.O_APPEND));
      case TRUNCATE -> written(Fd.open(path, Linux.O_WRONLY | Linux.O_TRUNC));
      case MMAP -> Fd.open(path, Linux.O_RDWR);
      case CHMOD -> checked(Syscalls.chmodat(Fd.CWD, path, MODE));
      case CHOWN -> checked(Syscalls.chownat(Fd.CWD, path, OWNER, OWNER));
      case RENAME -> checked(Syscalls.renameat2(Fd.CWD, path, Fd.CWD, longer(path, MOVED_END), 0));
      case LINK -> checked(Syscalls.linkat(Fd.CWD, path, Fd.CWD, longer(path, LINK_END)));
    };
  }

  private static @Nullable Fd checked(int result) throws ErrnoException {
    ErrnoException.check(result);
    return null;
  }

  private Fd written(Fd fd) throws ErrnoException {
    try {
      // With O_APPEND the kernel writes at the end, whatever the offset.
      ErrnoException.check(FileSyscalls.write(fd, oneAddress, 1));
      return fd;
    } catch (Throwable e) {
      fd.close();
      throw e;
    }
  }

  private void sync(@Nullable Fd[] open) throws ErrnoException {
    for (int i = 0; i < open.length; i++) {
      open[i] = synced(open[i], files.get(i));
    }
    if (pattern.changesNames()) {
      try (Fd dir = Fd.open(directory, Linux.O_RDONLY | Linux.O_DIRECTORY)) {
        ErrnoException.check(FileSyscalls.fsync(dir));
      }
    }
  }

  private Fd synced(@Nullable Fd used, byte[] path) throws ErrnoException {
    Fd fd = used == null ? Fd.open(nameAfter(path), Linux.O_RDONLY) : used;
    ErrnoException.check(FileSyscalls.fsync(fd));
    return fd;
  }

  /** The name of the file after the change. */
  byte[] nameAfter(byte[] path) {
    return pattern == ChangePattern.RENAME ? longer(path, MOVED_END) : path;
  }

  /**
   * Opens the first file as the change does, and closes it; has no effect for changes without an
   * open.
   */
  void openOnly() throws ErrnoException {
    if (pattern.opensForWriting()) {
      Fd.open(files.get(0), Linux.O_RDWR).close();
    }
  }

  private static byte[] longer(byte[] path, byte[] end) {
    byte[] longer = new byte[path.length + end.length];
    System.arraycopy(path, 0, longer, 0, path.length);
    System.arraycopy(end, 0, longer, path.length, end.length);
    return longer;
  }

  private static void closeAll(@Nullable Fd[] open) {
    for (Fd fd : open) {
      if (fd != null) {
        fd.close();
      }
    }
  }
}
