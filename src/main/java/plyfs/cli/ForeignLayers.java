package plyfs.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import plyfs.image.foreign.ForeignStore;
import plyfs.image.foreign.ForeignStoreKind;
import plyfs.options.Privilege;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Name;

/**
 * The option {@code --layers-from KIND PATH}: images of another engine's storage.
 *
 * @param kind of storage
 * @param path as it was given
 */
record ForeignLayers(ForeignStoreKind kind, byte[] path) {
  /**
   * Reads the two values of the option.
   *
   * @throws CommandFailure with exit code 1: there is no such kind
   */
  static ForeignLayers of(String kind, byte[] path) throws CommandFailure {
    ForeignStoreKind known = ForeignStoreKind.named(kind);
    if (known == null) {
      throw new CommandFailure(
          MountArguments.USAGE,
          "option '--layers-from' knows no storage '"
              + Name.printable(RawArguments.bytes(kind))
              + "': give "
              + String.join(" or ", ForeignStoreKind.words())
              + ", and its directory");
    }
    return new ForeignLayers(known, path);
  }

  /** Opens the storage. */
  ForeignStore open() throws CommandFailure {
    try {
      return kind.open(GivenPath.javaPath(path));
    } catch (IOException e) {
      throw new CommandFailure(MountArguments.REFUSED, FailureText.of(e));
    }
  }

  /**
   * Whether the layers have the attributes {@code user.overlay.*}, because an engine without
   * privileges wrote them, and the caller has the privileges for {@code trusted.overlay.*}, which
   * the mount would otherwise read.
   *
   * @throws CommandFailure the caller cannot read the attributes of these layers
   */
  static boolean needUserAttributes(ForeignStore store, Privilege caller) throws CommandFailure {
    Path layers = store.layers();
    int owner = owner(layers);
    if (caller == Privilege.ROOT) {
      return owner != 0;
    }
    if (owner != MountSyscalls.effectiveUser()) {
      throw new CommandFailure(
          MountArguments.REFUSED,
          layers
              + " belongs to another user, whose marks of opaque directories you cannot read:"
              + " mount it as that user");
    }
    return false;
  }

  private static int owner(Path layers) throws CommandFailure {
    try {
      return (Integer) Files.getAttribute(layers, "unix:uid");
    } catch (IOException e) {
      throw new CommandFailure(MountArguments.REFUSED, FailureText.of(e));
    }
  }
}
