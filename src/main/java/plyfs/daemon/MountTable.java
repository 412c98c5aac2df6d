package plyfs.daemon;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.MountEntry;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/** The mount table of this process's mount namespace. */
public final class MountTable {
  private MountTable() {}

  /**
   * Type of the topmost mount at a mount point, such as {@code fuse.plyfs}; null if there is none.
   *
   * @param mountpoint absolute, without symbolic links
   */
  public static @Nullable String typeAt(byte[] mountpoint) throws ErrnoException {
    MountEntry top = topAt(mountpoint);
    return top == null ? null : top.type();
  }

  /**
   * {@code MAJOR:MINOR} of the mount at a mount point, as the mount table has it.
   *
   * @param mountpoint absolute, without symbolic links
   * @throws ErrnoException ENOENT, EACCES
   */
  public static String deviceAt(byte[] mountpoint) throws ErrnoException {
    Stat stat = new Stat();
    ErrnoException.check(Syscalls.statxKnown(Fd.CWD, mountpoint, stat));
    return (stat.dev() >>> Integer.SIZE) + ":" + (int) stat.dev();
  }

  /**
   * As {@link #deviceAt}, of the topmost mount there, without asking its daemon; null if there is
   * none.
   */
  public static @Nullable String topDeviceAt(byte[] mountpoint) throws ErrnoException {
    MountEntry top = topAt(mountpoint);
    return top == null ? null : top.device();
  }

  /** Whether a file system is mounted at a mount point, perhaps below another one. */
  public static boolean isMountedAt(byte[] mountpoint, String device) throws ErrnoException {
    for (MountEntry entry : MountEntry.all()) {
      if (Arrays.equals(entry.mountpoint(), mountpoint) && entry.device().equals(device)) {
        return true;
      }
    }
    return false;
  }

  /** The topmost mount at a mount point; null if there is none. */
  static @Nullable MountEntry topAt(byte[] mountpoint) throws ErrnoException {
    MountEntry top = null;
    for (MountEntry entry : MountEntry.all()) {
      if (Arrays.equals(entry.mountpoint(), mountpoint)) {
        top = entry; // later ones are mounted over earlier ones
      }
    }
    return top;
  }
}
