package plyfs.options;

/** What becomes of redirects, the marks by which a directory of a lower layer is renamed. */
public enum RedirectDir {
  /** Made and followed. */
  ON,
  /** Followed, not made: rename of such a directory gives EXDEV. */
  FOLLOW,
  /** Neither made nor followed. */
  NOFOLLOW
}
