package plyfs.cli.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import plyfs.cli.CommandFailure;
import plyfs.cli.GivenPath;
import plyfs.cli.LayerChoice;
import plyfs.cli.RawArguments;
import plyfs.cli.StoreOption;
import plyfs.copy.MountFlush;
import plyfs.daemon.MountState;
import plyfs.explore.ExploredLayers;
import plyfs.image.model.Digest;
import plyfs.image.store.LayerHolds;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoredImage;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;

/**
 * What a person names to take a tree from: a mount, by its mount point, or an image of the store.
 *
 * @param mount null for an image
 * @param image null for a mount
 */
record NamedTree(
    String name, @Nullable MountState mount, @Nullable StoredImage image, LayerStore store) {

  /**
   * Finds it.
   *
   * @param name as typed
   * @throws CommandFailure if there is neither a mount nor an image
   */
  static NamedTree find(String name, StoreOption store) throws CommandFailure, IOException {
    byte[] bytes = RawArguments.bytes(name);
    MountState mount = LayerChoice.mountAt(bytes);
    LayerStore images = store.choose();
    if (mount != null) {
      return new NamedTree(name, mount, null, images);
    }
    try {
      return new NamedTree(name, null, images.find(new String(bytes, UTF_8)), images);
    } catch (IOException e) {
      throw new CommandFailure(
          Name.printable(bytes)
              + " is not a Plyfs mount of this user (see 'plyfs ps'), and "
              + e.getMessage());
    }
  }

  /** The mount at a path. */
  static NamedTree mount(String name, StoreOption store) throws CommandFailure, IOException {
    byte[] at =
        GivenPath.absoluteDirectory("mount point", RawArguments.bytes(name), CommandFailure.FAILED);
    MountState mount = LayerChoice.mountAt(at);
    if (mount == null) {
      throw new CommandFailure(Name.printable(at) + " is not a Plyfs mount: see 'plyfs ps'");
    }
    return new NamedTree(name, mount, null, store.choose());
  }

  /** Why nothing can be copied into it. */
  String whyNotWritten() {
    return "cannot copy into the image "
        + name
        + ", which never changes: mount it, copy into the mount, and make a new image with 'plyfs"
        + " commit'";
  }

  /** Keeps the layers of an image from being removed; those of a mount are kept by it. */
  LayerHolds hold() throws IOException {
    return store.hold(image == null ? List.of() : List.of(image));
  }

  /** The layers, with all that programs have written to the mount until now. */
  ExploredLayers layers() throws CommandFailure, IOException {
    if (mount == null) {
      return LayerChoice.of(store, Objects.requireNonNull(image));
    }
    byte[] upper = mount.upper();
    if (upper != null) {
      try {
        MountFlush.run(mount.mountpoint(), upper);
      } catch (ErrnoException e) {
        throw new CommandFailure(
            "cannot read the mount at "
                + Name.printable(mount.mountpoint())
                + ": "
                + e.getMessage());
      }
    }
    return LayerChoice.of(mount);
  }

  /**
   * The image below the changes of a mount: of several with the same layers the one that the mount
   * names, else any.
   *
   * @throws CommandFailure if the mount is not one of an image in the store
   */
  StoredImage parent() throws CommandFailure, IOException {
    if (mount == null) {
      return Objects.requireNonNull(image);
    }
    StoredImage found = null;
    Digest named = named(mount);
    for (StoredImage each : store.images(notice -> {})) {
      if (hasLayers(each, mount.lowers()) && (found == null || each.id().equals(named))) {
        found = each;
      }
    }
    if (found == null || !mount.dataOnly().isEmpty()) {
      throw new CommandFailure(
          "the mount at "
              + Name.printable(mount.mountpoint())
              + " is not one of an image in the store "
              + store.root()
              + ", so there is no image to put its changes on: use 'plyfs export "
              + Name.printable(mount.mountpoint())
              + " | plyfs import -'");
    }
    return found;
  }

  private @Nullable Digest named(MountState state) {
    try {
      return store.find(new String(state.source(), UTF_8)).id();
    } catch (IOException e) {
      return null; // renamed or removed since
    }
  }

  private boolean hasLayers(StoredImage of, List<byte[]> lowers) {
    try {
      List<Path> directories = store.lowerDirectories(of);
      if (directories.isEmpty()) {
        directories = List.of(store.root().resolve("empty"));
      }
      boolean equal = directories.size() == lowers.size();
      for (int i = 0; equal && i < lowers.size(); i++) {
        equal = Arrays.equals(GivenPath.bytes(directories.get(i).toRealPath()), lowers.get(i));
      }
      return equal;
    } catch (IOException e) {
      return false; // a layer is missing, so nothing mounts the image
    }
  }
}
