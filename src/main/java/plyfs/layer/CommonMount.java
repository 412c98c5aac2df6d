package plyfs.layer;

import java.util.Arrays;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/**
 * Reaches the upper directory and its workdir through one private clone of the mount that holds
 * both: a clone of the nearest directory above the two.
 */
final class CommonMount {
  private static final int FLAGS = Linux.O_PATH | Linux.O_DIRECTORY | Linux.O_NOFOLLOW;
  private static final byte[] DOT = {'.'};

  private CommonMount() {}

  /** Two descriptors in one mount; the caller owns both. */
  record Pair(Fd upper, Fd work) {}

  /**
   * Opens both directories in one mount.
   *
   * @param upper an {@code O_PATH} descriptor of the upper directory
   * @param work the same of the workdir
   * @throws MountRefusedException if they are not on one mount
   */
  static Pair of(Fd upper, Fd work, byte[] upperPath, byte[] workPath)
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
      return new Pair(Syscalls.reopen(upper, Linux.O_PATH), Syscalls.reopen(work, Linux.O_PATH));
    }
    try (clone) {
      Fd upperInClone = below(clone, upperReal, common);
      Fd workInClone = below(clone, workReal, common);
      if (!same(upper, upperInClone) || !same(work, workInClone)) {
        upperInClone.close();
        workInClone.close();
        throw new MountRefusedException(
            "workdir "
                + Name.printable(workPath)
                + " and upper directory "
                + Name.printable(upperPath)
                + " must be on the same mount (EXDEV)");
      }
      return new Pair(upperInClone, workInClone);
    }
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

  private static Fd below(Fd clone, byte[] path, byte[] ancestor) throws ErrnoException {
    int from = ancestor.length == 1 ? 1 : ancestor.length + 1;
    byte[] relative = from >= path.length ? DOT : Arrays.copyOfRange(path, from, path.length);
    return Fd.openat2(clone, relative, FLAGS, 0, Linux.RESOLVE_BENEATH | Linux.RESOLVE_NO_SYMLINKS);
  }

  private static boolean same(Fd one, Fd other) throws ErrnoException {
    Stat first = new Stat();
    Stat second = new Stat();
    ErrnoException.check(Syscalls.statx(one, Syscalls.SELF, first));
    ErrnoException.check(Syscalls.statx(other, Syscalls.SELF, second));
    return first.dev() == second.dev() && first.ino() == second.ino();
  }
}
