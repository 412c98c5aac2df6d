package plyfs.explore;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.common.collect.ImmutableList;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;
import plyfs.union.UnionFs;
import plyfs.union.api.LookupTrace;
import plyfs.union.api.NodeView;
import plyfs.union.inspect.Inspection;

/**
 * Walks from the root of a union to the directory of a name. It follows symbolic links in the path
 * like a program whose root is the mount, but not a link at the end.
 */
final class PathWalk implements AutoCloseable {
  /** The limit of the kernel. */
  private static final int MAX_LINKS = 40;

  private static final byte[] UP = "..".getBytes(US_ASCII);

  private final UnionFs union;
  private final Inspection inspection;

  /** Components that are still to be resolved. */
  private final Deque<byte[]> ahead = new ArrayDeque<>();

  private final List<Place> places = new ArrayList<>();
  private final List<Explanation.Followed> followed = new ArrayList<>();
  private final List<Long> referenced = new ArrayList<>();

  /** The last component; null for the root. */
  private @Nullable Name name;

  /**
   * A directory on the way.
   *
   * @param name its name in the directory above
   * @param trace trace of its lookup
   */
  private record Place(Name name, long node, LookupTrace trace) {}

  PathWalk(UnionFs union, Inspection inspection) {
    this.union = union;
    this.inspection = inspection;
  }

  /**
   * Resolves a path.
   *
   * @param path a trailing slash means to follow a symbolic link at the end as well
   */
  void walk(byte[] path) throws Explain.CannotExplainException, ErrnoException {
    boolean followsLast = path.length > 0 && path[path.length - 1] == '/';
    addAhead(path);
    while (!ahead.isEmpty()) {
      byte[] component = ahead.remove();
      if (Arrays.equals(component, UP)) {
        if (!places.isEmpty()) {
          places.remove(places.size() - 1);
        }
      } else if (ahead.isEmpty() && !followsLast) {
        name = nameOf(component);
        return;
      } else {
        step(nameOf(component));
      }
    }
    if (!places.isEmpty()) {
      name = places.remove(places.size() - 1).name();
    }
  }

  private void addAhead(byte[] path) {
    for (int end = path.length; end > 0; ) {
      int start = end;
      while (start > 0 && path[start - 1] != '/') {
        start--;
      }
      byte[] component = Arrays.copyOfRange(path, start, end);
      if (component.length > 0 && !(component.length == 1 && component[0] == '.')) {
        ahead.push(component);
      }
      end = start - 1;
    }
  }

  private Name nameOf(byte[] component) throws Explain.CannotExplainException {
    if (component.length > Name.MAX_BYTES) {
      throw new Explain.CannotExplainException(
          "a name in the path is longer than " + Name.MAX_BYTES + " bytes (ENAMETOOLONG)");
    }
    return Name.of(component);
  }

  private void step(Name next) throws Explain.CannotExplainException, ErrnoException {
    LookupTrace trace = new LookupTrace();
    inspection.lookup(directory(), next, trace);
    NodeView view = new NodeView();
    union.lookup(directory(), next, view);
    String here = Name.printable(pathTo(next));
    if (view.nodeId() == 0) {
      throw new Explain.CannotExplainException(
          "there is no " + here + ": 'explain' that path to see why (ENOENT)");
    }
    referenced.add(view.nodeId());
    if (view.stat().isSymlink()) {
      follow(next, union.readLink(view.nodeId()));
    } else if (view.stat().isDirectory()) {
      places.add(new Place(next, view.nodeId(), trace));
    } else {
      throw new Explain.CannotExplainException(here + " is not a directory (ENOTDIR)");
    }
  }

  private void follow(Name link, byte[] target) throws Explain.CannotExplainException {
    byte[] path = pathTo(link);
    if (followed.size() == MAX_LINKS) {
      throw new Explain.CannotExplainException(
          Name.printable(path)
              + " is one symbolic link too many: the path has more than "
              + MAX_LINKS
              + " (ELOOP)");
    }
    followed.add(new Explanation.Followed(path, target));
    if (target.length > 0 && target[0] == '/') {
      places.clear();
    }
    addAhead(target);
  }

  /** The directory that holds the last component. */
  long directory() {
    return places.isEmpty() ? UnionFs.ROOT_ID : places.get(places.size() - 1).node();
  }

  /** The last component; null if the path is the root. */
  @Nullable Name name() {
    return name;
  }

  /** The path from the root to the last component. */
  byte[] path() {
    return name == null ? pathOf(List.of()) : pathTo(name);
  }

  ImmutableList<Explanation.Followed> followed() {
    return ImmutableList.copyOf(followed);
  }

  /** The directories of the path, from the root down. */
  List<Explain.Ancestor> ancestors() {
    List<Explain.Ancestor> ancestors = new ArrayList<>();
    List<Name> names = new ArrayList<>();
    for (Place place : places) {
      names.add(place.name());
      ancestors.add(new Explain.Ancestor(pathOf(names), place.trace()));
    }
    return ancestors;
  }

  private byte[] pathTo(Name last) {
    List<Name> names = new ArrayList<>();
    places.forEach(place -> names.add(place.name()));
    names.add(last);
    return pathOf(names);
  }

  /** The names, each after a slash; a single slash if there are none. */
  static byte[] pathOf(List<Name> names) {
    int length = 0;
    for (Name each : names) {
      length += 1 + each.length();
    }
    byte[] path = new byte[Math.max(1, length)];
    path[0] = '/';
    int at = 0;
    for (Name each : names) {
      path[at] = '/';
      System.arraycopy(each.bytes(), 0, path, at + 1, each.length());
      at += 1 + each.length();
    }
    return path;
  }

  @Override
  public void close() {
    referenced.forEach(node -> union.forget(node, 1));
  }
}
