package plyfs.cli;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Paths as typed, which may begin with a mount point. */
public final class MountedPath {
  private MountedPath() {}

  /**
   * The part of a path below a mount point, beginning with a slash; null if the path does not begin
   * with the mount point. Both must be relative or both absolute; repeated slashes and {@code .}
   * are ignored.
   */
  public static byte @Nullable [] below(byte[] mountpoint, byte[] path) {
    List<byte[]> above = components(mountpoint);
    List<byte[]> all = components(path);
    boolean isBelow =
        isAbsolute(mountpoint) == isAbsolute(path)
            && !above.isEmpty()
            && all.size() >= above.size();
    for (int i = 0; isBelow && i < above.size(); i++) {
      isBelow = Arrays.equals(above.get(i), all.get(i));
    }
    if (!isBelow) {
      return null;
    }
    ByteArrayOutputStream below = new ByteArrayOutputStream();
    for (byte[] component : all.subList(above.size(), all.size())) {
      below.write('/');
      below.writeBytes(component);
    }
    if (below.size() == 0 || path[path.length - 1] == '/') {
      below.write('/');
    }
    return below.toByteArray();
  }

  private static boolean isAbsolute(byte[] path) {
    return path.length > 0 && path[0] == '/';
  }

  /** The components of a path, without empty ones and {@code .}. */
  public static List<byte[]> components(byte[] path) {
    List<byte[]> components = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= path.length; i++) {
      if (i < path.length && path[i] != '/') {
        continue;
      }
      boolean isNothing = i == start || i == start + 1 && path[start] == '.';
      if (!isNothing) {
        components.add(Arrays.copyOfRange(path, start, i));
      }
      start = i + 1;
    }
    return components;
  }
}
