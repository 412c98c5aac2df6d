package plyfs.image.tree;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import plyfs.image.model.BadImageException;
import plyfs.sys.Name;

/**
 * A path inside a layer, from its root and without {@code ..}; what it leads through on disk is
 * checked when it is opened.
 *
 * @param names components from the layer's root on; none for the root itself
 */
public record EntryPath(List<Name> names) {
  static final EntryPath ROOT = new EntryPath(List.of());

  /** PATH_MAX without its final NUL. */
  private static final int MAX_BYTES = 4095;

  /**
   * Checks a path that an archive gives. A slash at its beginning, {@code .} and repeated slashes
   * mean nothing; {@code ..} takes back the name before it, whatever that is on disk, and above the
   * root of an absolute path there is only the root.
   *
   * @throws BadImageException if it leads out of the layer, holds NUL, or is too long
   * @implNote Docker and containers/storage do the same by Go's filepath.Clean and Join; umoci also
   *     takes {@code ../x} for {@code x}
   */
  public static EntryPath parse(byte[] unsafePath) throws BadImageException {
    if (unsafePath.length > MAX_BYTES) {
      throw new BadImageException("the path is longer than " + MAX_BYTES + " bytes");
    }
    List<Name> names = new ArrayList<>();
    int start = 0;
    boolean absolute = unsafePath.length > 0 && unsafePath[0] == '/';
    for (int i = 0; i <= unsafePath.length; i++) {
      if (i == unsafePath.length || unsafePath[i] == '/') {
        add(names, Arrays.copyOfRange(unsafePath, start, i), absolute);
        start = i + 1;
      }
    }
    if (unsafePath.length == 0) {
      throw new BadImageException("the path is empty");
    }
    return new EntryPath(List.copyOf(names));
  }

  private static void add(List<Name> names, byte[] component, boolean absolute)
      throws BadImageException {
    if (component.length == 0 || component.length == 1 && component[0] == '.') {
      return;
    }
    if (isParent(component)) {
      if (!names.isEmpty()) {
        names.remove(names.size() - 1);
      } else if (!absolute) {
        throw new BadImageException("the path leads out of the layer");
      }
      return;
    }
    if (component.length > Name.MAX_BYTES) {
      throw new BadImageException("a name in the path is longer than " + Name.MAX_BYTES + " bytes");
    }
    if (!Name.isComponent(component)) {
      throw new BadImageException("the path contains a NUL");
    }
    names.add(Name.of(component));
  }

  static boolean isParent(byte[] component) {
    return component.length == 2 && component[0] == '.' && component[1] == '.';
  }

  public boolean isRoot() {
    return names.isEmpty();
  }

  /** The last component; the path is not the root. */
  public Name name() {
    return names.get(names.size() - 1);
  }

  /** The directory that holds it; the path is not the root. */
  public EntryPath parent() {
    return new EntryPath(names.subList(0, names.size() - 1));
  }

  /** The path with another last component. */
  EntryPath sibling(Name name) {
    return parent().child(name);
  }

  /** Its first components. */
  EntryPath first(int count) {
    return new EntryPath(names.subList(0, count));
  }

  /** The path of a name in this directory. */
  EntryPath child(Name name) {
    List<Name> result = new ArrayList<>(names);
    result.add(name);
    return new EntryPath(result);
  }

  /** Components joined by slashes; empty for the root. */
  public byte[] bytes() {
    var out = new ByteArrayOutputStream();
    for (Name name : names) {
      if (out.size() > 0) {
        out.write('/');
      }
      out.writeBytes(name.bytes());
    }
    return out.toByteArray();
  }

  /** For people. */
  @Override
  public String toString() {
    return isRoot() ? "." : Name.printable(bytes());
  }
}
