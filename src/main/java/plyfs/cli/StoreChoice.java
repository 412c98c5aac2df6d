package plyfs.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import plyfs.image.store.LayerStore;
import plyfs.sys.MountSyscalls;

/** Which store a command works on. */
final class StoreChoice {
  private StoreChoice() {}

  /**
   * The store that was asked for, else that of {@code PLYFS_STORE}, else {@code /var/lib/plyfs} for
   * root and {@code plyfs} in the XDG data directory for others.
   *
   * @param asked a path, or null
   */
  static LayerStore of(byte @Nullable [] asked) throws CommandFailure {
    if (asked != null) {
      return new LayerStore(GivenPath.javaPath(asked));
    }
    String variable = System.getenv("PLYFS_STORE");
    if (variable != null && !variable.isEmpty()) {
      return new LayerStore(Path.of(variable));
    }
    if (MountSyscalls.effectiveUser() == 0) {
      return new LayerStore(Path.of("/var/lib/plyfs"));
    }
    String data = System.getenv("XDG_DATA_HOME");
    if (data != null && !data.isEmpty()) {
      return new LayerStore(Path.of(data, "plyfs"));
    }
    String home = System.getenv("HOME");
    if (home == null || home.isEmpty()) {
      throw new CommandFailure(
          "no store is named and HOME is not set: give --store or PLYFS_STORE");
    }
    return new LayerStore(Path.of(home, ".local", "share", "plyfs"));
  }

  /** The store that an option of the option library names; empty if it was not given. */
  static LayerStore ofOption(String text) throws CommandFailure {
    return of(text.isEmpty() ? null : RawArguments.bytes(text));
  }
}
