package plyfs.copy;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import plyfs.explore.ExploredLayers;
import plyfs.image.tar.MemberSink;
import plyfs.layer.MountRefusedException;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;
import plyfs.union.UnionFs;

/** What a mount of some layers would show, read without mounting them. */
public final class UnionSource implements SourceTree {
  /** The limit of the kernel. */
  private static final int MAX_LINKS = 40;

  private final UnionFs union;
  private final Consumer<String> notices;

  /**
   * Opens the layers.
   *
   * @param notices hears sentences about what could not be kept
   */
  public UnionSource(ExploredLayers layers, Consumer<String> notices)
      throws MountRefusedException, ErrnoException {
    this.union = layers.open();
    this.notices = notices;
  }

  private record FoundEntry(UnionFs union, UnionEntry entry, Consumer<String> notices)
      implements Found {
    @Override
    public boolean isDirectory() {
      return entry.stat().isDirectory();
    }

    @Override
    public void copyTo(MemberSink sink, byte[] path) throws IOException, ErrnoException {
      UnionReader reader = new UnionReader(union, sink, notices);
      if (isDirectory()) {
        reader.tree(entry, path);
      } else {
        reader.object(entry, path);
      }
    }
  }

  @Override
  public @Nullable Found find(byte[] path, boolean followsLast) throws ErrnoException {
    Deque<byte[]> ahead = new ArrayDeque<>();
    addAhead(ahead, path);
    List<UnionEntry> places = new ArrayList<>(List.of(UnionEntry.root(union)));
    int links = 0;
    while (!ahead.isEmpty()) {
      byte[] component = ahead.remove();
      UnionEntry here = places.get(places.size() - 1);
      if (!here.stat().isDirectory()) {
        throw ErrnoException.of(Errno.ENOTDIR);
      }
      if (component.length == 2 && component[0] == '.' && component[1] == '.') {
        if (places.size() > 1) {
          places.remove(places.size() - 1);
        }
        continue;
      }
      UnionEntry next =
          UnionEntry.lookup(union, here, Name.checked(component, 0, component.length));
      if (next == null) {
        return null;
      }
      if (next.stat().isSymlink() && (!ahead.isEmpty() || followsLast)) {
        if (++links > MAX_LINKS) {
          throw ErrnoException.of(Errno.ELOOP);
        }
        byte[] target = union.readLink(next.node());
        if (target.length > 0 && target[0] == '/') {
          places.subList(1, places.size()).clear();
        }
        addAhead(ahead, target);
      } else {
        places.add(next);
      }
    }
    return new FoundEntry(union, places.get(places.size() - 1), notices);
  }

  /** Puts the components of a path before those that are still to come. */
  private static void addAhead(Deque<byte[]> ahead, byte[] path) {
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

  @Override
  public void close() {
    union.close();
  }
}
