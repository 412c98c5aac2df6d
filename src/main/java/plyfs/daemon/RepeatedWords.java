package plyfs.daemon;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Options that are given more than once. */
final class RepeatedWords {
  private RepeatedWords() {}

  /**
   * Whether an option may be given more than once, because it adds to what was given or says
   * nothing.
   */
  static boolean addsUp(MountOption option) {
    return LayerOptions.addsUp(option) || OtherWords.isForMountProgram(option);
  }

  /**
   * The options without the values that a later one of the same name replaces: mount(8) adds the
   * words of its command line to those of fstab, and libfuse goes by the last value.
   */
  static List<MountOption> lastOfEach(List<MountOption> options) {
    List<MountOption> last = new ArrayList<>();
    Set<String> later = new HashSet<>();
    for (int i = options.size() - 1; i >= 0; i--) {
      MountOption option = options.get(i);
      if (option.value() == null || addsUp(option) || later.add(option.key())) {
        last.add(0, option);
      }
    }
    return last;
  }
}
