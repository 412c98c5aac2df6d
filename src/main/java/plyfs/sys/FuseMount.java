package plyfs.sys;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;

/**
 * A mount of type {@code fuse.plyfs} and the /dev/fuse descriptor that serves it, made by mount(2),
 * which needs root.
 *
 * <p>The mount lives until it is unmounted or until the last descriptor of it is closed.
 */
public final class FuseMount implements AutoCloseable {
  private static final byte[] DEVICE = "/dev/fuse".getBytes(US_ASCII);
  private static final byte[] TYPE = "fuse.plyfs".getBytes(US_ASCII);

  /** {@code FUSE_DEV_IOC_CLONE}: {@code _IOR(229, 0, uint32_t)}. */
  private static final long IOC_CLONE = 0x8004E500L;

  private final Fd device;
  private final byte[] path;

  private FuseMount(Fd device, byte[] path) {
    this.device = device;
    this.path = path;
  }

  /**
   * Opens /dev/fuse, for {@link #mount}.
   *
   * @throws ErrnoException ENOENT or ENODEV where the kernel has no FUSE; EACCES, EPERM
   */
  public static Fd openDevice() throws ErrnoException {
    return Fd.open(DEVICE, Linux.O_RDWR);
  }

  /**
   * Mounts. The kernel's INIT request then waits on the descriptor, and whoever touches the mount
   * point waits until it has been answered.
   *
   * @param ownedDevice from {@link #openDevice}; closed on failure
   * @param source what the mount table shows as the source
   * @param target the mount point, a directory; symbolic links are followed
   * @param flags {@code MS_*}
   * @param options further options of mount(2), joined by commas; empty for none. Given anyway:
   *     {@code fd}, {@code rootmode}, {@code user_id}, {@code group_id}, {@code
   *     default_permissions}, {@code allow_other}
   * @throws ErrnoException EPERM without CAP_SYS_ADMIN; ENOENT, ENOTDIR for the mount point; EINVAL
   *     for an option that the kernel does not know
   */
  public static FuseMount mount(
      Fd ownedDevice, byte[] source, byte[] target, long flags, byte[] options)
      throws ErrnoException {
    boolean isDone = false;
    try {
      byte[] path = realPath(target);
      ErrnoException.check(
          MountSyscalls.mount(source, path, TYPE, flags, allOptions(ownedDevice, options)));
      isDone = true;
      return new FuseMount(ownedDevice, path);
    } finally {
      if (!isDone) {
        ownedDevice.close();
      }
    }
  }

  private static byte[] realPath(byte[] target) throws ErrnoException {
    try (Fd dir = Fd.open(target, Linux.O_PATH | Linux.O_DIRECTORY)) {
      return Syscalls.readlink(Fd.CWD, ("/proc/self/fd/" + dir.number()).getBytes(US_ASCII));
    }
  }

  private static byte[] allOptions(Fd device, byte[] further) {
    String own =
        "fd="
            + device.number()
            + ",rootmode=40000,user_id="
            + MountSyscalls.effectiveUser()
            + ",group_id="
            + Syscalls.LIBC.getegid()
            + ",default_permissions,allow_other";
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(own.getBytes(US_ASCII));
    if (further.length > 0) {
      all.write(',');
      all.writeBytes(further);
    }
    return all.toByteArray();
  }

  /** The descriptor, lent. */
  public Fd device() {
    return device;
  }

  /** The mount point, absolute and without symbolic links; not a copy. */
  public byte[] path() {
    return path;
  }

  /**
   * Opens one more descriptor of this mount, with requests of its own in work: one for each thread
   * that answers.
   *
   * @throws ErrnoException EINVAL, ENOTTY where the kernel cannot
   */
  public Fd openQueue() throws ErrnoException {
    Fd queue = openDevice();
    Scratch scratch = Scratch.get();
    scratch.struct.putInt(0, device.number());
    int result = FileSyscalls.ioctl(queue, IOC_CLONE, scratch.structAddress);
    if (result < 0) {
      queue.close();
      throw ErrnoException.of(-result);
    }
    return queue;
  }

  /**
   * Unmounts what is mounted last at {@link #path}.
   *
   * @return 0; -EBUSY while it is in use, and nothing has changed; -EINVAL if it is no mount point
   */
  public int unmount() {
    return MountSyscalls.umount(path, Linux.UMOUNT_NOFOLLOW);
  }

  /** Takes the mount out of the tree at once; it ends when its last user is gone. */
  public int detach() {
    return MountSyscalls.umount(path, Linux.UMOUNT_NOFOLLOW | Linux.MNT_DETACH);
  }

  /** Ends the mount at once: all that wait for an answer get ECONNABORTED, users get ENOTCONN. */
  public int abort() {
    return MountSyscalls.umount(path, Linux.UMOUNT_NOFOLLOW | Linux.MNT_FORCE | Linux.MNT_DETACH);
  }

  /** Closes the descriptor. With the last one of the mount all its users get ENOTCONN. */
  @Override
  public void close() {
    device.close();
  }
}
