package plyfs.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import plyfs.layer.OverlayXattr;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;

/**
 * Determines how data was copied up: from the traced system calls of the daemon, or else from the
 * file in the upper directory.
 *
 * @implNote FS_IOC_FIEMAP, include/uapi/linux/fiemap.h: {@code [u64 start][u64 length][u32
 *     flags][u32 mapped][u32 count][u32 0]} and extents of 56 bytes with {@code flags} at 40
 */
final class MethodEvidence {
  private static final long FS_IOC_FIEMAP = 0xc020660bL;
  private static final int FIEMAP_SYNC = 1;
  private static final int EXTENT_SHARED = 0x2000;
  private static final int HEADER_BYTES = 32;
  private static final int EXTENT_BYTES = 56;
  private static final int EXTENTS = 32;
  private static final int SECTOR_BYTES = 512;
  private static final List<String> METACOPY =
      OverlayXattr.ALL.stream().map(marks -> marks.prefix() + "metacopy").toList();
  private static final Set<String> WRITES =
      Set.of("write", "pwrite64", "writev", "pwritev", "sendfile", "splice");

  private MethodEvidence() {}

  /**
   * The method according to the calls of a daemon.
   *
   * @param files number of changed files, each changed by one byte at most
   */
  static CopyMethod ofCalls(List<StraceText.Call> calls, int files) {
    boolean cloned = calls.stream().anyMatch(c -> c.kind().contains("FICLONE") && c.result() == 0);
    if (cloned) {
      return CopyMethod.REFLINK;
    }
    long ranges = bytes(calls, Set.of("copy_file_range"));
    long written = bytes(calls, WRITES) - files;
    if (ranges <= 0 && written <= 0) {
      return calls.stream().anyMatch(MethodEvidence::setsMetacopy)
          ? CopyMethod.METADATA
          : CopyMethod.NOTHING;
    }
    if (calls.stream().anyMatch(MethodEvidence::seeksData)) {
      return CopyMethod.EXTENTS;
    }
    return ranges > 0 ? CopyMethod.COPY_RANGE : CopyMethod.READ_WRITE;
  }

  /** Bytes written to files, without replies to the kernel and pipes. */
  private static long bytes(List<StraceText.Call> calls, Set<String> names) {
    return calls.stream()
        .filter(call -> names.contains(call.name()) && call.result() > 0)
        .filter(call -> intoFile(call))
        .mapToLong(StraceText.Call::result)
        .sum();
  }

  private static boolean intoFile(StraceText.Call call) {
    String[] words = call.arguments().split(", ", -1);
    // The target is the first argument, but the third of splice and copy_file_range.
    boolean third = call.name().equals("splice") || call.name().equals("copy_file_range");
    String target = words.length < 3 ? call.arguments() : words[third ? 2 : 0];
    return target.contains("</")
        && !target.contains("</dev/fuse")
        && !target.contains("</proc/")
        && !target.contains("</var/log/");
  }

  private static boolean setsMetacopy(StraceText.Call call) {
    return call.name().endsWith("setxattr") && call.arguments().contains("overlay.metacopy");
  }

  private static boolean seeksData(StraceText.Call call) {
    return call.name().equals("lseek") && call.arguments().contains("SEEK_DATA");
  }

  /**
   * The method according to the file in the upper directory.
   *
   * @param upper its path after the change
   * @param lower the original
   */
  static CopyMethod ofUpper(Path upper, Path lower) throws ErrnoException {
    Stat original = new Stat();
    ErrnoException.check(Syscalls.statx(Fd.CWD, CaseFiles.bytes(lower), original));
    try (Fd fd = Fd.openIfPresent(Fd.CWD, CaseFiles.bytes(upper), Linux.O_RDONLY)) {
      if (fd == null) {
        return CopyMethod.NOTHING;
      }
      Stat copy = new Stat();
      ErrnoException.check(Syscalls.statx(fd, Syscalls.SELF, copy));
      if (hasMetacopy(fd)) {
        return CopyMethod.METADATA;
      }
      if (sharesExtents(fd)) {
        return CopyMethod.REFLINK;
      }
      boolean sparse = original.blocks() * SECTOR_BYTES < original.size() / 2;
      if (sparse && copy.blocks() * SECTOR_BYTES < copy.size() / 2) {
        return CopyMethod.EXTENTS;
      }
      // It is not visible whether data was copied before a truncation removed it.
      return copy.size() < original.size() ? CopyMethod.NOT_SEEN : CopyMethod.COPIED;
    }
  }

  private static boolean hasMetacopy(Fd fd) throws ErrnoException {
    for (String name : METACOPY) {
      byte @Nullable [] value = XattrSyscalls.get(fd, Syscalls.SELF, name.getBytes(US_ASCII));
      if (value != null) {
        return true;
      }
    }
    return false;
  }

  private static boolean sharesExtents(Fd fd) {
    ByteBuffer map =
        ByteBuffer.allocateDirect(HEADER_BYTES + EXTENTS * EXTENT_BYTES)
            .order(ByteOrder.nativeOrder());
    map.putLong(8, Long.MAX_VALUE).putInt(16, FIEMAP_SYNC).putInt(24, EXTENTS);
    if (FileSyscalls.ioctl(fd, FS_IOC_FIEMAP, Syscalls.addressOf(map)) < 0) {
      return false; // a file system without extents shares none
    }
    for (int i = 0; i < map.getInt(20); i++) {
      if ((map.getInt(HEADER_BYTES + i * EXTENT_BYTES + 40) & EXTENT_SHARED) != 0) {
        return true;
      }
    }
    return false;
  }
}
