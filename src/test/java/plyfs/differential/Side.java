package plyfs.differential;

import java.io.IOException;
import plyfs.contract.DiskTree;
import plyfs.sys.CallerCalls;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.MountSyscalls;

/** One of the two mounts, with what is open on it. */
final class Side implements AutoCloseable {
  private final NameOps names;
  private final XattrOps xattrs;
  private final FileOps files;
  private final HeldFiles held;
  private final Shells shells;

  Side(String mountPoint) {
    DiskTree at = new DiskTree(mountPoint);
    names = new NameOps(at);
    xattrs = new XattrOps(at);
    files = new FileOps(at);
    held = new HeldFiles(at);
    shells = new Shells(mountPoint);
  }

  /** Does an operation. */
  Outcome apply(Op op) throws IOException {
    int umask = MountSyscalls.umask(op.oneOf(1, 022, 0, 077, 007));
    try {
      return applyAs(op);
    } finally {
      MountSyscalls.umask(umask);
    }
  }

  /** As {@link #apply}, with the umask that the process has. */
  Outcome applyAs(Op op) throws IOException {
    if (op.kind().part == Op.Part.SHELL) {
      return shells.run(op);
    }
    CallerCalls.become(op.user());
    try {
      return new Outcome(Outcome.Sort.DONE, run(op));
    } catch (ErrnoException e) {
      return new Outcome(Outcome.Sort.FAILED, Errno.name(e.errno()));
    } catch (NothingToDo e) {
      return new Outcome(Outcome.Sort.NOTHING_TO_DO, String.valueOf(e.getMessage()));
    } finally {
      CallerCalls.become(0);
    }
  }

  private String run(Op op) throws ErrnoException, NothingToDo {
    return switch (op.kind().part) {
      case NAMES -> names.run(op);
      case XATTRS -> xattrs.run(op);
      case FILES -> files.run(op);
      case HELD -> held.run(op);
      case SHELL, PAIR -> throw new IllegalArgumentException("not of one side: " + op);
    };
  }

  @Override
  public void close() throws IOException {
    held.closeAll();
    shells.close();
  }
}
