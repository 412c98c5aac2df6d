package plyfs.image.store;

import java.io.IOException;
import plyfs.image.model.Digest;
import plyfs.image.model.ProgressListener;
import plyfs.image.model.Reference;

/** Gives images names. */
public final class ImageNames {
  private final LayerStore store;
  private final ProgressListener listener;

  public ImageNames(LayerStore store, ProgressListener listener) {
    this.store = store;
    this.listener = listener;
  }

  /**
   * Lets a name lead to an image, whatever it led to before.
   *
   * @param image a name or an ID, as {@link LayerStore#find} takes it
   * @throws IOException there is no such image, or the store cannot be changed
   */
  public void put(String image, Reference name) throws IOException {
    try (StoreChange change = StoreChange.begin(store, listener)) {
      StoredImage found = store.find(image);
      Repositories names = store.repositoriesToChange(listener);
      names.put(name, found.id());
      change.named(found.id());
      change.rename(names);
      change.commit();
    }
  }

  /**
   * Notes under which digest a registry has an image.
   *
   * @param name of the repository
   * @param digest of the manifest there
   */
  public void putDigest(Digest imageId, Reference name, Digest digest) throws IOException {
    try (StoreChange change = StoreChange.begin(store, listener)) {
      Repositories names = store.repositoriesToChange(listener);
      if (imageId.equals(names.find(name))
          && !imageId.equals(names.findByDigest(name, digest.toString()))) {
        names.put(name, digest, imageId);
        change.rename(names);
        change.commit();
      }
    }
  }
}
