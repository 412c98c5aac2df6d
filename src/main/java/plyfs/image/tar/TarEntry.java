package plyfs.image.tar;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.BadImageException;
import plyfs.sys.Name;

/** One entry of a tar, names and values as the bytes they are, not yet trusted in any way. */
public final class TarEntry {
  public static final char FILE = '0';
  public static final char HARD_LINK = '1';
  public static final char SYMLINK = '2';
  public static final char CHARACTER_DEVICE = '3';
  public static final char BLOCK_DEVICE = '4';
  public static final char DIRECTORY = '5';
  public static final char FIFO = '6';

  /** A stretch of a sparse file that has data; the rest are holes. */
  public record Extent(long offset, long length) {}

  /** Path as the archive says it. */
  public final byte[] unsafePath;

  /** One of the constants, or whatever else the archive says. */
  public final char type;

  /** Permission bits, setuid, setgid and sticky. */
  public final int mode;

  public final long uid;
  public final long gid;

  /** Bytes of the file, holes included; 0 for other types. */
  public final long size;

  public final Timestamp mtime;

  /** Null where the archive does not say. */
  public final @Nullable Timestamp atime;

  public final long major;
  public final long minor;

  /** Target of a link as the archive says it. */
  public final byte[] unsafeTarget;

  /** Values by name in ISO-8859-1. */
  public final Map<String, byte[]> xattrs;

  /** Null for a file without holes. */
  public final @Nullable List<Extent> extents;

  TarEntry(
      RawHeader header,
      PaxRecords pax,
      char type,
      long size,
      @Nullable List<Extent> extents,
      byte[] path,
      byte[] target)
      throws BadImageException {
    this.unsafePath = path;
    this.unsafeTarget = target;
    this.type = type;
    this.size = size;
    this.extents = extents;
    this.mode = (int) header.mode() & 07777;
    this.uid = pax.number("uid", header.uid());
    this.gid = pax.number("gid", header.gid());
    Timestamp exact = pax.time("mtime");
    this.mtime = exact != null ? exact : new Timestamp(header.mtime(), 0);
    this.atime = pax.time("atime");
    this.major = header.deviceMajor();
    this.minor = header.deviceMinor();
    this.xattrs = pax.xattrs();
  }

  public boolean isDirectory() {
    return type == DIRECTORY;
  }

  /** The path for people. */
  @Override
  public String toString() {
    return Name.printable(unsafePath);
  }
}
