package plyfs.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import plyfs.image.store.LayerStore;
import plyfs.sys.MountSyscalls;

/** Selects the store for a command. */
public final class StoreChoice {
  private StoreChoice() {}

  /**
   * The given store, or that of {@code PLYFS_STORE}, or {@code /var/lib/plyfs} for root and {@code
   * plyfs} in the XDG data directory for other users.
   *
   * @param asked the path of {@code --store}, or null
   */
  public static LayerStore of(byte @Nullable [] asked) throws CommandFailure {
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
          "no store is known, because HOME is not set: give --store, or set PLYFS_STORE");
    }
    return new LayerStore(Path.of(home, ".local", "share", "plyfs"));
  }

  /** The store of the option {@code --store}; empty if it was not given. */
  public static LayerStore ofOption(String text) throws CommandFailure {
    return of(text.isEmpty() ? null : RawArguments.bytes(text));
  }
}
