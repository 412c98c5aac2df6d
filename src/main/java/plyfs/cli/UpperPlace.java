package plyfs.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import plyfs.image.disk.DirectoryAttributes;
import plyfs.options.MountOptions;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Name;
import plyfs.sys.Syscalls;

/** A directory that contains an upper directory, {@code diff}, and its workdir, {@code work}. */
final class UpperPlace {
  private UpperPlace() {}

  /**
   * Options with the upper directory in {@code directory}, which is created if it does not exist. A
   * new one has the owner and the mode of the topmost lower directory, because the root of the
   * mount shows those of the upper one.
   */
  static MountOptions add(MountOptions options, Path directory) throws CommandFailure {
    if (options.upper() != null) {
      throw new CommandFailure(
          MountArguments.USAGE, "options '--upper' and 'upperdir' contradict each other");
    }
    if (options.vfs().isReadOnly()) {
      throw new CommandFailure(
          MountArguments.USAGE, "options '--upper' and 'ro' contradict each other");
    }
    byte[] diff = GivenPath.bytes(directory.resolve("diff"));
    byte[] work = GivenPath.bytes(directory.resolve("work"));
    try {
      Files.createDirectories(directory);
      if (make(diff) && !options.lowers().isEmpty()) {
        DirectoryAttributes.copy(options.lowers().get(0), diff);
      }
      make(work);
    } catch (IOException | ErrnoException e) {
      String place = Name.printable(GivenPath.bytes(directory));
      throw new CommandFailure(
          MountArguments.REFUSED,
          "cannot create the upper directory in " + place + ": " + FailureText.of(e));
    }
    return options.withUpper(diff, work);
  }

  /** Creates a directory; false if it exists already. */
  private static boolean make(byte[] path) throws ErrnoException {
    int result = Syscalls.mkdirat(Fd.CWD, path, 0755);
    if (result == -Errno.EEXIST) {
      return false;
    }
    ErrnoException.check(result);
    return true;
  }
}
