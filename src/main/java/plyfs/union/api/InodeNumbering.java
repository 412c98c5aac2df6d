package plyfs.union.api;

/**
 * Which inode numbers are shown for objects of layers on several file systems. On one file system
 * they are its own, whatever is asked for.
 *
 * @implNote the option {@code xino} of Linux fs/overlayfs/params.c
 */
public enum InodeNumbering {
  /** Unique in any case, and the same at the next mount where they have room for that. */
  AUTO,
  /** As {@link #AUTO}; layers whose numbers have no room are refused. */
  ON,
  /** The layers' own, which may repeat. */
  OFF
}
