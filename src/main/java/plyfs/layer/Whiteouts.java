package plyfs.layer;

import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Syscalls;

/**
 * Creates whiteouts. They are hard links of one inode in the workdir, {@code #whiteout}, until its
 * file system permits no more links; then of a new inode.
 */
final class Whiteouts {
  private static final Name SHARED = Name.of("#whiteout");
  private static final int ATTEMPTS = 3;

  private Whiteouts() {}

  /**
   * Creates a whiteout: a device 0:0 under a free name, or a file {@code .wh.NAME} beside a name,
   * unless it exists.
   *
   * @param asFile whether it is a file
   * @param work directory of the shared whiteout
   * @throws ErrnoException EEXIST if the name is taken, for a device; ENAMETOOLONG for a file and a
   *     name of more than 251 bytes
   */
  static void put(boolean asFile, Fd work, Fd directory, Name name) throws ErrnoException {
    if (!asFile) {
      ErrnoException.check(linkShared(work, directory, name, WhiteoutForm.CHAR));
      return;
    }
    if (!AufsNames.hasMark(name)) {
      throw ErrnoException.of(Errno.ENAMETOOLONG);
    }
    int result = linkShared(work, directory, AufsNames.markOf(name), WhiteoutForm.FILE);
    ErrnoException.check(result == -Errno.EEXIST ? 0 : result);
  }

  /** Makes the next whiteout start a new inode. */
  static void forgetShared(Fd work) {
    Syscalls.unlinkat(work, SHARED.bytes(), 0);
  }

  private static int linkShared(Fd work, Fd directory, Name name, WhiteoutForm form)
      throws ErrnoException {
    int result = Syscalls.linkat(work, SHARED.bytes(), directory, name.bytes());
    for (int attempt = 0;
        attempt < ATTEMPTS && (result == -Errno.ENOENT || result == -Errno.EMLINK);
        attempt++) {
      if (result == -Errno.EMLINK) {
        Syscalls.unlinkat(work, SHARED.bytes(), 0);
      }
      makeShared(work, form);
      result = Syscalls.linkat(work, SHARED.bytes(), directory, name.bytes());
    }
    return result;
  }

  private static void makeShared(Fd work, WhiteoutForm form) throws ErrnoException {
    if (form == WhiteoutForm.CHAR) {
      int made = Syscalls.mknodat(work, SHARED.bytes(), Linux.S_IFCHR, 0);
      ErrnoException.check(made == -Errno.EEXIST ? 0 : made);
      return;
    }
    try {
      // Not mknod(2), which may be the call that is not permitted.
      int flags = Linux.O_CREAT | Linux.O_EXCL | Linux.O_RDWR | Linux.O_NOFOLLOW;
      Fd.openat(work, SHARED.bytes(), flags, 0).close();
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
    }
  }
}
