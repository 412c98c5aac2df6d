package plyfs.bench;

/** What the kernel and the engine know of a file before it is changed. */
public enum Temperature {
  /** Nothing: caches dropped, and the first change that this mount sees. */
  COLD("cold"),

  /** The file is in the page cache and was looked up, and the engine has made such changes. */
  WARM("warm");

  private final String word;

  Temperature(String word) {
    this.word = word;
  }

  public String word() {
    return word;
  }
}
