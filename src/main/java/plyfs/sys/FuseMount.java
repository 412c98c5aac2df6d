package plyfs.sys;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * A mount of type {@code fuse.plyfs}, or of another subtype, and the descriptor of /dev/fuse that
 * serves it. Created by mount(2) if that is permitted, otherwise by {@link Fusermount}.
 *
 * <p>The mount lives until it is unmounted or its last descriptor is closed.
 */
public final class FuseMount implements AutoCloseable {
  private static final byte[] DEVICE = "/dev/fuse".getBytes(US_ASCII);

  /** The prefix of the type of these mounts. */
  public static final String TYPE = "fuse.";

  /** {@code FUSE_DEV_IOC_CLONE}: {@code _IOR(229, 0, uint32_t)}. */
  private static final long IOC_CLONE = 0x8004E500L;

  /** {@code FUSE_DEV_IOC_BACKING_OPEN}: {@code _IOW(229, 1, struct fuse_backing_map)}. */
  private static final long IOC_BACKING_OPEN = 0x4010E501L;

  /** {@code FUSE_DEV_IOC_BACKING_CLOSE}: {@code _IOW(229, 2, uint32_t)}. */
  private static final long IOC_BACKING_CLOSE = 0x4004E502L;

  private final Fd device;
  private final byte[] path;
  private final boolean isByFusermount;

  /**
   * The text in the mount table.
   *
   * @param source the source
   * @param subtype the type after {@link #TYPE}; not empty
   */
  public record Shown(byte[] source, byte[] subtype) {
    private byte[] type() {
      byte[] start = TYPE.getBytes(US_ASCII);
      byte[] type = Arrays.copyOf(start, start.length + subtype.length);
      System.arraycopy(subtype, 0, type, start.length, subtype.length);
      return type;
    }
  }

  private FuseMount(Fd device, byte[] path, boolean isByFusermount) {
    this.device = device;
    this.path = path;
    this.isByFusermount = isByFusermount;
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
   * Mounts. The kernel's INIT request then waits on the descriptor, and every process that accesses
   * the mount point waits until INIT is answered.
   *
   * @param ownedDevice from {@link #openDevice}; closed on failure
   * @param shown the text for the mount table
   * @param target the mount point, a directory; symbolic links are followed
   * @param flags {@code MS_*}
   * @param options further options of mount(2), joined by commas; empty for none. Always added:
   *     {@code fd}, {@code rootmode}, {@code user_id}, {@code group_id}, {@code
   *     default_permissions}
   * @throws ErrnoException EPERM without CAP_SYS_ADMIN; ENOENT, ENOTDIR for the mount point; EINVAL
   *     for an option that the kernel does not know
   */
  public static FuseMount mount(
      Fd ownedDevice, Shown shown, byte[] target, long flags, byte[] options)
      throws ErrnoException {
    try {
      byte[] path = realPath(target);
      ErrnoException.check(
          MountSyscalls.mount(
              shown.source, path, shown.type(), flags, allOptions(ownedDevice, options)));
      return new FuseMount(ownedDevice, path, false);
    } catch (Throwable e) {
      ownedDevice.close();
      throw e;
    }
  }

  /**
   * As {@link #mount}, through fusermount3, for a user who must not call mount(2).
   *
   * @param allowOther whether users other than this one can use the mount
   * @throws Fusermount.RefusedException fusermount3 refuses, or does not exist
   */
  public static FuseMount mountByFusermount(
      byte[] source, byte[] target, long flags, boolean allowOther)
      throws ErrnoException, Fusermount.RefusedException {
    byte[] path = realPath(target);
    return new FuseMount(Fusermount.mount(source, path, flags, allowOther), path, true);
  }

  /**
   * A directory's path, absolute and without symbolic links.
   *
   * @throws ErrnoException ENOENT, ENOTDIR, ...
   */
  public static byte[] realPath(byte[] target) throws ErrnoException {
    try (Fd dir = Fd.open(target, Linux.O_PATH | Linux.O_DIRECTORY)) {
      return Syscalls.realPath(dir);
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
            + ",default_permissions";
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(own.getBytes(US_ASCII));
    if (further.length > 0) {
      all.write(',');
      all.writeBytes(further);
    }
    return all.toByteArray();
  }

  /**
   * Replaces the flags of the topmost mount at a path.
   *
   * @param path absolute, without symbolic links
   * @param flags {@code MS_*}; without an access time flag the access times stay as they are
   * @return 0; -EBUSY for MS_RDONLY while files are open for writing; the mount is then unchanged
   */
  public static int remount(byte[] path, long flags) {
    byte[] unused = {};
    return MountSyscalls.mount(unused, path, unused, flags | Linux.MS_REMOUNT, unused);
  }

  /**
   * Sets how mounts below a mount propagate to other namespaces.
   *
   * @param path absolute, without symbolic links: the topmost mount there
   * @param flags one of MS_PRIVATE, MS_SHARED, MS_SLAVE, MS_UNBINDABLE, optionally with MS_REC
   * @return 0; -EPERM without CAP_SYS_ADMIN, -EINVAL if it is no mount point
   */
  public static int setPropagation(byte[] path, long flags) {
    byte[] unused = {};
    return MountSyscalls.mount(unused, path, unused, flags, unused);
  }

  /** The descriptor, borrowed. */
  public Fd device() {
    return device;
  }

  /** The mount point, absolute and without symbolic links; not a copy. */
  public byte[] path() {
    return path;
  }

  /**
   * Opens one more descriptor of this mount, which has its own requests in progress: one for each
   * worker. If this user must not open /dev/fuse, it shares the requests of {@link #device}.
   *
   * @throws ErrnoException EINVAL, ENOTTY where the kernel cannot
   */
  public Fd openQueue() throws ErrnoException {
    Fd queue;
    try {
      queue = openDevice();
    } catch (ErrnoException e) {
      if (isByFusermount && (e.errno() == Errno.EACCES || e.errno() == Errno.EPERM)) {
        return Syscalls.reopen(device, Linux.O_PATH); // a duplicate
      }
      throw e;
    }
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
   * Lends a file to the kernel, which reads and writes it for opens that refer to its id. The
   * kernel writes with the privileges of this thread, but without CAP_FSETID.
   *
   * @return its id, at least 1; or -EPERM without CAP_SYS_ADMIN, -ELOOP for a file of an overlay,
   *     -EOPNOTSUPP or -ENOTTY if the kernel does not support it
   * @implNote Linux fs/fuse/backing.c (fs/fuse/passthrough.c before 6.17), fuse_backing_open
   */
  public int lendBacking(Fd file) {
    return Capabilities.withoutKeepingSetuid(
        () -> {
          Scratch scratch = Scratch.get();
          scratch.struct.putInt(0, file.number()).putInt(4, 0).putLong(8, 0);
          return FileSyscalls.ioctl(device, IOC_BACKING_OPEN, scratch.structAddress);
        });
  }

  /** Ends {@link #lendBacking}. Opens that already use the file continue to use it. */
  public int endBacking(int id) {
    Scratch scratch = Scratch.get();
    scratch.struct.putInt(0, id);
    return FileSyscalls.ioctl(device, IOC_BACKING_CLOSE, scratch.structAddress);
  }

  /**
   * Unmounts the topmost mount at {@link #path}.
   *
   * @return 0; -EBUSY while it is in use, without any change; -EINVAL if it is not a mount point
   */
  public int unmount() {
    return unmount(path, isByFusermount, false);
  }

  /** Detaches the mount at once; it ends with its last user. */
  public int detach() {
    return unmount(path, isByFusermount, true);
  }

  /**
   * As {@link #unmount} or {@link #detach}, for a mount of another process.
   *
   * @param byFusermount whether to use fusermount3, because this user must not unmount
   */
  public static int unmount(byte[] path, boolean byFusermount, boolean lazily) {
    return byFusermount
        ? Fusermount.unmount(path, lazily)
        : MountSyscalls.umount(path, Linux.UMOUNT_NOFOLLOW | (lazily ? Linux.MNT_DETACH : 0));
  }

  /**
   * Ends the mount at once: processes that wait for a reply get ECONNABORTED, later accesses
   * ENOTCONN.
   */
  public int abort() {
    if (isByFusermount) {
      abortConnection();
      return detach();
    }
    return MountSyscalls.umount(path, Linux.UMOUNT_NOFOLLOW | Linux.MNT_FORCE | Linux.MNT_DETACH);
  }

  /**
   * Aborts the connection like MNT_FORCE, through its control file, which belongs to the user of
   * the mount.
   */
  private void abortConnection() {
    try {
      for (MountEntry mount : MountEntry.all()) {
        if (Arrays.equals(mount.mountpoint(), path) && mount.type().startsWith("fuse")) {
          String minor = mount.device().substring(mount.device().indexOf(':') + 1);
          String file = "/sys/fs/fuse/connections/" + minor + "/abort";
          try (Fd control = Fd.open(file.getBytes(US_ASCII), Linux.O_WRONLY)) {
            Scratch scratch = Scratch.get();
            scratch.struct.put(0, (byte) '1');
            Syscalls.LIBC.write(control.number(), scratch.structAddress, 1);
          }
        }
      }
    } catch (ErrnoException e) {
      // There are no control files: the mount ends with its last user or its last descriptor.
    }
  }

  /**
   * Closes the descriptor. When the last one of the mount is closed, all its users get ENOTCONN.
   */
  @Override
  public void close() {
    device.close();
  }
}
