package plyfs.bench;

/** What the kernel and the engine know of a file before it is changed. */
public enum Temperature {
  /** Nothing: caches dropped, and the first change that this mount sees. */
  COLD("cold"),

  /** The file is in the page cache and was looked up, and the engine has made such changes. */
  WARM("warm");

  /** What tells the two apart, for a person. */
  public static final String IN_ONE_LINE =
      "Warm: the file is cached and the daemon has made such changes before."
          + " Cold: caches are dropped, and it is the first change of a fresh mount.";

  private final String word;

  Temperature(String word) {
    this.word = word;
  }

  public String word() {
    return word;
  }
}
