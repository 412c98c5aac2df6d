package plyfs.layer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;
import plyfs.sys.StatFs;

/**
 * The private clone of the mount that holds the upper directory. It says whether reading moves
 * access times, and a process that may look into the one that holds it can change that: {@link
 * #setNoatime}.
 */
public final class UpperMount implements AutoCloseable {
  private final Fd clone;

  /** How the mount that was cloned keeps access times, {@code MOUNT_ATTR_*}. */
  private final long accessTimes;

  UpperMount(Fd ownedClone) throws ErrnoException {
    this.clone = ownedClone;
    StatFs mount = new StatFs();
    ErrnoException.check(FileSyscalls.fstatfs(clone, mount));
    this.accessTimes = mount.accessTimes();
  }

  /** Has reading leave access times as they are, if that is permitted. */
  Reach keepAccessTimes() throws ErrnoException {
    return PrivateClone.keepAccessTimes(clone);
  }

  /** For {@link #setNoatime}: where the clone is, and what it was at first. */
  public String handle() {
    return MountSyscalls.pathOf(clone) + ":" + accessTimes;
  }

  /**
   * Changes the access times of an upper directory.
   *
   * @param handle what {@link #handle} said in the process that holds the clone
   * @param noatime whether they stay; else they move as they do on the mount that was cloned
   * @throws ErrnoException EPERM, EACCES; ENOENT if the process has ended
   */
  public static void setNoatime(String handle, boolean noatime) throws ErrnoException {
    String first = handle.substring(handle.indexOf(':') + 1);
    long way = noatime ? Linux.MOUNT_ATTR_NOATIME : Long.parseLong(first);
    try (Fd mount = Fd.open(pathOf(handle), Linux.O_PATH)) {
      ErrnoException.check(MountSyscalls.setMountAttributes(mount, way, Linux.MOUNT_ATTR__ATIME));
    }
  }

  /** A path of the clone, while the process that holds it lives. */
  public static byte[] pathOf(String handle) {
    return handle.substring(0, handle.indexOf(':')).getBytes(US_ASCII);
  }

  @Override
  public void close() {
    clone.close();
  }
}
