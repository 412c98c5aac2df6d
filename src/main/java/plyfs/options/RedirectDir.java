package plyfs.options;

/** How the mount handles redirects, the marks of renamed directories of lower layers. */
public enum RedirectDir {
  /** It makes and follows them. */
  ON,
  /** It follows them but makes none: rename of such a directory gives EXDEV. */
  FOLLOW,
  /** It neither makes nor follows them. */
  NOFOLLOW
}
