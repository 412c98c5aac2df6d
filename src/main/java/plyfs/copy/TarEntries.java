package plyfs.copy;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.TreeMap;
import plyfs.image.model.BadImageException;
import plyfs.image.tar.LayerTarReader;
import plyfs.image.tar.MemberSink;
import plyfs.image.tar.TarEntry;
import plyfs.image.tar.TarMember;

/** Hands the objects of a tar to a sink. */
public final class TarEntries {
  private static final int CHUNK_BYTES = 1 << 18;
  private static final int MAX_MAJOR = 0xfff;
  private static final int MAX_MINOR = 0xfffff;

  private TarEntries() {}

  /**
   * Reads a tar to its end.
   *
   * @param in plain
   * @throws BadImageException if it is malformed, or an object cannot be made
   */
  public static void copy(InputStream in, MemberSink sink) throws IOException {
    LayerTarReader tar = new LayerTarReader(in);
    byte[] buffer = new byte[CHUNK_BYTES];
    for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
      sink.begin(member(entry));
      if (entry.type == TarEntry.FILE) {
        data(tar, entry, sink, buffer);
      }
      sink.end();
    }
  }

  private static TarMember member(TarEntry entry) throws BadImageException {
    if (entry.major < 0 || entry.major > MAX_MAJOR || entry.minor < 0 || entry.minor > MAX_MINOR) {
      throw new BadImageException("'" + entry + "' has a device number that Linux does not allow");
    }
    if (entry.uid > 0xfffffffeL || entry.gid > 0xfffffffeL) {
      throw new BadImageException("'" + entry + "' has an owner that Linux does not allow");
    }
    if (entry.type == TarEntry.SYMLINK && entry.unsafeTarget.length == 0) {
      throw new BadImageException("the symbolic link '" + entry + "' has no target");
    }
    return new TarMember(
        entry.type,
        entry.unsafePath,
        entry.unsafeTarget,
        entry.mode,
        entry.uid,
        entry.gid,
        entry.mtime,
        entry.size,
        (int) entry.major,
        (int) entry.minor,
        new TreeMap<>(entry.xattrs));
  }

  private static void data(LayerTarReader tar, TarEntry entry, MemberSink sink, byte[] buffer)
      throws IOException {
    List<TarEntry.Extent> extents = entry.extents;
    if (extents == null) {
      stretch(tar, entry.size, sink, buffer);
      return;
    }
    long at = 0;
    for (TarEntry.Extent extent : extents) {
      tar.skipHole(extent.offset() - at);
      sink.hole(extent.offset() - at);
      stretch(tar, extent.length(), sink, buffer);
      at = extent.offset() + extent.length();
    }
    sink.hole(entry.size - at);
  }

  private static void stretch(LayerTarReader tar, long length, MemberSink sink, byte[] buffer)
      throws IOException {
    long left = length;
    while (left > 0) {
      int read = tar.read(buffer, (int) Math.min(buffer.length, left));
      if (read <= 0) {
        throw new BadImageException("the tar ends in the middle of a file");
      }
      sink.data(buffer, read);
      left -= read;
    }
  }
}
