package plyfs.image.save;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import plyfs.image.store.LayerHolds;
import plyfs.image.store.LayerStore;

/** Writes images of a store as archive or layout. The same images always give the same bytes. */
public final class ImageSaver {
  private final LayerStore store;
  private final SaveFormat format;
  private final BooleanSupplier isCancelled;

  /**
   * Prepares.
   *
   * @param isCancelled asked now and then: whether to give up
   */
  public ImageSaver(LayerStore store, SaveFormat format, BooleanSupplier isCancelled) {
    this.store = store;
    this.format = format;
    this.isCancelled = isCancelled;
  }

  /**
   * Writes a tar.
   *
   * @param images names or IDs
   * @param out stays open
   * @param label what it is, for messages
   * @throws IOException if an image is not there or was changed in the store, or the tar cannot be
   *     written
   */
  @SuppressWarnings("try")
  public void write(List<String> images, OutputStream out, String label) throws IOException {
    Collection<SavedImage> chosen = SavedImage.choose(store, images);
    try (LayerHolds held = hold(chosen)) {
      writeTar(layout(chosen), out, label);
    }
  }

  /**
   * Writes a file, or a directory for {@link SaveFormat#OCI_DIRECTORY}: it is there whole or as it
   * was before. A device or pipe is written to as it is.
   *
   * @param target a directory must be new or empty
   */
  @SuppressWarnings("try")
  public void write(List<String> images, Path target) throws IOException {
    Collection<SavedImage> chosen = SavedImage.choose(store, images);
    try (LayerHolds held = hold(chosen)) {
      write(layout(chosen), target);
    }
  }

  /** So that no removal takes a layer away before it is written. */
  private LayerHolds hold(Collection<SavedImage> chosen) throws IOException {
    return store.hold(chosen.stream().map(SavedImage::image).toList());
  }

  private void write(Layout layout, Path target) throws IOException {
    if (format == SaveFormat.OCI_DIRECTORY) {
      try (NewDirectory directory = NewDirectory.beside(target)) {
        for (Map.Entry<String, Content> file : layout.files().entrySet()) {
          try (OutputStream out = directory.open(file.getKey())) {
            file.getValue().write(new CheckedOutput(out, target.toString(), isCancelled));
          }
        }
        directory.commit();
      }
      return;
    }
    try (NewFile file = NewFile.beside(target)) {
      writeTar(layout, file.stream(), target.toString());
      file.commit();
    }
  }

  private Layout layout(Collection<SavedImage> chosen) throws IOException {
    return format == SaveFormat.DOCKER_ARCHIVE
        ? LayoutBuilder.docker(store, chosen)
        : LayoutBuilder.oci(store, chosen);
  }

  private void writeTar(Layout layout, OutputStream out, String label) throws IOException {
    LayoutTar tar = new LayoutTar(new CheckedOutput(out, label, isCancelled));
    for (Map.Entry<String, Content> file : layout.files().entrySet()) {
      tar.file(file.getKey(), file.getValue());
    }
    tar.finish();
  }
}
