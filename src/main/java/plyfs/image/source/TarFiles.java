package plyfs.image.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Limit;
import plyfs.image.tar.LayerTarReader;
import plyfs.image.tar.PaxTap;
import plyfs.image.tar.TarEntry;
import plyfs.sys.Undo;

/**
 * Members of a tar on disk. One pass over the headers makes an index of positions; members are then
 * read from where they lie, nothing is unpacked. Symbolic and hard links lead to other members
 * only.
 */
public final class TarFiles implements ImageFiles {
  private static final int MAX_LINKS = 16;

  /** Where a member lies, or the name of the member that it links to. */
  private record Member(long offset, long size, @Nullable String link) {}

  private final String label;
  private final FileChannel channel;
  private final long start;
  private final Map<String, Member> members = new HashMap<>();

  private TarFiles(FileChannel channel, long start, String label) {
    this.channel = channel;
    this.start = start;
    this.label = label;
  }

  /**
   * Indexes a tar that is not compressed.
   *
   * @param owned closed when this fails
   * @param start where the tar begins
   * @param label what it is called in messages
   */
  static TarFiles open(FileChannel owned, long start, String label) throws IOException {
    TarFiles files = new TarFiles(owned, start, label);
    try {
      files.index();
      return files;
    } catch (Throwable e) {
      Undo.after(e, owned::close);
      throw e;
    }
  }

  private void index() throws IOException {
    long end = channel.size();
    long position = start;
    if (end - start < PaxTap.BLOCK_BYTES) {
      throw new BadImageException("it has only " + Math.max(0, end - start) + " bytes");
    }
    while (position < end) {
      // A new reader at each header: the old one would read through the data instead of jumping.
      var reader = new LayerTarReader(new ChannelInputStream(channel, position, end));
      TarEntry entry = reader.next();
      if (entry == null) {
        return;
      }
      long data = position + reader.position();
      add(entry, data);
      if (entry.size > end - data) {
        throw new BadImageException(
            "member '" + entry + "' needs " + entry.size + " bytes, found " + (end - data));
      }
      position = data + (entry.size + PaxTap.BLOCK_BYTES - 1 & -PaxTap.BLOCK_BYTES);
    }
  }

  private void add(TarEntry entry, long data) throws BadImageException {
    Limit.MEMBERS.check("the archive", members.size() + 1L);
    if (entry.extents != null) {
      throw new BadImageException("member '" + entry + "' is a sparse file");
    }
    String name = normalize("", new String(entry.unsafePath, UTF_8));
    if (name == null) {
      return;
    }
    String target = new String(entry.unsafeTarget, UTF_8);
    int slash = name.lastIndexOf('/');
    switch (entry.type) {
      case TarEntry.FILE -> members.put(name, new Member(data, entry.size, null));
      case TarEntry.HARD_LINK -> addLink(name, normalize("", target));
      case TarEntry.SYMLINK ->
          addLink(name, normalize(slash < 0 ? "" : name.substring(0, slash), target));
      default -> {}
    }
  }

  private void addLink(String name, @Nullable String target) {
    if (target != null) {
      members.put(name, new Member(0, 0, target));
    }
  }

  /** A path without {@code .} and {@code ..}; null if it leads out of the archive. */
  private static @Nullable String normalize(String directory, String path) {
    Deque<String> parts = new ArrayDeque<>();
    for (String part : (directory + "/" + path).split("/", -1)) {
      if (part.equals("..")) {
        if (parts.pollLast() == null) {
          return null;
        }
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    return String.join("/", parts);
  }

  @Override
  public @Nullable Blob find(String name) {
    String at = normalize("", name);
    for (int i = 0; i < MAX_LINKS && at != null; i++) {
      Member member = members.get(at);
      if (member == null) {
        return null;
      }
      if (member.link == null) {
        return blob(name, member);
      }
      at = member.link;
    }
    return null;
  }

  private Blob blob(String name, Member member) {
    return new Blob(
        "'" + name + "' in " + label,
        member.size,
        () ->
            new BufferedInputStream(
                new ChannelInputStream(channel, member.offset, member.offset + member.size),
                1 << 16));
  }

  @Override
  public String label() {
    return label;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
