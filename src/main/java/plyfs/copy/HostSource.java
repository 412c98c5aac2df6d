package plyfs.copy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import plyfs.image.tar.MemberSink;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/** A directory of this machine as a tree of its own, such as a mount point or the root. */
public final class HostSource implements SourceTree {
  private final Fd root;
  private final Consumer<String> notices;
  private final List<Fd> opened = new ArrayList<>();

  /**
   * Opens the directory.
   *
   * @param notices hears sentences about what could not be kept
   */
  public HostSource(byte[] directory, Consumer<String> notices) throws ErrnoException {
    this.root = Fd.open(directory, Linux.O_PATH | Linux.O_DIRECTORY);
    this.notices = notices;
  }

  private record FoundObject(Fd object, Stat stat, Consumer<String> notices) implements Found {
    @Override
    public boolean isDirectory() {
      return stat.isDirectory();
    }

    @Override
    public void copyTo(MemberSink sink, byte[] path) throws IOException, ErrnoException {
      new HostReader(sink, notices).tree(object, path);
    }
  }

  @Override
  public @Nullable Found find(byte[] path, boolean followsLast) throws ErrnoException {
    int flags = Linux.O_PATH | (followsLast ? 0 : Linux.O_NOFOLLOW);
    byte[] given = path.length == 0 ? new byte[] {'.'} : path;
    try {
      Fd object = Fd.openat2(root, given, flags, 0, Linux.RESOLVE_IN_ROOT);
      opened.add(object);
      Stat stat = new Stat();
      ErrnoException.check(Syscalls.statx(object, Syscalls.SELF, stat));
      return new FoundObject(object, stat, notices);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOENT) {
        return null;
      }
      throw e;
    }
  }

  @Override
  public void close() {
    opened.forEach(Fd::close);
    root.close();
  }
}
