package plyfs.image.save;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.Digest;
import plyfs.image.model.Reference;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoredImage;

/**
 * An image that is going to be written.
 *
 * @param tags names that it takes along, perhaps none
 */
record SavedImage(StoredImage image, List<Reference> tags) {

  /**
   * The images that a person means, each once. A name with a tag takes this tag along, a name
   * without takes all tags of that name, an image ID none, as {@code docker save} has it.
   *
   * @throws IOException if there is no such image
   */
  static Collection<SavedImage> choose(LayerStore store, List<String> texts) throws IOException {
    Map<Digest, SavedImage> chosen = new LinkedHashMap<>();
    for (String text : texts) {
      Reference name = Reference.parse(text);
      boolean found = false;
      if (name != null && isNameOnly(text)) {
        for (StoredImage image : store.images()) {
          for (Reference tag : tagsOf(image, name)) {
            add(chosen, image, tag);
            found = true;
          }
        }
      }
      if (!found) {
        StoredImage image = store.find(text);
        boolean byTag = name != null && image.tags().contains(name.toString());
        add(chosen, image, byTag ? name : null);
      }
    }
    return chosen.values();
  }

  private static boolean isNameOnly(String text) {
    return text.indexOf(':', text.lastIndexOf('/') + 1) < 0 && text.indexOf('@') < 0;
  }

  private static List<Reference> tagsOf(StoredImage image, Reference name) {
    List<Reference> tags = new ArrayList<>();
    for (String text : image.tags()) {
      Reference tag = Reference.parse(text);
      if (tag != null && tag.familiarName().equals(name.familiarName())) {
        tags.add(tag);
      }
    }
    return tags;
  }

  private static void add(
      Map<Digest, SavedImage> chosen, StoredImage image, @Nullable Reference tag) {
    SavedImage saved =
        chosen.computeIfAbsent(image.id(), id -> new SavedImage(image, new ArrayList<>()));
    if (tag != null && !saved.tags.contains(tag)) {
      saved.tags.add(tag);
    }
  }
}
