package plyfs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.ImmutableList;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import plyfs.image.foreign.ForeignStore;
import plyfs.image.model.Digest;
import plyfs.image.store.ImageLayers;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoredImage;
import plyfs.options.MountOptions;
import plyfs.sys.Name;

/** The layers of an image to mount, and the directory for its changes. */
public final class ImageMount {
  /** Directory of a store with the changes of mounts. */
  public static final String MOUNTS = "mounts";

  /**
   * File there that tells what they belong to: {@code image NAME ID}, {@code mountpoint PATH} and,
   * of another engine's storage, {@code layers PATH}.
   */
  public static final String ABOUT = "about";

  private static final int ID_DIGITS = 16;

  private final LayerStore store;
  private final @Nullable ForeignStore foreign;

  /**
   * Mounts of images.
   *
   * @param store that keeps the changes
   * @param foreign storage that has the images; null where the store has them
   */
  ImageMount(LayerStore store, @Nullable ForeignStore foreign) {
    this.store = store;
    this.foreign = foreign;
  }

  /**
   * Adds the layers of an image to the options.
   *
   * @throws CommandFailure with exit code 32: the image does not exist
   */
  public MountOptions withLowers(MountOptions options, byte[] image) throws CommandFailure {
    ImmutableList.Builder<byte[]> lowers = ImmutableList.builder();
    try {
      for (Path directory : find(image).directories()) {
        lowers.add(GivenPath.bytes(directory));
      }
    } catch (IOException e) {
      throw new CommandFailure(
          MountArguments.REFUSED,
          FailureText.of(e) + (foreign == null ? "; to mount directories, use -o lowerdir=" : ""));
    }
    ImmutableList<byte[]> paths = lowers.build();
    return options.withLowers(paths.isEmpty() ? ImmutableList.of(emptyLayer()) : paths);
  }

  /** What an image without layers is mounted over. */
  private byte[] emptyLayer() throws CommandFailure {
    Path directory = store.root().resolve("empty");
    try {
      return GivenPath.bytes(Files.createDirectories(directory));
    } catch (IOException e) {
      throw new CommandFailure(
          MountArguments.REFUSED,
          "the image has no layers, and the directory to mount instead cannot be made: " + e);
    }
  }

  private ImageLayers find(byte[] image) throws IOException {
    String name = new String(image, UTF_8);
    if (foreign != null) {
      return foreign.find(name);
    }
    StoredImage found = store.find(name);
    return new ImageLayers(found.id(), store.lowerDirectories(found));
  }

  /**
   * The directory for the changes of an image at a mount point: {@code STORE/mounts/ID}. The ID
   * depends on these two only, and on the storage of another engine, whose marks may differ; so the
   * next mount continues with the changes. The file {@code about} there names them.
   *
   * @param mountpoint absolute
   */
  public Path changesOf(byte[] image, byte[] mountpoint) throws CommandFailure {
    try {
      Digest id = find(image).id();
      ByteArrayOutputStream key = new ByteArrayOutputStream();
      key.writeBytes(id.toString().getBytes(UTF_8));
      key.write(0);
      key.writeBytes(mountpoint);
      String from = "";
      if (foreign != null) {
        String layers = foreign.layers().toString();
        key.write(0);
        key.writeBytes(layers.getBytes(UTF_8));
        from = "\nlayers " + layers;
      }
      String name = Digest.sha256(key.toByteArray()).hex().substring(0, ID_DIGITS);
      Path place = store.root().resolve(MOUNTS).resolve(name);
      Files.createDirectories(place);
      String about =
          "image "
              + Name.printable(image)
              + " "
              + id
              + "\nmountpoint "
              + Name.printable(mountpoint)
              + from;
      Files.writeString(place.resolve(ABOUT), about + "\n");
      return place;
    } catch (IOException e) {
      throw new CommandFailure(
          MountArguments.REFUSED,
          "cannot create a directory for the changes in the store "
              + store.root()
              + ": "
              + FailureText.of(e));
    }
  }
}
