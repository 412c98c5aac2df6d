package plyfs.differential;

import plyfs.contract.DiskTree;
import plyfs.sys.CallerCalls;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;

/** Operations that open a file, use it and close it. */
final class FileOps {
  private static final int LARGEST = 40_000;

  private final DiskTree at;

  FileOps(DiskTree at) {
    this.at = at;
  }

  /** Opens a file; a FIFO does not block. */
  private Fd open(String path, int flags) throws ErrnoException {
    return at.open(path, flags | Linux.O_NONBLOCK);
  }

  private static long offset(Op op) {
    return op.pick(30, 3) == 0 ? op.pick(31, LARGEST) : op.pick(31, 100);
  }

  private static int length(Op op) {
    return op.pick(32, 4) == 0 ? op.pick(33, 12_000) : op.pick(33, 100);
  }

  String run(Op op) throws ErrnoException, NothingToDo {
    return switch (op.kind()) {
      case CREATE -> create(op, Linux.O_CREAT | Linux.O_EXCL | Linux.O_RDWR);
      case OPEN_OR_CREATE ->
          create(op, Linux.O_CREAT | op.oneOf(34, Linux.O_RDWR, Linux.O_WRONLY | Linux.O_TRUNC));
      case WRITE -> write(op);
      case APPEND -> append(op);
      case TRUNCATE -> truncate(op);
      case OPEN_TRUNCATED -> openTruncated(op);
      case WRITE_MAPPED -> writeMapped(op);
      case ALLOCATE -> allocate(op);
      case COPY_RANGE -> copyRange(op);
      case SEEK -> seek(op);
      case READ -> read(op);
      case LINK_NAMELESS -> linkNameless(op);
      default -> throw new IllegalArgumentException(op.toString());
    };
  }

  private String create(Op op, int flags) throws ErrnoException {
    try (Fd file = at.open(op.path(), flags | Linux.O_NONBLOCK, NameOps.mode(op))) {
      return "wrote " + Bytes.write(file, Bytes.pattern(op, length(op)));
    }
  }

  private String write(Op op) throws ErrnoException {
    try (Fd file = open(op.path(), Linux.O_WRONLY)) {
      return "wrote " + Bytes.pwrite(file, Bytes.pattern(op, length(op)), offset(op));
    }
  }

  private String append(Op op) throws ErrnoException {
    try (Fd file = open(op.path(), Linux.O_WRONLY | Linux.O_APPEND)) {
      return "wrote " + Bytes.write(file, Bytes.pattern(op, length(op)));
    }
  }

  private String truncate(Op op) throws ErrnoException {
    if (op.pick(35, 2) == 0) {
      byte[] path = Bytes.of(at.root() + "/" + op.path());
      return "" + ErrnoException.check(CallerCalls.truncate(path, offset(op)));
    }
    try (Fd file = open(op.path(), Linux.O_WRONLY)) {
      return "" + ErrnoException.check(FileSyscalls.ftruncate(file, offset(op)));
    }
  }

  private String openTruncated(Op op) throws ErrnoException {
    try (Fd file = open(op.path(), Linux.O_RDWR | Linux.O_TRUNC)) {
      Stat stat = new Stat();
      ErrnoException.check(Syscalls.statx(file, Syscalls.SELF, stat));
      return NameOps.text(stat);
    }
  }

  private String writeMapped(Op op) throws ErrnoException, NothingToDo {
    try (Fd file = open(op.path(), Linux.O_RDWR)) {
      return writeMapped(op, file);
    }
  }

  static String writeMapped(Op op, Fd file) throws ErrnoException, NothingToDo {
    Stat stat = new Stat();
    ErrnoException.check(Syscalls.statx(file, Syscalls.SELF, stat));
    int length = (int) Math.min(stat.size(), 1 + length(op));
    if (!stat.isRegular() || length == 0) {
      throw new NothingToDo("nothing to map");
    }
    if (XattrSyscalls.get(file, Syscalls.SELF, Bytes.of("security.capability")) != null) {
      // Plyfs takes it away, as write(2) does: README, non-standard behavior.
      throw new NothingToDo("has a capability");
    }
    byte[] bytes = Bytes.pattern(op, length);
    CallerCalls.writeMapped(file, bytes);
    return "mapped " + Bytes.digest(bytes);
  }

  private String allocate(Op op) throws ErrnoException {
    try (Fd file = open(op.path(), Linux.O_WRONLY)) {
      return allocate(op, file);
    }
  }

  static String allocate(Op op, Fd file) throws ErrnoException {
    int hole = Linux.FALLOC_FL_PUNCH_HOLE | Linux.FALLOC_FL_KEEP_SIZE;
    int zeroes = Linux.FALLOC_FL_ZERO_RANGE;
    int mode =
        op.oneOf(
            36,
            0,
            Linux.FALLOC_FL_KEEP_SIZE,
            hole,
            hole,
            zeroes,
            zeroes | Linux.FALLOC_FL_KEEP_SIZE,
            op.pick(37, 4) == 0 ? Linux.FALLOC_FL_PUNCH_HOLE : 0);
    int length = op.pick(38, 8) == 0 ? 0 : 1 + length(op);
    return "" + ErrnoException.check(FileSyscalls.fallocate(file, mode, offset(op), length));
  }

  private String copyRange(Op op) throws ErrnoException {
    try (Fd in = open(op.path(), Linux.O_RDONLY);
        Fd out = open(op.other(), Linux.O_WRONLY)) {
      return copyRange(op, in, out);
    }
  }

  static String copyRange(Op op, Fd in, Fd out) throws ErrnoException {
    return "copied "
        + ErrnoException.check(
            FileSyscalls.copyFileRange(in, op.pick(37, 50), out, offset(op), length(op)));
  }

  /** Where holes are belongs to each engine, so this asks what must hold for any of them. */
  private String seek(Op op) throws ErrnoException, NothingToDo {
    try (Fd file = open(op.path(), Linux.O_RDONLY)) {
      Stat stat = new Stat();
      ErrnoException.check(Syscalls.statx(file, Syscalls.SELF, stat));
      if (!stat.isRegular()) {
        throw new NothingToDo("not a file");
      }
      long start = offset(op);
      long found = FileSyscalls.lseek(file, start, Linux.SEEK_DATA);
      long hole = FileSyscalls.lseek(file, start, Linux.SEEK_HOLE);
      if (start >= stat.size()) {
        return found + " " + hole;
      }
      if (found < 0 && found != -Errno.ENXIO || hole < start || hole > stat.size()) {
        return "wrong: data " + found + " hole " + hole + " of " + stat.size();
      }
      long dataAt = found < 0 ? stat.size() : found;
      for (byte b : Bytes.pread(file, (int) (dataAt - start), start)) {
        if (b != 0) {
          return "data before " + dataAt;
        }
      }
      return "plausible";
    }
  }

  private String read(Op op) throws ErrnoException {
    try (Fd file = open(op.path(), Linux.O_RDONLY)) {
      return Bytes.digest(Bytes.pread(file, LARGEST, op.pick(38, 2) * offset(op)));
    }
  }

  private String linkNameless(Op op) throws ErrnoException {
    int slash = Math.max(op.path().lastIndexOf('/'), 0);
    int flags = Linux.O_TMPFILE | Linux.O_RDWR | (op.pick(39, 6) == 0 ? Linux.O_EXCL : 0);
    try (Fd file = at.open(op.path().substring(0, slash), flags, NameOps.mode(op))) {
      Bytes.pwrite(file, Bytes.pattern(op, length(op)), offset(op));
      byte[] path = Bytes.of(at.root() + "/" + op.other());
      return "" + ErrnoException.check(Syscalls.linkat(file, Syscalls.SELF, Fd.CWD, path));
    }
  }
}
