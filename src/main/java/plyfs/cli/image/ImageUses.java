package plyfs.cli.image;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import plyfs.cli.GivenPath;
import plyfs.container.Container;
import plyfs.container.Containers;
import plyfs.daemon.MountState;
import plyfs.daemon.RuntimeDir;
import plyfs.image.store.ImageRemoval;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoredImage;
import plyfs.sys.Name;

/** Who uses an image of a store: mounts, and what changes of mounts are kept for the next one. */
final class ImageUses implements ImageRemoval.ImageUsers {
  private final LayerStore store;
  private final List<MountState> mounts;
  private final List<KeptChanges> kept;

  /** Looks who is there now. */
  ImageUses(LayerStore store) throws IOException {
    this.store = store;
    this.mounts = RuntimeDir.standard().list();
    this.kept = KeptChanges.of(store);
  }

  @Override
  public List<String> of(StoredImage image) throws IOException {
    List<String> sentences = new ArrayList<>();
    for (Container container : new Containers(store).of(image.id())) {
      sentences.add(
          container + " uses it: remove it first with 'plyfs rm " + container.name() + "'");
    }
    for (MountState mount : mountsOf(image)) {
      sentences.add(
          "the mount at " + Name.printable(mount.mountpoint()) + " uses it: unmount it first");
    }
    if (sentences.isEmpty()) {
      for (KeptChanges changes : kept) {
        if (changes.image().equals(image.id().toString())) {
          sentences.add(
              "the changes of its mount at "
                  + changes.mountpoint()
                  + " are kept in "
                  + changes.place()
                  + ": remove that directory first");
        }
      }
    }
    return sentences;
  }

  /** The mounts of an image. */
  List<MountState> mountsOf(StoredImage image) throws IOException {
    List<byte[]> layers = new ArrayList<>();
    try {
      for (Path directory : store.lowerDirectories(image)) {
        layers.add(GivenPath.bytes(directory.toRealPath()));
      }
    } catch (IOException e) {
      // A layer is missing, so nothing mounts the image.
      return List.of();
    }
    return mounts.stream().filter(mount -> areEqual(mount.lowers(), layers)).toList();
  }

  /** Changes that the store keeps. */
  List<KeptChanges> kept() {
    return kept;
  }

  /** Whether a mount writes to kept changes now. */
  boolean isMounted(KeptChanges changes) throws IOException {
    byte[] upper = GivenPath.bytes(changes.upper().toRealPath());
    return mounts.stream().anyMatch(mount -> Arrays.equals(mount.upper(), upper));
  }

  private static boolean areEqual(List<byte[]> some, List<byte[]> others) {
    boolean equal = some.size() == others.size() && !some.isEmpty();
    for (int i = 0; equal && i < some.size(); i++) {
      equal = Arrays.equals(some.get(i), others.get(i));
    }
    return equal;
  }
}
