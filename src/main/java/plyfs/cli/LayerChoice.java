package plyfs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.daemon.MountState;
import plyfs.daemon.RuntimeDir;
import plyfs.explore.ExploredLayers;
import plyfs.explore.LayerOrigin;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoredImage;
import plyfs.options.EngineOptions;
import plyfs.options.MountOptionException;
import plyfs.options.MountOptions;
import plyfs.options.Privilege;
import plyfs.options.RedirectDir;
import plyfs.sys.Name;

/** The layers for a command: those of a mount, of an image, or of mount options. */
public final class LayerChoice {
  private LayerChoice() {}

  /** The layers that {@code -o} names, read as mount reads them. */
  static ExploredLayers ofOptions(List<byte[]> words) throws CommandFailure {
    try {
      MountOptions options = MountOptions.parse(words, Privilege.current());
      return of(options, ImmutableList.of());
    } catch (MountOptionException e) {
      throw new CommandFailure(CommandFailure.USAGE, String.valueOf(e.getMessage()));
    }
  }

  /** The layers that mount options name, as a mount with them would use them. */
  public static ExploredLayers of(MountOptions options) throws CommandFailure {
    try {
      return of(options, ImmutableList.of());
    } catch (MountOptionException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()));
    }
  }

  private static ExploredLayers of(MountOptions options, ImmutableList<LayerOrigin> origins)
      throws MountOptionException {
    EngineOptions engine = options.engine();
    return new ExploredLayers(
        options.plan(),
        engine.redirectDir() == RedirectDir.ON,
        engine.redirectDir() != RedirectDir.NOFOLLOW,
        engine.aufs(),
        engine.fsync(),
        engine.metacopy(),
        origins);
  }

  /** The layers of a mount, named by its mount point, or of an image in the store. */
  static ExploredLayers of(byte[] mountOrImage, String store) throws CommandFailure, IOException {
    MountState state = mountAt(mountOrImage);
    if (state != null) {
      return of(state);
    }
    LayerStore images = StoreChoice.ofOption(store);
    StoredImage image;
    try {
      image = images.find(new String(mountOrImage, UTF_8));
    } catch (IOException e) {
      throw new CommandFailure(
          Name.printable(mountOrImage)
              + " is not a Plyfs mount of this user (see 'plyfs ps'), and "
              + e.getMessage());
    }
    return of(images, image);
  }

  /** The mount at a path; null if there is none. */
  public static @Nullable MountState mountAt(byte[] path) throws CommandFailure, IOException {
    boolean isDirectory;
    try {
      isDirectory = Files.isDirectory(GivenPath.javaPath(path));
    } catch (CommandFailure e) {
      isDirectory = true; // the Java library cannot represent the path
    }
    if (!isDirectory) {
      return null;
    }
    return RuntimeDir.standard()
        .find(GivenPath.absoluteDirectory("mount point", path, CommandFailure.FAILED));
  }

  /** The layers of a mount. */
  public static ExploredLayers of(MountState state) throws IOException {
    try {
      return of(state.standing(), LayerOrigins.of(state));
    } catch (MountOptionException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** The layers of an image. */
  public static ExploredLayers of(LayerStore store, StoredImage image)
      throws CommandFailure, IOException {
    ImmutableList.Builder<byte[]> lowers = ImmutableList.builder();
    for (Path directory : store.lowerDirectories(image)) {
      lowers.add(GivenPath.bytes(directory));
    }
    ImmutableList<byte[]> layers = lowers.build();
    if (layers.isEmpty()) {
      throw new CommandFailure("image " + image.id().shortHex() + " has no layers");
    }
    try {
      MountOptions defaults = MountOptions.parse(ImmutableList.of(), Privilege.current());
      return of(defaults.withLowers(layers), LayerOrigins.of(image));
    } catch (MountOptionException e) {
      throw new IllegalStateException("no options were given", e);
    }
  }
}
