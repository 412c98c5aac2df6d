package plyfs.image.tree;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.Syscalls;

/**
 * What later entries of a tar have replaced in the tree, kept aside until the tar is recorded: its
 * content is part of the tar, and cannot be read back from the tree.
 */
final class ReplacedObjects {
  private static final int INSIDE = Linux.RESOLVE_BENEATH | Linux.RESOLVE_NO_SYMLINKS;

  /**
   * An object that went.
   *
   * @param order what it is called in the directory of this
   * @param files how many the record had then: the later ones are others
   */
  private record Departure(int order, long files) {
    byte[] name() {
      return Integer.toString(order).getBytes(US_ASCII);
    }

    Fd open(Fd directory, byte[] below) throws ErrnoException {
      byte[] name = name();
      byte[] path = Arrays.copyOf(name, name.length + below.length);
      System.arraycopy(below, 0, path, name.length, below.length);
      return Fd.openat2(directory, path, Linux.O_RDONLY | Linux.O_NOFOLLOW, 0, INSIDE);
    }
  }

  private final Fd directory;
  private final Map<ByteBuffer, List<Departure>> departures = new HashMap<>();
  private int count;

  /**
   * Nothing yet.
   *
   * @param directory empty, on the file system of the tree, and lent
   */
  ReplacedObjects(Fd directory) {
    this.directory = directory;
  }

  boolean isEmpty() {
    return departures.isEmpty();
  }

  /**
   * Takes a file, or a directory with all below; nothing happens where it is absent.
   *
   * @param path from the root of the tree on
   * @param files how many the record has now
   */
  void take(Fd parent, byte[] name, byte[] path, long files) throws ErrnoException {
    Departure departure = new Departure(count, files);
    int result = Syscalls.renameat2(parent, name, directory, departure.name(), 0);
    if (result == -Errno.ENOENT) {
      return;
    }
    ErrnoException.check(result);
    count++;
    departures.computeIfAbsent(ByteBuffer.wrap(path), p -> new ArrayList<>()).add(departure);
  }

  /**
   * The file that had a path when it was recorded; null if it is in the tree still.
   *
   * @param number of the file in the record, from 0
   */
  @Nullable Fd open(byte[] path, long number) throws ErrnoException {
    Departure first = null;
    byte[] below = {};
    for (int end = 1; end <= path.length; end++) {
      if (end == path.length || path[end] == '/') {
        Departure next = after(number, ByteBuffer.wrap(path, 0, end));
        if (next != null && (first == null || next.order < first.order)) {
          first = next;
          below = Arrays.copyOfRange(path, end, path.length);
        }
      }
    }
    return first == null ? null : first.open(directory, below);
  }

  private @Nullable Departure after(long number, ByteBuffer path) {
    List<Departure> known = departures.getOrDefault(path, List.of());
    int low = 0;
    int high = known.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (known.get(middle).files > number) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low == known.size() ? null : known.get(low);
  }
}
