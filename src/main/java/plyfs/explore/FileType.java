package plyfs.explore;

import plyfs.sys.Linux;

/** Types of objects, for people. */
final class FileType {
  private FileType() {}

  /** {@code regular file}, {@code directory}, ... */
  static String name(int mode) {
    return switch (mode & Linux.S_IFMT) {
      case Linux.S_IFREG -> "regular file";
      case Linux.S_IFDIR -> "directory";
      case Linux.S_IFLNK -> "symbolic link";
      case Linux.S_IFCHR -> "character device";
      case Linux.S_IFBLK -> "block device";
      case Linux.S_IFIFO -> "FIFO";
      case Linux.S_IFSOCK -> "socket";
      default -> "object";
    };
  }
}
