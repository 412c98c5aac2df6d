package plyfs.cli.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.ImmutableList;
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
import plyfs.container.Container;
import plyfs.container.Containers;
import plyfs.copy.MountFlush;
import plyfs.daemon.MountState;
import plyfs.daemon.RuntimeDir;
import plyfs.explore.ExploredLayers;
import plyfs.image.model.Digest;
import plyfs.image.store.LayerHolds;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoredImage;
import plyfs.options.MountOptionException;
import plyfs.options.MountOptions;
import plyfs.options.Privilege;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;

/**
 * What a person names to take a tree from, or to change it: a mount, by its mount point, a
 * container by its name or ID, or an image of the store.
 *
 * @param mount null for an image, and for a container that is not mounted
 * @param container null for what is none
 * @param image null for what is none
 */
record NamedTree(
    String name,
    @Nullable MountState mount,
    @Nullable Container container,
    @Nullable StoredImage image,
    LayerStore store) {

  /**
   * Finds it.
   *
   * @param name as typed
   * @throws CommandFailure if there is nothing of that name
   */
  static NamedTree find(String name, StoreOption store) throws CommandFailure, IOException {
    NamedTree tree = changed(name, store);
    if (tree != null) {
      return tree;
    }
    LayerStore images = store.choose();
    byte[] bytes = RawArguments.bytes(name);
    try {
      return new NamedTree(name, null, null, images.find(new String(bytes, UTF_8)), images);
    } catch (IOException e) {
      throw new CommandFailure(
          Name.printable(bytes)
              + " is not a Plyfs mount of this user (see 'plyfs ps'), and "
              + e.getMessage());
    }
  }

  /** A mount or a container; null if there is neither of that name. */
  private static @Nullable NamedTree changed(String name, StoreOption store)
      throws CommandFailure, IOException {
    byte[] bytes = RawArguments.bytes(name);
    MountState mount = LayerChoice.mountAt(bytes);
    LayerStore images = store.choose();
    if (mount != null) {
      return new NamedTree(name, mount, null, null, images);
    }
    Containers containers = new Containers(images);
    Container container = containers.findIfThere(new String(bytes, UTF_8));
    if (container == null) {
      return null;
    }
    MountState running = mountOf(containers.upper(container));
    return new NamedTree(name, running, container, null, images);
  }

  private static @Nullable MountState mountOf(Path upper) throws IOException {
    byte[] path = GivenPath.bytes(upper.toRealPath());
    for (MountState each : RuntimeDir.standard().list()) {
      if (Arrays.equals(each.upper(), path)) {
        return each;
      }
    }
    return null;
  }

  /** A mount, or a container. */
  static NamedTree withChanges(String name, StoreOption store) throws CommandFailure, IOException {
    NamedTree tree = changed(name, store);
    if (tree == null) {
      throw new CommandFailure(
          Name.printable(RawArguments.bytes(name))
              + " is neither a Plyfs mount (see 'plyfs ps') nor a container");
    }
    return tree;
  }

  /** The mount at a path. */
  static NamedTree mountAt(String name, StoreOption store) throws CommandFailure, IOException {
    byte[] at =
        GivenPath.absoluteDirectory("mount point", RawArguments.bytes(name), CommandFailure.FAILED);
    MountState mount = LayerChoice.mountAt(at);
    if (mount == null) {
      throw new CommandFailure(Name.printable(at) + " is not a Plyfs mount: see 'plyfs ps'");
    }
    return new NamedTree(name, mount, null, null, store.choose());
  }

  /** Why nothing can be copied into it. */
  String whyNotWritten() {
    if (container != null) {
      return "cannot copy into " + container + ", which is not mounted: 'plyfs start' it first";
    }
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
    if (mount == null && container != null) {
      return ofStopped(container);
    }
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

  private ExploredLayers ofStopped(Container of) throws CommandFailure, IOException {
    Containers containers = new Containers(store);
    ImmutableList<byte[]> lowers =
        containers.lowers(of).stream()
            .map(GivenPath::bytes)
            .collect(ImmutableList.toImmutableList());
    try {
      MountOptions options =
          MountOptions.parse(of.settings().options(), Privilege.current())
              .withLayers(
                  lowers.isEmpty() ? ImmutableList.of(GivenPath.bytes(emptyLayer())) : lowers,
                  ImmutableList.of(),
                  GivenPath.bytes(containers.upper(of)),
                  GivenPath.bytes(containers.work(of)));
      return LayerChoice.of(options);
    } catch (MountOptionException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()));
    }
  }

  /** What an image without layers is mounted over. */
  private Path emptyLayer() {
    return store.root().resolve("empty");
  }

  /**
   * The image below the changes of a mount: of several with the same layers the one that the mount
   * names, else any.
   *
   * @throws CommandFailure if the mount is not one of an image in the store
   */
  StoredImage parent() throws CommandFailure, IOException {
    if (container != null) {
      return store.find(container.image().toString());
    }
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
        directories = List.of(emptyLayer());
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
