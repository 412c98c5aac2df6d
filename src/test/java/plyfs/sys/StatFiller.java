package plyfs.sys;

import com.kenai.jffi.MemoryIO;
import java.lang.ref.Reference;

/**
 * Fills {@link Stat} and {@link StatFs} by hand, for a layer that is no host file system.
 *
 * @implNote offsets of {@code struct statx} in include/uapi/linux/stat.h
 */
public final class StatFiller {
  private static final MemoryIO MEMORY = MemoryIO.getInstance();

  private StatFiller() {}

  /** Seconds and nanoseconds. */
  public record Time(long seconds, int nanos) {}

  /** What an inode has besides its times. */
  public record Fields(
      int mode, int nlink, int uid, int gid, int rdev, long ino, long size, long device) {}

  /** Replaces all that {@code out} holds. */
  public static void fill(Stat out, Fields fields, Time atime, Time mtime, Time ctime) {
    long at = out.address();
    try {
      MEMORY.setMemory(at, Stat.SIZEOF, (byte) 0);
      MEMORY.putInt(at, 0x7ff);
      MEMORY.putInt(at + 4, 4096);
      MEMORY.putInt(at + 16, fields.nlink());
      MEMORY.putInt(at + 20, fields.uid());
      MEMORY.putInt(at + 24, fields.gid());
      MEMORY.putShort(at + 28, (short) fields.mode());
      MEMORY.putLong(at + 32, fields.ino());
      MEMORY.putLong(at + 40, fields.size());
      MEMORY.putLong(at + 48, (fields.size() + 511) / 512);
      putTime(at + 64, atime);
      putTime(at + 96, ctime);
      putTime(at + 112, mtime);
      MEMORY.putInt(at + 128, fields.rdev() >>> 8 & 0xfff);
      MEMORY.putInt(at + 132, fields.rdev() & 0xff | fields.rdev() >>> 12 & 0xfff00);
      MEMORY.putInt(at + 136, (int) (fields.device() >>> 32));
      MEMORY.putInt(at + 140, (int) fields.device());
      out.load();
    } finally {
      Reference.reachabilityFence(out);
    }
  }

  private static void putTime(long at, Time time) {
    MEMORY.putLong(at, time.seconds());
    MEMORY.putInt(at + 8, time.nanos());
  }

  /** A file system of 1 GiB in blocks of 4096 bytes, half of it free. */
  public static void fill(StatFs out) {
    long at = out.address();
    try {
      MEMORY.setMemory(at, 120, (byte) 0);
      MEMORY.putLong(at + 8, 4096);
      MEMORY.putLong(at + 16, 1 << 18);
      MEMORY.putLong(at + 24, 1 << 17);
      MEMORY.putLong(at + 32, 1 << 17);
      MEMORY.putLong(at + 40, 1 << 16);
      MEMORY.putLong(at + 48, 1 << 15);
      MEMORY.putLong(at + 64, 255);
      MEMORY.putLong(at + 72, 4096);
    } finally {
      Reference.reachabilityFence(out);
    }
  }
}
