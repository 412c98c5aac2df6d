package plyfs.container;

import java.io.IOException;
import java.nio.file.Path;
import plyfs.image.disk.StoreFiles;
import plyfs.image.disk.TreeCopy;
import plyfs.image.model.ProgressListener;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoreScratch;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Getdents;

/**
 * Fills a volume at its first use with what the image has at that place. The copy is made in {@code
 * tmp} and renamed over the empty directory, so a volume has all of it or nothing. The caller holds
 * the exclusive lock of the volume: no container mounts the empty directory meanwhile.
 */
final class VolumeFill {
  private final LayerStore store;
  private final ProgressListener listener;

  VolumeFill(LayerStore store, ProgressListener listener) {
    this.store = store;
    this.listener = listener;
  }

  /**
   * Fills a volume if it is empty.
   *
   * @param image the directory of the image
   */
  void fill(Volume volume, Fd image) throws IOException {
    try {
      if (!isEmpty(volume.data())) {
        return;
      }
      try (StoreScratch scratch = StoreScratch.begin(store, listener)) {
        Path copy = scratch.directory().resolve(Volumes.DATA);
        store.disk().makePrivateDirectory(copy);
        try (Fd to = StoreFiles.openDirectory(copy)) {
          TreeCopy.copy(image, to);
        }
        store.disk().sync(scratch.directory());
        if (isEmpty(volume.data())) {
          store.disk().move(copy, volume.data());
        }
      }
    } catch (ErrnoException e) {
      throw new IOException(
          "cannot fill the volume " + volume.name() + " with what the image has: " + e.getMessage(),
          e);
    }
  }

  private static boolean isEmpty(Path directory) throws IOException, ErrnoException {
    try (Fd fd = StoreFiles.openDirectory(directory)) {
      return new Getdents().names(fd).isEmpty();
    }
  }
}
