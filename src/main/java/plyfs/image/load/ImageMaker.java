package plyfs.image.load;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.ConfigDraft;
import plyfs.image.model.Digest;
import plyfs.image.model.ProgressListener;
import plyfs.image.model.Reference;
import plyfs.image.source.SourceImage;
import plyfs.image.store.LayerStore;

/** Makes images: a layer on top of another image, or a tree alone. */
public final class ImageMaker {
  private static final int BUFFER_BYTES = 1 << 18;
  private static final String SHA256 = "sha256";

  private ImageMaker() {}

  /** Writes the tar of a layer. */
  @FunctionalInterface
  public interface LayerContent {
    /**
     * Writes it.
     *
     * @return false if it holds nothing, and so is no layer
     */
    boolean write(OutputStream out) throws IOException;
  }

  /**
   * Puts an image into the store. Either all of it is there afterwards, or the store is as it was.
   *
   * @param config without the new layer
   * @param step what the history says of the layer
   * @param name by which the image is found; the image that had it keeps its other names
   * @param listener hears of damage, and how far the layer is
   * @return the image ID
   */
  public static Digest make(
      LayerStore store,
      ConfigDraft config,
      ConfigDraft.Step step,
      LayerContent layer,
      @Nullable Reference name,
      ProgressListener listener)
      throws IOException {
    List<Reference> names = name == null ? List.of() : List.of(name);
    LoadedImage made =
        ImageLoader.add(
            spool -> {
              Digest diffId = write(layer, spool);
              config.add(step, diffId);
              return SourceImage.made(config.bytes(), names, diffId == null ? null : spool);
            },
            store,
            listener);
    return made.id();
  }

  /** Digest of what was written; null if that is nothing. */
  private static @Nullable Digest write(LayerContent layer, Path spool) throws IOException {
    DigestOutputStream hashed =
        new DigestOutputStream(new SparseOutput(spool), Digest.newMessageDigest(SHA256));
    boolean holdsAny;
    try (OutputStream out = new BufferedOutputStream(hashed, BUFFER_BYTES)) {
      holdsAny = layer.write(out);
    }
    return holdsAny ? Digest.of(SHA256, hashed.getMessageDigest().digest()) : null;
  }
}
