package plyfs.cli.image;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import plyfs.cli.CommandFailure;
import plyfs.cli.RawArguments;
import plyfs.cli.StoreOption;

/**
 * One of the two arguments of {@code cp}.
 *
 * @param tree what the path lies in; null for a path of this machine
 * @param path as typed; {@code -} for a stream
 */
record CopySide(@Nullable NamedTree tree, byte[] path) {
  private static final byte[] STREAM = {'-'};

  /**
   * Reads an argument. A path begins after the first {@code :/} that follows the name of a tree, or
   * else after the first colon that does. An absolute path, or one that begins with a dot, is one
   * of this machine, unless what is before the colon is a mount point.
   */
  static CopySide parse(String argument, StoreOption store) throws CommandFailure, IOException {
    CommandFailure failure = null;
    for (String mark : new String[] {":/", ":"}) {
      for (int at = argument.indexOf(mark); at > 0; at = argument.indexOf(mark, at + 1)) {
        String name = argument.substring(0, at);
        boolean mayBeHere = name.startsWith("/") || name.startsWith(".");
        try {
          NamedTree tree = mayBeHere ? NamedTree.mountAt(name, store) : NamedTree.find(name, store);
          return new CopySide(tree, RawArguments.bytes(argument.substring(at + 1)));
        } catch (CommandFailure e) {
          failure = mayBeHere ? failure : failure == null ? e : failure;
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
    return new CopySide(null, RawArguments.bytes(argument));
  }

  boolean isStream() {
    return tree == null && Arrays.equals(path, STREAM);
  }

  /** Whether the path can only be a directory: it ends with a slash, or a dot after one. */
  boolean assertsDirectory() {
    return path.length == 0 || path[path.length - 1] == '/' || assertsContents();
  }

  /** Whether the contents of a directory are meant, and not the directory. */
  boolean assertsContents() {
    int length = path.length;
    return length == 0
        || path[length - 1] == '.'
            && (length == 1
                || path[length - 2] == '/'
                || path[length - 2] == '.' && (length == 2 || path[length - 3] == '/'))
        || base().length == 0;
  }

  /** The last name of the path, without slashes; empty for the root. */
  byte[] base() {
    int end = end();
    int start = end;
    while (start > 0 && path[start - 1] != '/') {
      start--;
    }
    return Arrays.copyOfRange(path, start, end);
  }

  /** The path before its last name; empty for a name alone. */
  byte[] directory() {
    int start = end();
    while (start > 0 && path[start - 1] != '/') {
      start--;
    }
    return Arrays.copyOf(path, start);
  }

  private int end() {
    int end = path.length;
    while (end > 0 && path[end - 1] == '/') {
      end--;
    }
    return end;
  }
}
