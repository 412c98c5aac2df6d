package plyfs.image.foreign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import plyfs.image.store.ImageLayers;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoredImage;

/**
 * Docker's data directory, {@code /var/lib/docker}.
 *
 * @implNote moby, layer/filestore.go and daemon/graphdriver/{overlay2,vfs}: each driver has its
 *     images in {@code image/DRIVER}, and its layers in {@code DRIVER}; the vfs driver has the
 *     whole tree of each layer in {@code vfs/dir/<cache id>}
 */
final class DockerRoot implements ForeignStore {
  private static final String VFS = "vfs";
  private static final List<String> DRIVERS = List.of("overlay2", "fuse-overlayfs", VFS);

  private final LayerStore store;
  private final String driver;

  private DockerRoot(LayerStore store, String driver) {
    this.store = store;
    this.driver = driver;
  }

  /** Opens the directory; its storage driver is the first whose images are there. */
  static DockerRoot open(Path root) throws IOException {
    for (String driver : DRIVERS) {
      Path images = root.resolve("image").resolve(driver).resolve("imagedb");
      if (Files.isDirectory(images)) {
        return new DockerRoot(LayerStore.ofDocker(root, driver), driver);
      }
    }
    throw new IOException(refusal(root));
  }

  private static String refusal(Path root) {
    if (!Files.isDirectory(root)) {
      return "there is no directory "
          + root
          + ": give Docker's data directory ('docker info'"
          + " shows it as 'Docker Root Dir')";
    }
    if (!Files.isReadable(root) || !Files.isExecutable(root)) {
      return root + " cannot be read: use the user that runs dockerd";
    }
    if (Files.isDirectory(root.resolve("image"))) {
      return root
          + " has no images of the storage drivers "
          + String.join(", ", DRIVERS)
          + ": other drivers keep no directories for an overlay";
    }
    if (Files.isDirectory(root.resolve("containerd"))) {
      return root
          + " keeps its images in containerd, whose database Plyfs does not read: use 'docker save"
          + " IMAGE | plyfs load'";
    }
    return root + " is not Docker's data directory: it has no directory 'image'";
  }

  @Override
  public ImageLayers find(String name) throws IOException {
    StoredImage image = store.find(name);
    if (!driver.equals(VFS)) {
      return new ImageLayers(
          image.id(), PresentLayers.checked(store.lowerDirectories(image), name));
    }
    String top = store.topCacheId(image);
    List<Path> tree = top == null ? List.of() : List.of(layers().resolve("dir").resolve(top));
    return new ImageLayers(image.id(), PresentLayers.checked(tree, name));
  }

  @Override
  public Path layers() {
    return store.root().resolve(driver);
  }
}
