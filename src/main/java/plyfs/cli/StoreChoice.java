package plyfs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import plyfs.image.store.LayerStore;
import plyfs.sys.MountSyscalls;

/** Selects the store for a command. */
public final class StoreChoice {
  private static final Path ENVIRONMENT = Path.of("/proc/self/environ");

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
      return new LayerStore(GivenPath.javaPath(bytes("PLYFS_STORE", variable)));
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

  /** A variable as it is: Java replaces bytes that are not UTF-8, which would be another path. */
  private static byte[] bytes(String name, String decoded) throws CommandFailure {
    try {
      byte[] value = variable(Files.readAllBytes(ENVIRONMENT), name);
      // A test sets none here, and Java's text is right then.
      return value == null ? decoded.getBytes(UTF_8) : value;
    } catch (IOException e) {
      throw new CommandFailure("cannot read " + ENVIRONMENT + ": " + FailureText.of(e));
    }
  }

  /**
   * The bytes of a variable; null where there is none.
   *
   * @param environment {@code [NAME=VALUE NUL]...}
   */
  static byte @Nullable [] variable(byte[] environment, String name) {
    // One character for each byte.
    String text = RawArguments.text(environment);
    for (String each : Splitter.on('\0').split(text)) {
      if (each.startsWith(name + "=")) {
        return RawArguments.bytes(each.substring(name.length() + 1));
      }
    }
    return null;
  }
}
