package plyfs.copy;

import java.io.IOException;
import java.util.Arrays;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/**
 * Where a copy goes: which directory it is put into, and under which name.
 *
 * @param directory path in the root
 * @param name the new name of what is copied; empty for a directory whose contents alone are copied
 * @implNote the rules are those of docker cp: moby, pkg/archive/copy.go, PrepareArchiveCopy
 */
public record Destination(byte[] directory, byte[] name) {
  /** The limit of the kernel. */
  private static final int MAX_LINKS = 40;

  private static final int LOOK = Linux.O_PATH;

  /**
   * Finds it.
   *
   * @param root what the path lies in
   * @param path as typed
   * @param assertsDirectory whether the path can only be a directory
   * @param isDirectory whether a directory is copied
   * @param base name of what is copied; empty for the contents of a directory
   * @throws IOException there is no such place; the message is one sentence
   */
  public static Destination find(
      Fd root, byte[] path, boolean assertsDirectory, boolean isDirectory, byte[] base)
      throws IOException, ErrnoException {
    Stat stat = new Stat();
    boolean exists = stat(root, path, stat);
    if (exists && stat.isDirectory()) {
      return new Destination(path, base);
    }
    String shown = Name.printable(path);
    if (exists && assertsDirectory) {
      throw new IOException("'" + shown + "' is not a directory");
    }
    if (exists && isDirectory) {
      throw new IOException("cannot copy a directory to '" + shown + "', which is a file");
    }
    if (!exists && assertsDirectory && !isDirectory) {
      throw new IOException("there is no directory '" + shown + "'");
    }
    Destination place = beyondLinks(root, path);
    if (!stat(root, place.directory, stat) || !stat.isDirectory()) {
      throw new IOException("there is no directory '" + Name.printable(place.directory) + "'");
    }
    return place;
  }

  private static boolean stat(Fd root, byte[] path, Stat out) throws ErrnoException {
    try (Fd found = Fd.openat2(root, orDot(path), LOOK, 0, Linux.RESOLVE_IN_ROOT)) {
      ErrnoException.check(Syscalls.statx(found, Syscalls.SELF, out));
      return true;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
        return false;
      }
      throw e;
    }
  }

  private static byte[] orDot(byte[] path) {
    return path.length == 0 ? new byte[] {'.'} : path;
  }

  /** The place that a symbolic link at the end leads to, whether anything is there or not. */
  private static Destination beyondLinks(Fd root, byte[] path) throws ErrnoException {
    byte[] at = path;
    for (int i = 0; i <= MAX_LINKS; i++) {
      int end = at.length;
      while (end > 0 && at[end - 1] == '/') {
        end--;
      }
      int start = end;
      while (start > 0 && at[start - 1] != '/') {
        start--;
      }
      Destination place =
          new Destination(Arrays.copyOf(at, start), Arrays.copyOfRange(at, start, end));
      byte[] target = linkTarget(root, Arrays.copyOf(at, end));
      if (target.length == 0) {
        return place;
      }
      at = target[0] == '/' ? target : joined(place.directory, target);
    }
    throw ErrnoException.of(Errno.ELOOP);
  }

  private static byte[] joined(byte[] directory, byte[] name) {
    byte[] path = Arrays.copyOf(directory, directory.length + name.length);
    System.arraycopy(name, 0, path, directory.length, name.length);
    return path;
  }

  /** Empty where there is no symbolic link. */
  private static byte[] linkTarget(Fd root, byte[] path) throws ErrnoException {
    int flags = LOOK | Linux.O_NOFOLLOW;
    try (Fd found = Fd.openat2(root, orDot(path), flags, 0, Linux.RESOLVE_IN_ROOT)) {
      Stat stat = new Stat();
      ErrnoException.check(Syscalls.statx(found, Syscalls.SELF, stat));
      return stat.isSymlink() ? Syscalls.readlink(found, Syscalls.SELF) : new byte[0];
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
        return new byte[0];
      }
      throw e;
    }
  }
}
