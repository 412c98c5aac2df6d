package plyfs.daemon;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.List;
import plyfs.layer.MountRefusedException;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Getdents;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Syscalls;

/**
 * The mark {@code WORKDIR/work/incompat/volatile/dirty}. It stays when a volatile mount ends,
 * because after a crash the upper directory may be incomplete on disk.
 *
 * @implNote Linux fs/overlayfs/super.c, ovl_create_volatile_dirty; util:
 *     ovl_workdir_cleanup_recurse
 */
public final class VolatileMark {
  private static final byte[] WORK = "work".getBytes(US_ASCII);
  private static final byte[] INCOMPAT = "incompat".getBytes(US_ASCII);
  private static final byte[] VOLATILE = "volatile".getBytes(US_ASCII);
  private static final byte[] DIRTY = "dirty".getBytes(US_ASCII);
  private static final int DIRECTORY = Linux.O_RDONLY | Linux.O_DIRECTORY | Linux.O_NOFOLLOW;

  private VolatileMark() {}

  /**
   * Refuses a workdir that contains such a mark, or one of an unknown kind. Call this before the
   * workdir is emptied.
   *
   * @throws MountRefusedException there is a mark, or the workdir cannot be read
   */
  public static void refuseIfPresent(byte[] workdir) throws MountRefusedException {
    try (Fd outer = Fd.open(workdir, Linux.O_PATH | Linux.O_DIRECTORY);
        Fd work = Fd.openIfPresent(outer, WORK, Linux.O_PATH | Linux.O_DIRECTORY);
        Fd marks = work == null ? null : Fd.openIfPresent(work, INCOMPAT, DIRECTORY)) {
      if (marks == null) {
        return;
      }
      List<String> found = new ArrayList<>();
      Getdents entries = new Getdents();
      while (entries.advance(marks)) {
        found.add(Name.printable(entries.name()));
      }
      if (!found.isEmpty()) {
        throw new MountRefusedException(
            "workdir "
                + Name.printable(workdir)
                + " was last used by a volatile mount, which syncs nothing: check the upper"
                + " directory, then remove work/incompat/"
                + found.get(0)
                + " there (EINVAL)");
      }
    } catch (ErrnoException e) {
      throw refused(workdir, e);
    }
  }

  /**
   * Creates the mark. Call this after the workdir has been emptied.
   *
   * @throws MountRefusedException the workdir cannot be written
   */
  public static void make(byte[] workdir) throws MountRefusedException {
    try (Fd outer = Fd.open(workdir, Linux.O_PATH | Linux.O_DIRECTORY);
        Fd work = Fd.openat(outer, WORK, Linux.O_PATH | Linux.O_DIRECTORY, 0);
        Fd incompat = made(work, INCOMPAT);
        Fd mark = made(incompat, VOLATILE)) {
      Fd.openat(mark, DIRTY, Linux.O_WRONLY | Linux.O_CREAT, 0).close();
    } catch (ErrnoException e) {
      throw refused(workdir, e);
    }
  }

  private static Fd made(Fd parent, byte[] name) throws ErrnoException {
    int result = Syscalls.mkdirat(parent, name, 0);
    if (result != -Errno.EEXIST) {
      ErrnoException.check(result);
    }
    return Fd.openat(parent, name, Linux.O_PATH | Linux.O_DIRECTORY | Linux.O_NOFOLLOW, 0);
  }

  private static MountRefusedException refused(byte[] workdir, ErrnoException cause) {
    return new MountRefusedException(
        "workdir " + Name.printable(workdir) + ": " + Errno.describe(cause.errno()));
  }
}
