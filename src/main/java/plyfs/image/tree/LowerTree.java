package plyfs.image.tree;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.image.disk.StoreFiles;
import plyfs.layer.OverlayXattr;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;

/**
 * The layers below one that is being unpacked, as a union: which object a path has there. The
 * layers are directories in overlay form, made by a load. Belongs to one thread.
 */
public final class LowerTree implements AutoCloseable {
  private final Directories layers;
  private @Nullable List<Path> directories;
  private final List<Fd> roots = new ArrayList<>();
  private final Stat stat = new Stat();

  /**
   * An object of a lower layer.
   *
   * @param layer root of its layer, lent
   * @param path in that layer, without links on the way
   */
  record Found(Fd layer, byte[] path, Stat stat) {}

  /** Says which directories the layers are. */
  @FunctionalInterface
  public interface Directories {
    /** Topmost first; may wait until they are complete. */
    List<Path> get() throws IOException;
  }

  /**
   * A stack of layers; nothing is opened before something is looked for.
   *
   * @param layers asked once, when something is looked for
   */
  public LowerTree(Directories layers) {
    this.layers = layers;
  }

  private List<Path> directories() throws IOException {
    List<Path> known = directories;
    if (known == null) {
      known = List.copyOf(layers.get());
      directories = known;
    }
    return known;
  }

  /** What a path leads to if no link on the way is followed; null where there is nothing. */
  @Nullable Found find(EntryPath path) throws IOException, ErrnoException {
    for (int i = 0; i < directories().size(); i++) {
      Fd root = root(i);
      int depth = depth(root, path);
      if (depth == path.names().size()) {
        Stat found = new Stat();
        found.set(stat);
        return found.isWhiteout()
            ? null
            : new Found(root, path.isRoot() ? Syscalls.SELF : path.bytes(), found);
      }
      if (depth < 0 || isOpaque(root, path, depth)) {
        return null;
      }
    }
    return null;
  }

  private Fd root(int index) throws IOException {
    while (roots.size() <= index) {
      roots.add(StoreFiles.openDirectory(directories().get(roots.size())));
    }
    return roots.get(index);
  }

  /**
   * How many names of a path a layer has, with the attributes of the last one; -1 where one of them
   * hides the rest in the layers below.
   */
  private int depth(Fd root, EntryPath path) throws ErrnoException {
    ErrnoException.check(Syscalls.statx(root, Syscalls.SELF, stat));
    for (int i = 1; i <= path.names().size(); i++) {
      if (!stat.isDirectory()) {
        return -1;
      }
      int result = Syscalls.statx(root, path.first(i).bytes(), stat);
      if (result == -Errno.ENOENT) {
        return i - 1;
      }
      ErrnoException.check(result);
    }
    return path.names().size();
  }

  private static boolean isOpaque(Fd root, EntryPath path, int depth) throws ErrnoException {
    for (int i = 1; i <= depth; i++) {
      for (OverlayXattr marks : OverlayXattr.ALL) {
        if (XattrSyscalls.get(root, path.first(i).bytes(), marks.opaque()) != null) {
          return true;
        }
      }
    }
    return false;
  }

  /** Names of the extended attributes of an object. */
  static List<Name> xattrs(Found of) throws ErrnoException {
    List<Name> names = new ArrayList<>();
    XattrSyscalls.forEachName(
        XattrSyscalls.list(of.layer, of.path), name -> names.add(Name.of(name)));
    return names;
  }

  @Override
  public void close() {
    roots.forEach(Fd::close);
  }
}
