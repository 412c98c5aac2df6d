package plyfs.image;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Name;

/** One entry of a tar, names and values as the bytes they are, not yet trusted in any way. */
final class TarEntry {
  static final char FILE = '0';
  static final char HARD_LINK = '1';
  static final char SYMLINK = '2';
  static final char CHARACTER_DEVICE = '3';
  static final char BLOCK_DEVICE = '4';
  static final char DIRECTORY = '5';
  static final char FIFO = '6';

  /** A stretch of a sparse file that has data; the rest are holes. */
  record Extent(long offset, long length) {}

  /** Path as the archive says it. */
  final byte[] unsafePath;

  /** One of the constants, or whatever else the archive says. */
  final char type;

  /** Permission bits, setuid, setgid and sticky. */
  final int mode;

  final long uid;
  final long gid;

  /** Bytes of the file, holes included; 0 for other types. */
  final long size;

  final Timestamp mtime;

  /** Null where the archive does not say. */
  final @Nullable Timestamp atime;

  final long major;
  final long minor;

  /** Target of a link as the archive says it. */
  final byte[] unsafeTarget;

  /** Values by name in ISO-8859-1. */
  final Map<String, byte[]> xattrs;

  /** Null for a file without holes. */
  final @Nullable List<Extent> extents;

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

  boolean isDirectory() {
    return type == DIRECTORY;
  }

  /** The path for people. */
  @Override
  public String toString() {
    return Name.printable(unsafePath);
  }
}
