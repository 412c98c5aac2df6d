package plyfs.differential;

import java.util.List;

/**
 * Mount options of both engines.
 *
 * @param words separated by commas, such as {@code redirect_dir=off}; empty for none. {@code
 *     writeback=1} is of Plyfs alone
 */
record SharedOptions(String words) {
  private static final List<SharedOptions> ALL =
      List.of(
          new SharedOptions(""),
          new SharedOptions("redirect_dir=off"),
          new SharedOptions(""),
          new SharedOptions("userxattr"));

  /** One of those that are worth trying. */
  static SharedOptions of(long seed) {
    return ALL.get(Math.floorMod(seed / 2, ALL.size()));
  }

  /**
   * With what is on in Plyfs unless it is told otherwise, and off in the kernel, or the reverse.
   */
  String ofKernel() {
    StringBuilder all = new StringBuilder("xino=on");
    add(all, "index", "index=off");
    if (!isUserXattr()) { // it excludes the others
      add(all, "metacopy", "metacopy=off");
      add(all, "redirect_dir", "redirect_dir=on");
    }
    for (String word : words.split(",", -1)) {
      if (!word.isEmpty() && !word.startsWith("writeback=")) {
        all.append(',').append(word);
      }
    }
    return all.toString();
  }

  private void add(StringBuilder all, String name, String unlessGiven) {
    if (!words.contains(name + "=")) {
      all.append(',').append(unlessGiven);
    }
  }

  /**
   * {@code .wh.} names are marks to Plyfs only. With {@code open=cache} an open for writing copies
   * up, as in the kernel; by default only the write does, which shows in the links of a file.
   */
  String ofPlyfs() {
    String ofOurs = "aufs=off,open=cache";
    return words.isEmpty() ? ofOurs : ofOurs + "," + words;
  }

  /** Whether a word is among those that are given. */
  boolean has(String word) {
    return List.of(words.split(",", -1)).contains(word);
  }

  boolean isUserXattr() {
    return has("userxattr");
  }

  /** Name of one of the overlay's attributes. */
  String mark(String name) {
    return (isUserXattr() ? "user.overlay." : "trusted.overlay.") + name;
  }
}
