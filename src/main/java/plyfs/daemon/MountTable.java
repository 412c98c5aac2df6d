package plyfs.daemon;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import plyfs.sys.ErrnoException;
import plyfs.sys.MountEntry;

/** What the kernel says of the mounts that this process sees. */
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
