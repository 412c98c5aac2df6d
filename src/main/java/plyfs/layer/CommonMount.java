package plyfs.layer;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/**
 * Opens the upper directory and its workdir through one private clone of their common mount: a
 * clone of the nearest directory above both.
 */
final class CommonMount {
  private static final int FLAGS = Linux.O_PATH | Linux.O_DIRECTORY | Linux.O_NOFOLLOW;
  private static final byte[] DOT = {'.'};

  private CommonMount() {}

  /**
   * Two descriptors in one mount; the caller owns both.
   *
   * @param mount the clone that contains them, which the caller also owns; null if there is none
   */
  record Pair(Fd upper, Fd work, Reach reach, @Nullable UpperMount mount) {}

  /**
   * Opens both directories in one mount.
   *
   * @param upper an {@code O_PATH} descriptor of the upper directory
   * @param work the same of the workdir
   * @param noatime whether reads through them leave access times unchanged
   * @throws MountRefusedException if they are not on one mount
   */
  static Pair of(Fd upper, Fd work, byte[] upperPath, byte[] workPath, boolean noatime)
      throws MountRefusedException, ErrnoException {
    byte[] upperReal = Syscalls.realPath(upper);
    byte[] workReal = Syscalls.realPath(work);
    byte[] common = commonAncestor(upperReal, workReal);
    Fd clone;
    try (Fd ancestor = Fd.open(common, Linux.O_PATH | Linux.O_DIRECTORY)) {
      clone = MountSyscalls.cloneMount(ancestor, Syscalls.SELF);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EPERM && e.errno() != Errno.ENOSYS && e.errno() != Errno.EINVAL) {
        throw e;
      }
      if (!sameMount(upper, work)) {
        throw notOneMount(upperPath, workPath);
      }
      return new Pair(
          Syscalls.reopen(upper, Linux.O_PATH),
          Syscalls.reopen(work, Linux.O_PATH),
          noatime ? Reach.SHARED : Reach.SHARED_UPPER,
          null);
    }
    Fd upperInClone = null;
    Fd workInClone = null;
    try {
      upperInClone = sameBelow(clone, upper, upperReal, common);
      workInClone = upperInClone == null ? null : sameBelow(clone, work, workReal, common);
      if (upperInClone == null || workInClone == null) {
        throw notOneMount(upperPath, workPath);
      }
      UpperMount mount = new UpperMount(clone);
      Reach reach = noatime ? mount.keepAccessTimes() : Reach.CLONE;
      return new Pair(upperInClone, workInClone, reach, mount);
    } catch (Throwable e) {
      closeIfOpened(workInClone);
      closeIfOpened(upperInClone);
      clone.close();
      throw e;
    }
  }

  private static void closeIfOpened(@Nullable Fd fd) {
    if (fd != null) {
      fd.close();
    }
  }

  private static MountRefusedException notOneMount(byte[] upperPath, byte[] workPath) {
    return new MountRefusedException(
        "workdir "
            + Name.printable(workPath)
            + " and upper directory "
            + Name.printable(upperPath)
            + " must be on the same mount (EXDEV)");
  }

  /** The longest common path of whole components. */
  static byte[] commonAncestor(byte[] one, byte[] other) {
    int slash = 0;
    int i = 0;
    while (i < one.length && i < other.length && one[i] == other[i]) {
      if (one[i] == '/') {
        slash = i;
      }
      i++;
    }
    return slash == 0 ? new byte[] {'/'} : Arrays.copyOf(one, slash);
  }

  /**
   * The same directory inside the clone; null if another mount covers it there, or the clone does
   * not contain it.
   */
  private static @Nullable Fd sameBelow(Fd clone, Fd wanted, byte[] path, byte[] ancestor)
      throws ErrnoException {
    int from = ancestor.length == 1 ? 1 : ancestor.length + 1;
    byte[] relative = from >= path.length ? DOT : Arrays.copyOfRange(path, from, path.length);
    Fd found;
    try {
      found =
          Fd.openat2(clone, relative, FLAGS, 0, Linux.RESOLVE_BENEATH | Linux.RESOLVE_NO_SYMLINKS);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR || e.errno() == Errno.ELOOP) {
        return null;
      }
      throw e;
    }
    try {
      if (same(wanted, found)) {
        return found;
      }
    } catch (Throwable e) {
      found.close();
      throw e;
    }
    found.close();
    return null;
  }

  private static Stat statOf(Fd directory) throws ErrnoException {
    Stat stat = new Stat();
    ErrnoException.check(Syscalls.statx(directory, Syscalls.SELF, stat));
    return stat;
  }

  private static boolean sameMount(Fd one, Fd other) throws ErrnoException {
    return sameFileSystem(one, other) && statOf(one).mountId() == statOf(other).mountId();
  }

  private static boolean sameFileSystem(Fd one, Fd other) throws ErrnoException {
    return statOf(one).dev() == statOf(other).dev();
  }

  private static boolean same(Fd one, Fd other) throws ErrnoException {
    return sameFileSystem(one, other) && statOf(one).ino() == statOf(other).ino();
  }
}
