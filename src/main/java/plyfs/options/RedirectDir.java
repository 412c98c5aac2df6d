package plyfs.options;

/** What becomes of redirects, the marks by which a directory of a lower layer is renamed. */
public enum RedirectDir {
  /** Made and followed. */
  ON("on"),
  /** Followed, not made: rename of such a directory gives EXDEV. */
  FOLLOW("follow"),
  /** Neither made nor followed. */
  NOFOLLOW("nofollow");

  private final String word;

  RedirectDir(String word) {
    this.word = word;
  }

  /** What the option says. */
  String word() {
    return word;
  }
}
