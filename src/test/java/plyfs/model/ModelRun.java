package plyfs.model;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import plyfs.layer.MountRefusedException;
import plyfs.layer.WhiteoutForm;
import plyfs.model.ModelTree.Inode;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.union.UnionFixture;
import plyfs.union.UnionFs;
import plyfs.union.UnionPaths;
import plyfs.union.api.AttributeChange;
import plyfs.union.api.NodeView;

/** One sequence of operations, done to a union and to the model at once. */
final class ModelRun {
  private static final int NO_ERROR = 0;

  /** A file that is kept open. */
  private record Open(long handle, long node, Inode inode, boolean writable, boolean[] linkable) {}

  private final UnionFixture fixture;
  private final ModelTree model;
  private final @Nullable Open[] slots = new Open[Operation.SLOTS];
  private UnionPaths union;
  private boolean plus;

  ModelRun(UnionFixture fixture, ModelTree model) throws ErrnoException, MountRefusedException {
    this.fixture = fixture;
    this.model = model;
    this.union = fixture.mount();
    compare("", model.root, true);
  }

  /** The two differ. */
  static final class Difference extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Difference(String what) {
      super(what);
    }
  }

  private interface Attempt {
    void run() throws ErrnoException;
  }

  private static int errnoOf(Attempt attempt) {
    try {
      attempt.run();
      return NO_ERROR;
    } catch (ErrnoException e) {
      return e.errno();
    }
  }

  private static void same(String what, Object expected, Object actual) {
    if (!expected.equals(actual)) {
      throw new Difference(what + ": expected " + expected + " but was " + actual);
    }
  }

  private static void both(Attempt onModel, Attempt onUnion) {
    int expected = errnoOf(onModel);
    int actual = errnoOf(onUnion);
    same("result", Errno.name(expected), Errno.name(actual));
  }

  void run(Operation operation) throws ErrnoException, MountRefusedException {
    switch (operation.kind()) {
      case OPEN, OPEN_NAMELESS, WRITE_OPEN, READ_OPEN, CHMOD_OPEN, LINK_OPEN, CLOSE ->
          runOpen(operation);
      case CHMOD, CHOWN, SET_TIMES, SET_XATTR, REMOVE_XATTR, WRITE, TRUNCATE ->
          runOnObject(operation);
      case CHECK -> compare("", model.root, false);
      case REMOUNT -> remount();
      default -> runOnName(operation);
    }
  }

  private void remount() throws ErrnoException, MountRefusedException {
    for (int i = 0; i < slots.length; i++) {
      close(i);
    }
    same("nodes left", 1, fixture.fs().nodeCount());
    same("handles left", 0, fixture.fs().handleCount());
    same("workdir", List.of(), fixture.workdir());
    union = fixture.mount();
    compare("", model.root, false);
  }

  private void runOnName(Operation op) {
    String path = op.path();
    switch (op.kind()) {
      case CREATE ->
          both(
              () -> model.make(path, Linux.S_IFREG, op.number()).content = op.other(),
              () -> {
                long handle = union.openNew(path, op.number());
                union.writeAt(handle, 0, op.other());
                fixture.fs().release(handle);
              });
      case MKDIR ->
          both(
              () -> model.make(path, Linux.S_IFDIR, op.number()),
              () -> union.mkdir(path, op.number()));
      case MKFIFO ->
          both(
              () -> model.make(path, Linux.S_IFIFO, op.number()),
              () -> union.mknod(path, Linux.S_IFIFO | op.number(), 0));
      case SYMLINK ->
          both(
              () -> model.make(path, Linux.S_IFLNK, 0777).content = op.other(),
              () -> union.symlink(op.other(), path));
      case UNLINK -> both(() -> model.unlink(path), () -> union.unlink(path));
      case RMDIR -> both(() -> model.rmdir(path), () -> union.rmdir(path));
      case LINK ->
          both(() -> model.link(model.get(path), op.other()), () -> union.link(path, op.other()));
      case RENAME -> rename(op);
      default -> throw new IllegalArgumentException(op.toString());
    }
  }

  /** Where whiteouts are files, directories with a lower part do not move. */
  private void rename(Operation op) {
    int actual = errnoOf(() -> union.rename(op.path(), op.other(), op.number()));
    if (actual == Errno.EXDEV && fixture.whiteouts == WhiteoutForm.FILE) {
      return;
    }
    int expected = errnoOf(() -> model.rename(op.path(), op.other(), op.number()));
    same("result", Errno.name(expected), Errno.name(actual));
  }

  private void runOnObject(Operation op) {
    String path = op.path();
    switch (op.kind()) {
      case CHMOD -> both(() -> chmod(model.get(path), op), () -> union.chmod(path, op.number()));
      case CHOWN ->
          both(
              () -> chown(model.get(path), op.number()),
              () -> union.change(path, new AttributeChange().uid(op.number()).gid(op.number())));
      case SET_TIMES ->
          both(
              () -> model.get(path).mtime = op.number() * 1000L + 7,
              () -> union.change(path, new AttributeChange().atime(5, 5).mtime(op.number(), 7)));
      case SET_XATTR ->
          both(
              () -> settable(model.get(path), op.other()).xattrs.put(op.other(), op.path()),
              () -> union.setXattr(path, op.other(), op.path()));
      case REMOVE_XATTR ->
          both(
              () -> {
                if (settable(model.get(path), op.other()).xattrs.remove(op.other()) == null) {
                  throw ErrnoException.of(Errno.ENODATA);
                }
              },
              () -> union.removeXattr(path, op.other()));
      case WRITE ->
          both(
              () -> openable(model.get(path)).write(op.number(), op.other()),
              () -> union.write(path, op.number(), op.other()));
      case TRUNCATE ->
          both(
              () -> resizable(model.get(path)).truncate(op.number()),
              () -> union.truncate(path, op.number()));
      default -> throw new IllegalArgumentException(op.toString());
    }
  }

  private static void chmod(Inode inode, Operation op) throws ErrnoException {
    if (inode.type == Linux.S_IFLNK) {
      throw ErrnoException.of(Errno.EOPNOTSUPP);
    }
    inode.mode = op.number();
  }

  private static void chown(Inode inode, int id) {
    inode.uid = id;
    inode.gid = id;
    if (!inode.isDirectory()) {
      int sgid = (inode.mode & Linux.S_IXGRP) != 0 ? Linux.S_ISGID : 0;
      inode.mode &= ~(Linux.S_ISUID | sgid);
    }
  }

  private static Inode settable(Inode inode, String name) throws ErrnoException {
    if (name.startsWith("user.") && !inode.isDirectory() && !inode.isRegular()) {
      throw ErrnoException.of(Errno.EPERM);
    }
    return inode;
  }

  private static Inode openable(Inode inode) throws ErrnoException {
    if (!inode.isRegular()) {
      throw ErrnoException.of(inode.isDirectory() ? Errno.EISDIR : Errno.ENXIO);
    }
    return inode;
  }

  private static Inode resizable(Inode inode) throws ErrnoException {
    if (!inode.isRegular()) {
      throw ErrnoException.of(inode.isDirectory() ? Errno.EISDIR : Errno.EINVAL);
    }
    return inode;
  }

  // Files that are kept open

  private void runOpen(Operation op) throws ErrnoException {
    Open open = slots[op.slot()];
    if (op.kind() == Operation.Kind.OPEN || op.kind() == Operation.Kind.OPEN_NAMELESS) {
      close(op.slot());
      open(op);
      return;
    }
    if (open == null) {
      return;
    }
    switch (op.kind()) {
      case WRITE_OPEN ->
          both(
              () -> {
                if (!open.writable) {
                  throw ErrnoException.of(Errno.EBADF);
                }
                open.inode.write(op.number(), op.other());
              },
              () -> union.writeAt(open.handle, op.number(), op.other()));
      case READ_OPEN -> {
        same("open file", open.inode.content, union.readAt(open.handle, 0, 100_000));
        NodeView view = new NodeView();
        fixture.fs().getAttributes(open.node, view);
        compareObject("open file", open.inode, view);
      }
      case CHMOD_OPEN ->
          both(
              () -> open.inode.mode = op.number(),
              () ->
                  fixture
                      .fs()
                      .setAttributes(
                          open.node,
                          new AttributeChange().mode(op.number()),
                          union.caller,
                          new NodeView()));
      case LINK_OPEN ->
          both(
              () -> {
                ModelTree.Place at = model.place(op.path());
                if (open.inode.nlink == 0 && !open.linkable[0]) {
                  throw ErrnoException.of(at.node() == null ? Errno.ENOENT : Errno.EEXIST);
                }
                model.link(open.inode, op.path());
                open.linkable[0] = false;
              },
              () -> union.linkNode(open.node, op.path()));
      default -> close(op.slot());
    }
  }

  private void open(Operation op) {
    boolean writes = op.number() != 0;
    both(
        () -> {
          if (op.kind() == Operation.Kind.OPEN) {
            openable(model.get(op.path()));
          } else if (!model.get(op.path()).isDirectory()) {
            throw ErrnoException.of(Errno.ENOTDIR);
          }
        },
        () -> {
          if (op.kind() == Operation.Kind.OPEN) {
            long node = union.resolve(op.path());
            try {
              long handle =
                  fixture
                      .fs()
                      .open(node, writes ? Linux.O_RDWR : Linux.O_RDONLY, false, union.caller);
              boolean[] no = {false};
              slots[op.slot()] = new Open(handle, node, model.get(op.path()), writes, no);
            } catch (ErrnoException e) {
              fixture.fs().forget(node, 1);
              throw e;
            }
          } else {
            long[] made = union.openNameless(op.path(), op.number());
            Inode inode = ModelTree.makeNameless(model.get(op.path()), Linux.S_IFREG, op.number());
            slots[op.slot()] = new Open(made[0], made[1], inode, true, new boolean[] {true});
          }
        });
  }

  private void close(int slot) {
    Open open = slots[slot];
    if (open != null) {
      fixture.fs().release(open.handle);
      fixture.fs().forget(open.node, 1);
      slots[slot] = null;
    }
  }

  // Comparison

  private void compare(String path, Inode inode, boolean learn) throws ErrnoException {
    NodeView view = union.view(path);
    if (learn) {
      Stat stat = view.stat();
      inode.mode = stat.mode() & 07777;
      inode.uid = stat.uid();
      inode.gid = stat.gid();
      inode.mtime = mtime(stat);
    }
    compareObject(path, inode, view);
    long ino = view.ino();
    same(path + " xattrs", inode.xattrs, union.xattrs(path));
    if (inode.isRegular()) {
      same(path + " content", inode.content, union.read(path));
    } else if (inode.type == Linux.S_IFLNK) {
      UnionFs fs = fixture.fs();
      same(path + " target", inode.content, new String(union.on(path, fs::readLink), ISO_8859_1));
    } else if (inode.isDirectory()) {
      compareChildren(path, inode, learn);
    }
    same(path + " number again", ino, union.view(path).ino());
  }

  private void compareChildren(String path, Inode inode, boolean learn) throws ErrnoException {
    plus = !plus;
    List<UnionPaths.Entry> entries = union.list(path, plus);
    List<String> names = new ArrayList<>(entries.stream().map(UnionPaths.Entry::name).toList());
    names.sort(null);
    same(path + " entries", new ArrayList<>(new TreeSet<>(inode.children.keySet())), names);
    for (UnionPaths.Entry entry : entries) {
      Inode child = inode.children.get(entry.name());
      if (child == null) {
        throw new Difference("a name too many: " + entry);
      }
      String below = path.isEmpty() ? entry.name() : path + "/" + entry.name();
      same(below + " d_type", Linux.direntType(child.type), entry.type());
      same(below + " d_ino", union.view(below).ino(), entry.ino());
      compare(below, child, learn);
    }
  }

  private static long mtime(Stat stat) {
    return stat.mtimeSeconds() * 1000L + stat.mtimeNanos();
  }

  private static void compareObject(String path, Inode inode, NodeView view) {
    Stat stat = view.stat();
    same(path + " type", inode.type, stat.type());
    same(path + " mode", Integer.toOctalString(inode.mode), octal(stat.mode()));
    same(path + " owner", inode.uid + ":" + inode.gid, stat.uid() + ":" + stat.gid());
    if (!inode.isDirectory()) {
      same(path + " nlink", inode.nlink, view.nlink());
      same(path + " size", (long) inode.content.length(), stat.size());
    }
    if (inode.mtime == ModelTree.UNKNOWN) {
      inode.mtime = mtime(stat);
    }
    same(path + " mtime", inode.mtime, mtime(stat));
    if (inode.ino == ModelTree.UNKNOWN) {
      inode.ino = view.ino();
    }
    same(path + " ino", inode.ino, view.ino());
  }

  private static String octal(int mode) {
    return Integer.toOctalString(mode & 07777);
  }
}
