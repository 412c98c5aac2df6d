package plyfs.image.tree;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.BadImageException;
import plyfs.layer.AufsNames;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Syscalls;

/**
 * Follows the symbolic links on the way to an entry: {@code bin/x} is {@code usr/bin/x} where
 * {@code bin} leads to {@code usr/bin}, in this layer or in one below. A link is read as a program
 * in the image would read it: an absolute one begins at the root of the layers, and above that
 * there is nothing.
 *
 * @implNote umoci 0.4.7 and podman 4.3 with vfs, which unpack onto the layers below, do the same.
 *     podman with overlay makes a directory {@code bin} that hides the link
 */
final class EntryResolver {
  /** As many as the kernel follows. */
  private static final int MAX_LINKS = 40;

  /** So that no row of long links takes minutes. */
  private static final int MAX_STEPS = 4096;

  private final UnpackedTree tree;
  private final LowerTree lower;
  private final HiddenNames hidden;
  private EntryPath given = EntryPath.ROOT;
  private EntryPath real = EntryPath.ROOT;

  EntryResolver(UnpackedTree tree, LowerTree lower, HiddenNames hidden) {
    this.tree = tree;
    this.lower = lower;
    this.hidden = hidden;
  }

  /** The path without links on the way; its last name is not followed. */
  EntryPath resolve(EntryPath path) throws IOException, ErrnoException {
    if (path.isRoot()) {
      return path;
    }
    EntryPath parent = path.parent();
    EntryPath found = directory(parent);
    return found.equals(parent) ? path : found.child(path.name());
  }

  /** As {@link #resolve}, for a path whose last name is followed, too. */
  EntryPath directory(EntryPath path) throws IOException, ErrnoException {
    if (path.isRoot() || tree.isDirectory(path)) {
      return path;
    }
    if (!path.equals(given)) {
      real = follow(path);
      given = path;
    }
    return real;
  }

  /** To be called when a name is made or removed: it may be a link. */
  void forget() {
    given = EntryPath.ROOT;
    real = EntryPath.ROOT;
  }

  private EntryPath follow(EntryPath path) throws IOException, ErrnoException {
    Deque<byte[]> left = new ArrayDeque<>();
    path.names().forEach(name -> left.add(name.bytes()));
    List<Name> done = new ArrayList<>();
    int links = 0;
    for (int steps = 0; !left.isEmpty(); steps++) {
      byte[] component = left.remove();
      if (EntryPath.isParent(component)) {
        done.subList(Math.max(0, done.size() - 1), done.size()).clear();
        continue;
      }
      EntryPath here = new EntryPath(List.copyOf(done)).child(Name.of(component));
      byte[] target = targetOf(here);
      if (target == null) {
        done.add(here.name());
        continue;
      }
      if (++links > MAX_LINKS || steps > MAX_STEPS) {
        throw new BadImageException("'" + path + "' leads through too many symbolic links");
      }
      if (target[0] == '/') {
        done.clear();
      }
      putFirst(left, target);
    }
    return new EntryPath(List.copyOf(done));
  }

  /** Text of the link with this path; null for anything else. */
  private byte @Nullable [] targetOf(EntryPath path) throws IOException, ErrnoException {
    int type = tree.type(path);
    if (type != 0) {
      return type == Linux.S_IFLNK ? tree.linkTarget(path) : null;
    }
    LowerTree.Found below = hidden.hides(path) ? null : lower.find(path);
    return below != null && below.stat().isSymlink()
        ? Syscalls.readlink(below.layer(), below.path())
        : null;
  }

  private static void putFirst(Deque<byte[]> left, byte[] target) throws BadImageException {
    int end = target.length;
    for (int i = target.length - 1; i >= -1; i--) {
      if (i >= 0 && target[i] != '/') {
        continue;
      }
      byte[] component = Arrays.copyOfRange(target, i + 1, end);
      end = i;
      if (component.length > 0 && !Arrays.equals(component, new byte[] {'.'})) {
        left.addFirst(checked(component));
      }
    }
  }

  private static byte[] checked(byte[] component) throws BadImageException {
    boolean isName = Name.isComponent(component) && component.length <= Name.MAX_BYTES;
    if (!isName && !EntryPath.isParent(component)
        || isName && AufsNames.isMark(Name.of(component))) {
      throw new BadImageException(
          "a symbolic link above it leads to '" + Name.printable(component) + "'");
    }
    return component;
  }
}
