package plyfs.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/**
 * No union: the cost of the file system itself. {@code volume} changes an ordinary file, created
 * before the timed part, as a container does in a volume; this is the lower bound. {@code cp}
 * copies the file like {@code cp --reflink=auto} in the timed part, and then changes the copy.
 */
final class PlainEngine implements Engine {
  static final String VOLUME = "volume";
  static final String CP = "cp";

  private static final int BUFFER_BYTES = 1 << 20;

  private final boolean copies;

  private PlainEngine(boolean copies) {
    this.copies = copies;
  }

  static PlainEngine volume() {
    return new PlainEngine(false);
  }

  static PlainEngine copying() {
    return new PlainEngine(true);
  }

  @Override
  public String name() {
    return copies ? CP : VOLUME;
  }

  @Override
  public @Nullable String missing() {
    return null;
  }

  @Override
  public String description() {
    return copies
        ? "no union: a copy as by cp --reflink=auto, then the change"
        : "what a volume costs: the change alone, in an ordinary file of the same file system";
  }

  @Override
  public String promise() {
    return "fsync is kept";
  }

  @Override
  public Mounted mount(Path lower, Path scratch, CaseFiles... files) throws IOException {
    for (CaseFiles each : files) {
      if (copies) {
        Files.createDirectories(each.directory(scratch));
      } else {
        each.create(scratch, new Random(1));
      }
    }
    return new Plain(lower, scratch, copies);
  }

  /**
   * Plain directories.
   *
   * @param lower directory of the originals
   */
  private record Plain(Path lower, Path root, boolean copies) implements Mounted {
    @Override
    public Path upper() {
      return root;
    }

    @Override
    public int daemon() {
      return 0;
    }

    @Override
    public Change.Before before() {
      if (!copies) {
        return Change.Before.NOTHING;
      }
      byte[] from = CaseFiles.bytes(lower);
      int prefix = CaseFiles.bytes(root).length;
      ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
      return path -> {
        byte[] original = new byte[from.length + path.length - prefix];
        System.arraycopy(from, 0, original, 0, from.length);
        System.arraycopy(path, prefix, original, from.length, path.length - prefix);
        copy(original, path, buffer);
      };
    }

    @Override
    public void close() {}
  }

  private static void copy(byte[] original, byte[] path, ByteBuffer buffer) throws ErrnoException {
    int flags = Linux.O_WRONLY | Linux.O_CREAT | Linux.O_EXCL;
    try (Fd from = Fd.open(original, Linux.O_RDONLY);
        Fd to = Fd.openat(Fd.CWD, path, flags, 0644)) {
      if (FileSyscalls.ficlone(to, from) == 0) {
        return;
      }
      Stat stat = new Stat();
      ErrnoException.check(Syscalls.statx(from, Syscalls.SELF, stat));
      long end = copyExtents(from, to, stat, buffer);
      if (end < stat.size()) {
        ErrnoException.check(FileSyscalls.ftruncate(to, stat.size()));
      }
    }
  }

  private static long copyExtents(Fd from, Fd to, Stat stat, ByteBuffer buffer)
      throws ErrnoException {
    boolean sparse = stat.blocks() * 512 < stat.size();
    long at = 0;
    while (at < stat.size()) {
      long data = sparse ? FileSyscalls.lseek(from, at, Linux.SEEK_DATA) : at;
      if (data < 0) {
        break;
      }
      long hole = sparse ? FileSyscalls.lseek(from, data, Linux.SEEK_HOLE) : stat.size();
      at = data;
      while (at < hole) {
        long done = copyPiece(from, to, at, hole - at, buffer);
        if (done == 0) {
          return at;
        }
        at += done;
      }
    }
    return at;
  }

  private static long copyPiece(Fd from, Fd to, long at, long length, ByteBuffer buffer)
      throws ErrnoException {
    long done = FileSyscalls.copyFileRange(from, at, to, at, length);
    if (done != -Errno.EXDEV && done != -Errno.EOPNOTSUPP && done != -Errno.EINVAL) {
      return ErrnoException.check(done);
    }
    long address = Syscalls.addressOf(buffer);
    long read = FileSyscalls.pread(from, address, Math.min(length, BUFFER_BYTES), at);
    long written = 0;
    while (written < ErrnoException.check(read)) {
      long step = FileSyscalls.pwrite(to, address + written, read - written, at + written);
      written += ErrnoException.check(step);
    }
    return read;
  }
}
