package plyfs.bench;

/** The state of the caches and the engine before a change. */
public enum Temperature {
  /** The caches are dropped, and the change is the first of the mount. */
  COLD("cold"),

  /** The file is in the page cache and was looked up, and the engine has made such changes. */
  WARM("warm");

  /** The difference, for a person. */
  public static final String IN_ONE_LINE =
      "Warm: the file is cached, and the daemon has made such changes before. Cold:"
          + " the caches are dropped, and the change is the first of a new mount.";

  private final String word;

  Temperature(String word) {
    this.word = word;
  }

  public String word() {
    return word;
  }
}
