package plyfs.union;

/** Device and inode number of an object on its own file system. */
record FileKey(long dev, long ino) {}
