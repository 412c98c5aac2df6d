package plyfs.differential;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import plyfs.contract.DiskTree;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Getdents;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;

/** Files and directories that stay open from one operation to the next. */
final class HeldFiles {
  private static final int MOST = 8;

  private final DiskTree at;
  private final List<Held> files = new ArrayList<>();
  private final List<Held> directories = new ArrayList<>();

  private record Held(Fd fd, boolean writable) {}

  HeldFiles(DiskTree at) {
    this.at = at;
  }

  String run(Op op) throws ErrnoException, NothingToDo {
    switch (op.kind()) {
      case HOLD -> {
        return hold(op);
      }
      case HOLD_DIRECTORY -> {
        return keep(directories, new Held(at.open(op.path(), Linux.O_DIRECTORY), false));
      }
      case HELD_LOSES_NAME -> {
        return loseName(op);
      }
      case HELD_LIST, HELD_MAKE_IN -> {
        return inDirectory(op, chosen(op, directories));
      }
      default -> {
        return onFile(op, chosen(op, files));
      }
    }
  }

  private static Held chosen(Op op, List<Held> all) throws NothingToDo {
    if (all.isEmpty()) {
      throw new NothingToDo("nothing is open");
    }
    return all.get(op.pick(50, all.size()));
  }

  private static String keep(List<Held> all, Held held) {
    if (all.size() == MOST) {
      all.remove(0).fd.close();
    }
    all.add(held);
    return "open";
  }

  private String hold(Op op) throws ErrnoException, NothingToDo {
    int flags = op.oneOf(51, 0, Linux.O_RDWR, Linux.O_RDWR, Linux.O_RDWR | Linux.O_APPEND);
    Fd fd = at.open(op.path(), flags | Linux.O_NONBLOCK);
    if (!stat(fd).isRegular()) {
      fd.close();
      throw new NothingToDo("not a file");
    }
    return keep(files, new Held(fd, flags != Linux.O_RDONLY));
  }

  /** What is done by the descriptor shows under the name that is left, and the reverse. */
  private String loseName(Op op) throws ErrnoException, NothingToDo {
    try (Fd held = at.open(op.path(), Linux.O_RDWR | Linux.O_NONBLOCK)) {
      if (!stat(held).isRegular()) {
        throw new NothingToDo("not a file");
      }
      loseName(op, op.path());
      StringBuilder seen = new StringBuilder(see(op.other()));
      Bytes.pwrite(held, Bytes.pattern(op, 1 + op.pick(53, 3000)), op.pick(54, 9000));
      seen.append(see(op.other()));
      ErrnoException.check(FileSyscalls.ftruncate(held, op.pick(55, 9000)));
      ErrnoException.check(Syscalls.fchmod(held, 0600 | NameOps.mode(op)));
      seen.append(see(op.other()));
      try (Fd again = at.open(op.other(), Linux.O_RDWR | Linux.O_NONBLOCK)) {
        Bytes.pwrite(again, Bytes.pattern(op, 7), 1);
      }
      at.chmod(op.other(), NameOps.mode(op));
      return seen + NameOps.text(stat(held)) + " " + Bytes.digest(Bytes.pread(held, 50_000, 0));
    }
  }

  private void loseName(Op op, String name) throws ErrnoException {
    switch (op.pick(60, 4)) {
      case 0 -> at.unlink(name);
      case 1 -> {
        at.mknod(name + "+", Linux.S_IFREG | 0600, 0);
        at.rename(name + "+", name);
      }
      case 2 -> {
        at.rename(name, "moved");
        at.unlink("moved");
      }
      default -> {
        at.symlink("x", name + "+");
        at.rename(name + "+", name, Linux.RENAME_EXCHANGE);
        at.unlink(name + "+");
      }
    }
  }

  private String see(String name) throws ErrnoException {
    Stat stat = at.stat(name);
    try (Fd file = at.open(name, Linux.O_NONBLOCK)) { // it may be a FIFO
      String content = Bytes.digest(Bytes.pread(file, 50_000, 0));
      return NameOps.text(stat) + " links " + stat.nlink() + " " + content + "\n";
    }
  }

  private static Stat stat(Fd fd) throws ErrnoException {
    Stat stat = new Stat();
    ErrnoException.check(Syscalls.statx(fd, Syscalls.SELF, stat));
    return stat;
  }

  private String onFile(Op op, Held held) throws ErrnoException, NothingToDo {
    Fd fd = held.fd;
    if (!held.writable && !op.kind().equals(Op.Kind.HELD_WRITE)) {
      // What a descriptor for reading changes in an unlinked lower file: SEMANTICS 5.2.
      return switch (op.kind()) {
        case HELD_STAT -> NameOps.text(stat(fd));
        case HELD_CLOSE -> close(held);
        default -> Bytes.digest(Bytes.pread(fd, 50_000, 0));
      };
    }
    return switch (op.kind()) {
      case HELD_READ -> Bytes.digest(Bytes.pread(fd, 50_000, op.pick(52, 200)));
      case HELD_WRITE ->
          "wrote " + Bytes.pwrite(fd, Bytes.pattern(op, 1 + op.pick(53, 3000)), op.pick(54, 9000));
      case HELD_WRITE_MAPPED -> FileOps.writeMapped(op, fd);
      case HELD_ALLOCATE -> FileOps.allocate(op, fd);
      case HELD_COPY_RANGE -> FileOps.copyRange(op, files.get(op.pick(59, files.size())).fd, fd);
      case HELD_SET_TIMES ->
          ""
              + ErrnoException.check(
                  Syscalls.utimensat(
                      fd, Syscalls.SELF, op.pick(8, 99999), 1, op.pick(9, 99999), 2));
      case HELD_STAT -> NameOps.text(stat(fd));
      case HELD_TRUNCATE ->
          "" + ErrnoException.check(FileSyscalls.ftruncate(fd, op.pick(55, 9000)));
      case HELD_CHMOD -> "" + ErrnoException.check(Syscalls.fchmod(fd, NameOps.mode(op)));
      case HELD_CHOWN ->
          ""
              + ErrnoException.check(
                  Syscalls.chownat(fd, Syscalls.SELF, op.pick(56, 4), op.pick(57, 4)));
      case HELD_XATTR ->
          ""
              + ErrnoException.check(
                  XattrSyscalls.set(
                      fd, Syscalls.SELF, Bytes.of("user.held"), Bytes.pattern(op, 5), 0));
      case HELD_LINK ->
          ""
              + ErrnoException.check(
                  Syscalls.linkat(
                      fd, Syscalls.SELF, Fd.CWD, Bytes.of(at.root() + "/" + op.other())));
      case HELD_SYNC -> "" + ErrnoException.check(FileSyscalls.fsync(fd));
      case HELD_CLOSE -> close(held);
      default -> throw new IllegalArgumentException(op.toString());
    };
  }

  private String close(Held held) {
    held.fd.close();
    files.remove(held);
    return "closed";
  }

  private static String inDirectory(Op op, Held held) throws ErrnoException {
    byte[] name = Bytes.of(op.path().substring(op.path().lastIndexOf('/') + 1));
    if (op.kind() == Op.Kind.HELD_LIST) {
      ErrnoException.check(FileSyscalls.lseek(held.fd, 0, Linux.SEEK_SET));
      List<String> names = new ArrayList<>();
      Getdents entries = new Getdents();
      while (entries.advance(held.fd)) {
        names.add(new String(entries.name(), ISO_8859_1) + " type " + entries.type());
      }
      Collections.sort(names);
      return names.toString();
    }
    int result =
        switch (op.pick(58, 4)) {
          case 0 -> Syscalls.mkdirat(held.fd, name, 0777);
          case 1 -> Syscalls.unlinkat(held.fd, name, 0);
          case 2 -> Syscalls.mknodat(held.fd, name, Linux.S_IFREG | 0666, 0);
          default -> Syscalls.unlinkat(held.fd, name, Linux.AT_REMOVEDIR);
        };
    return "" + ErrnoException.check(result);
  }

  void closeAll() {
    files.forEach(held -> held.fd.close());
    files.clear();
    directories.forEach(held -> held.fd.close());
    directories.clear();
  }
}
