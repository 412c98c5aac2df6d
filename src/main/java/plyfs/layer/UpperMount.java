package plyfs.layer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;
import plyfs.sys.StatFs;

/**
 * The private clone of the mount of the upper directory. Its flags determine whether reads update
 * access times. Another process with access to the process that holds the clone can change them:
 * {@link #setNoatime}.
 */
public final class UpperMount implements AutoCloseable {
  private final Fd clone;

  /** The access time flags of the cloned mount, {@code MOUNT_ATTR_*}. */
  private final long accessTimes;

  UpperMount(Fd ownedClone) throws ErrnoException {
    this.clone = ownedClone;
    StatFs mount = new StatFs();
    ErrnoException.check(FileSyscalls.fstatfs(clone, mount));
    this.accessTimes = mount.accessTimes();
  }

  /** Makes reads leave access times unchanged, if that is permitted. */
  Reach keepAccessTimes() throws ErrnoException {
    return PrivateClone.keepAccessTimes(clone);
  }

  /** For {@link #setNoatime}: identifies the clone and its original flags. */
  public String handle() {
    return MountSyscalls.pathOf(clone) + ":" + accessTimes;
  }

  /**
   * Changes the access time flags of an upper directory.
   *
   * @param handle the result of {@link #handle} in the process that holds the clone
   * @param noatime whether to disable updates; if false, the flags of the cloned mount apply
   * @throws ErrnoException EPERM, EACCES; ENOENT if the process has ended
   */
  public static void setNoatime(String handle, boolean noatime) throws ErrnoException {
    String first = handle.substring(handle.indexOf(':') + 1);
    long way = noatime ? Linux.MOUNT_ATTR_NOATIME : Long.parseLong(first);
    try (Fd mount = Fd.open(pathOf(handle), Linux.O_PATH)) {
      ErrnoException.check(MountSyscalls.setMountAttributes(mount, way, Linux.MOUNT_ATTR__ATIME));
    }
  }

  /** A path to the clone, valid while the process that holds it lives. */
  public static byte[] pathOf(String handle) {
    return handle.substring(0, handle.indexOf(':')).getBytes(US_ASCII);
  }

  @Override
  public void close() {
    clone.close();
  }
}
