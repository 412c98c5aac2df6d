package plyfs.layer;

import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Syscalls;

/**
 * Makes whiteouts: all are hard links of one inode in the workdir, {@code #whiteout}, until its
 * file system allows no more links; then of another one.
 */
final class Whiteouts {
  private static final Name SHARED = Name.of("#whiteout");
  private static final int ATTEMPTS = 3;

  private Whiteouts() {}

  /**
   * Puts a whiteout at a free name.
   *
   * @param work directory that holds the shared one
   * @throws ErrnoException EEXIST if the name is taken
   */
  static void link(Fd work, Fd directory, Name name) throws ErrnoException {
    int result = Syscalls.linkat(work, SHARED.bytes(), directory, name.bytes());
    for (int attempt = 0;
        attempt < ATTEMPTS && (result == -Errno.ENOENT || result == -Errno.EMLINK);
        attempt++) {
      if (result == -Errno.EMLINK) {
        Syscalls.unlinkat(work, SHARED.bytes(), 0);
      }
      int made = Syscalls.mknodat(work, SHARED.bytes(), Linux.S_IFCHR, 0);
      if (made != 0 && made != -Errno.EEXIST) {
        throw ErrnoException.of(-made);
      }
      result = Syscalls.linkat(work, SHARED.bytes(), directory, name.bytes());
    }
    ErrnoException.check(result);
  }
}
