package plyfs.image.store;

import java.io.IOException;
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
      change.rename(names);
      change.commit();
    }
  }
}
