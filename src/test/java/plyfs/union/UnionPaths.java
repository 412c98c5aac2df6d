package plyfs.union;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;
import plyfs.union.api.AttributeChange;
import plyfs.union.api.Caller;
import plyfs.union.api.DirSink;
import plyfs.union.api.NodeView;

/**
 * A union by paths, as tests think of it: each call walks from the root and forgets what it looked
 * up. Text is ISO-8859-1, one character a byte. For one thread.
 */
public final class UnionPaths {
  private static final int BUFFER_BYTES = 1 << 20;

  private final UnionFs fs;
  private final NodeView view = new NodeView();
  private final ByteBuffer memory = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final long address = Syscalls.addressOf(memory);

  /** The superuser, who waits to the end. */
  public static final Caller ROOT = new Caller(0, 0, 0, () -> false);

  /** Whoever calls. */
  public Caller caller = ROOT;

  public UnionPaths(UnionFs fs) {
    this.fs = fs;
  }

  /** The union itself. */
  public UnionFs fs() {
    return fs;
  }

  /** Something to do with a node. */
  public interface OnNode<T> {
    T run(long node) throws ErrnoException;
  }

  private interface OnName {
    void run(long parent, Name name) throws ErrnoException;
  }

  /** One byte a character. */
  public static byte[] bytes(String latin1) {
    return latin1.getBytes(ISO_8859_1);
  }

  /** Looks a path up; the node counts one lookup more. */
  public long resolve(String path) throws ErrnoException {
    long at = UnionFs.ROOT_ID;
    if (path.isEmpty()) {
      return at;
    }
    for (String component : path.split("/", -1)) {
      long above = at;
      try {
        fs.lookup(above, Name.of(bytes(component)), view);
      } finally {
        fs.forget(above, 1);
      }
      if (view.nodeId() == 0) {
        throw ErrnoException.of(Errno.ENOENT);
      }
      at = view.nodeId();
    }
    return at;
  }

  public <T> T on(String path, OnNode<T> action) throws ErrnoException {
    long node = resolve(path);
    try {
      return action.run(node);
    } finally {
      fs.forget(node, 1);
    }
  }

  private void atName(String path, OnName action) throws ErrnoException {
    int slash = path.lastIndexOf('/');
    Name name = Name.of(bytes(path.substring(slash + 1)));
    on(
        slash < 0 ? "" : path.substring(0, slash),
        parent -> {
          fs.getAttributes(parent, view);
          if (!view.stat().isDirectory()) {
            throw ErrnoException.of(Errno.ENOTDIR);
          }
          action.run(parent, name);
          return true;
        });
  }

  private void making(String path, OnName action) throws ErrnoException {
    atName(
        path,
        (parent, name) -> {
          action.run(parent, name);
          fs.forget(view.nodeId(), 1);
        });
  }

  public boolean exists(String path) throws ErrnoException {
    try {
      fs.forget(resolve(path), 1);
      return true;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
        return false;
      }
      throw e;
    }
  }

  /** What is told of a path; valid until the next call. */
  public NodeView view(String path) throws ErrnoException {
    on(
        path,
        node -> {
          fs.getAttributes(node, view);
          return true;
        });
    return view;
  }

  public Stat stat(String path) throws ErrnoException {
    return view(path).stat();
  }

  // Files

  /** Makes a file with content. */
  public void create(String path, String content) throws ErrnoException {
    long handle = openNew(path, 0644);
    try {
      writeAt(handle, 0, content);
    } finally {
      fs.release(handle);
    }
  }

  /** Makes a file; a handle. */
  public long openNew(String path, int mode) throws ErrnoException {
    long[] handle = new long[1];
    making(path, (parent, name) -> handle[0] = fs.create(parent, name, mode, caller, view));
    return handle[0];
  }

  /** Makes a file without a name; its node counts one lookup. */
  public long[] openNameless(String parent, int mode) throws ErrnoException {
    long handle = on(parent, node -> fs.createNameless(node, mode, caller, view));
    return new long[] {handle, view.nodeId()};
  }

  public long open(String path, int flags) throws ErrnoException {
    return on(path, node -> fs.open(node, flags, false, caller));
  }

  public void release(long handle) {
    fs.release(handle);
  }

  public void writeAt(long handle, long offset, String text) throws ErrnoException {
    writeAt(handle, offset, text, 0);
  }

  /** With the flags of the open, of which O_SYNC and O_DSYNC count. */
  void writeAt(long handle, long offset, String text, int flags) throws ErrnoException {
    byte[] content = bytes(text);
    memory.put(0, content);
    for (int done = 0; done < content.length; ) {
      int count = content.length - done;
      done += fs.write(handle, address + done, count, offset + done, flags, false, caller);
    }
  }

  /** Writes at the start, as somebody without privilege over the file. */
  void writeAsSomebody(long file, String text) throws ErrnoException {
    byte[] content = bytes(text);
    memory.put(0, content);
    fs.write(file, address, content.length, 0, 0, true, caller);
  }

  /** At most {@link #BUFFER_BYTES}. */
  public String readAt(long handle, long offset, int count) throws ErrnoException {
    byte[] content = new byte[fs.read(handle, address, Math.min(count, BUFFER_BYTES), offset)];
    memory.get(0, content);
    return new String(content, ISO_8859_1);
  }

  public String read(String path) throws ErrnoException {
    long handle = open(path, Linux.O_RDONLY);
    try {
      return readAt(handle, 0, BUFFER_BYTES);
    } finally {
      fs.release(handle);
    }
  }

  /** Writes into a file that is there. */
  public void write(String path, long offset, String text) throws ErrnoException {
    long handle = open(path, Linux.O_RDWR);
    try {
      writeAt(handle, offset, text);
    } finally {
      fs.release(handle);
    }
  }

  // Names

  public void mkdir(String path, int mode) throws ErrnoException {
    making(path, (parent, name) -> fs.makeDirectory(parent, name, mode, caller, view));
  }

  public void mknod(String path, int mode, int rdev) throws ErrnoException {
    making(path, (parent, name) -> fs.makeNode(parent, name, mode, rdev, caller, view));
  }

  public void symlink(String target, String path) throws ErrnoException {
    making(path, (parent, name) -> fs.makeSymlink(parent, name, bytes(target), caller, view));
  }

  public void link(String existing, String path) throws ErrnoException {
    on(
        existing,
        node -> {
          linkNode(node, path);
          return true;
        });
  }

  public void linkNode(long node, String path) throws ErrnoException {
    making(path, (parent, name) -> fs.link(node, parent, name, caller, view));
  }

  public void unlink(String path) throws ErrnoException {
    atName(path, (parent, name) -> fs.unlink(parent, name, caller));
  }

  public void rmdir(String path) throws ErrnoException {
    atName(path, (parent, name) -> fs.removeDirectory(parent, name, caller));
  }

  /** Removes a directory with what it shows. */
  public void rmdirAll(String path) throws ErrnoException {
    for (String name : names(path)) {
      unlink(path + "/" + name);
    }
    rmdir(path);
  }

  public void rename(String from, String to, int flags) throws ErrnoException {
    atName(
        from,
        (parent, name) ->
            atName(to, (other, newName) -> fs.rename(parent, name, other, newName, flags, caller)));
  }

  // Attributes

  public void change(String path, AttributeChange change) throws ErrnoException {
    on(
        path,
        node -> {
          fs.setAttributes(node, change, caller, view);
          return true;
        });
  }

  public void chmod(String path, int mode) throws ErrnoException {
    change(path, new AttributeChange().mode(mode));
  }

  public void truncate(String path, long size) throws ErrnoException {
    change(path, new AttributeChange().size(size));
  }

  public void setXattr(String path, String name, String value) throws ErrnoException {
    on(
        path,
        node -> {
          fs.setXattr(node, bytes(name), bytes(value), 0, false, caller);
          return true;
        });
  }

  public void removeXattr(String path, String name) throws ErrnoException {
    on(
        path,
        node -> {
          fs.removeXattr(node, bytes(name), caller);
          return true;
        });
  }

  public Map<String, String> xattrs(String path) throws ErrnoException {
    Map<String, String> values = new TreeMap<>();
    on(
        path,
        node -> {
          XattrSyscalls.forEachName(
              fs.listXattrs(node, () -> true),
              name -> {
                byte[] value = fs.getXattr(node, name);
                values.put(
                    new String(name, ISO_8859_1),
                    value == null ? "gone" : new String(value, ISO_8859_1));
              });
          return true;
        });
    return values;
  }

  // Directories

  /** One entry of a listing. */
  public record Entry(String name, int type, long ino) {}

  /** A whole listing, in pieces of a few entries. */
  public List<Entry> list(String path, boolean plus) throws ErrnoException {
    long node = resolve(path);
    try {
      return list(node, plus);
    } finally {
      fs.forget(node, 1);
    }
  }

  /** The entries of a directory from its start, in pieces of a few. */
  public List<Entry> list(long node, boolean plus) throws ErrnoException {
    List<Entry> entries = new ArrayList<>();
    FewEntries sink = new FewEntries(fs, entries);
    do {
      sink.room = 5;
      fs.readDirectory(node, sink.cookie, sink, plus ? view : null);
    } while (sink.room < 5);
    entries.removeIf(entry -> entry.name().equals(".") || entry.name().equals(".."));
    return entries;
  }

  private @Nullable FewEntries part;

  /**
   * Goes on with a listing, the first time from its start.
   *
   * @param entries added to
   * @return false if there was nothing more
   */
  public boolean listPart(long node, List<Entry> entries, int count) throws ErrnoException {
    FewEntries sink = part;
    if (sink == null) {
      sink = new FewEntries(fs, entries);
      part = sink;
    }
    sink.room = count;
    fs.readDirectory(node, sink.cookie, sink, null);
    return sink.room < count;
  }

  private static final class FewEntries implements DirSink {
    private final UnionFs fs;
    private final List<Entry> entries;
    private int room;
    private long cookie;

    FewEntries(UnionFs fs, List<Entry> entries) {
      this.fs = fs;
      this.entries = entries;
    }

    @Override
    public boolean hasRoom(int nameBytes) {
      return room > 0;
    }

    @Override
    public void entry(byte[] name, long after, int type, long ino) {
      room--;
      cookie = after;
      entries.add(new Entry(new String(name, ISO_8859_1), type, ino));
    }

    @Override
    public void entryPlus(byte[] name, long after, int type, NodeView view) {
      if (Linux.direntType(view.stat().type()) != type) {
        throw new AssertionError(
            "attributes of another object than " + new String(name, ISO_8859_1));
      }
      entry(name, after, type, view.ino());
      fs.forget(view.nodeId(), 1);
    }
  }

  public List<String> names(String path) throws ErrnoException {
    return list(path, false).stream().map(Entry::name).sorted().toList();
  }

  /**
   * The whole tree, sorted: {@code dir/}, {@code file=content}, {@code link -> target}, {@code fifo
   * mode 10644}.
   */
  public List<String> tree() throws ErrnoException {
    List<String> lines = new ArrayList<>();
    treeBelow("", lines);
    return lines;
  }

  /** As {@link #tree}, with all that a program can see, times aside. */
  public List<String> snapshot() throws ErrnoException {
    List<String> lines = new ArrayList<>();
    for (String line : tree()) {
      String path = line.replaceFirst("(/$|=.*| -> .*| mode [0-7]*$)", "");
      NodeView seen = view(path);
      Stat stat = seen.stat();
      lines.add(
          line
              + " "
              + Integer.toOctalString(stat.mode())
              + " "
              + stat.uid()
              + ":"
              + stat.gid()
              + (stat.isDirectory() ? "" : " links " + seen.nlink())
              + " "
              + xattrs(path));
    }
    return lines;
  }

  private void treeBelow(String prefix, List<String> lines) throws ErrnoException {
    String directory = prefix.isEmpty() ? "" : prefix.substring(0, prefix.length() - 1);
    for (String name : names(directory)) {
      String path = prefix + name;
      int mode = stat(path).mode();
      switch (mode & Linux.S_IFMT) {
        case Linux.S_IFDIR -> {
          lines.add(path + "/");
          treeBelow(path + "/", lines);
        }
        case Linux.S_IFREG -> lines.add(path + "=" + read(path));
        case Linux.S_IFLNK ->
            lines.add(path + " -> " + new String(on(path, fs::readLink), ISO_8859_1));
        default -> lines.add(path + " mode " + Integer.toOctalString(mode));
      }
    }
  }
}
