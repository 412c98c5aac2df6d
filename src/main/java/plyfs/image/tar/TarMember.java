package plyfs.image.tar;

import java.util.SortedMap;

/**
 * One object that is put into a tar or taken out of one.
 *
 * @param type one of the constants of {@link TarEntry}
 * @param path relative, without a slash at its end; empty for the root
 * @param target of a symbolic or hard link; empty for other types
 * @param mode permission bits, setuid, setgid and sticky
 * @param uid as stored, 0 to 2^32-2
 * @param size bytes of a regular file, holes included; 0 for other types
 * @param major of a device node
 * @param minor of a device node
 * @param xattrs values by name in ISO-8859-1
 */
public record TarMember(
    char type,
    byte[] path,
    byte[] target,
    int mode,
    long uid,
    long gid,
    Timestamp mtime,
    long size,
    int major,
    int minor,
    SortedMap<String, byte[]> xattrs) {

  public boolean isDirectory() {
    return type == TarEntry.DIRECTORY;
  }

  /** The same object at another path. */
  public TarMember at(byte[] other) {
    return new TarMember(type, other, target, mode, uid, gid, mtime, size, major, minor, xattrs);
  }

  /** The same object of another owner. */
  public TarMember ownedBy(long user, long group) {
    return new TarMember(type, path, target, mode, user, group, mtime, size, major, minor, xattrs);
  }
}
