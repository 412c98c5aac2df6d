package plyfs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.daemon.MountState;
import plyfs.explore.LayerOrigin;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoredImage;

/** The history of layers, as images record it. */
final class LayerOrigins {
  private LayerOrigins() {}

  /** The history of all layers of an image, topmost first. */
  static ImmutableList<LayerOrigin> of(StoredImage image) {
    ImmutableList.Builder<LayerOrigin> origins = ImmutableList.builder();
    for (int i = image.chainIds().size() - 1; i >= 0; i--) {
      origins.add(new LayerOrigin(image.chainIds().get(i).shortHex(), image.commands().get(i)));
    }
    return origins.build();
  }

  /**
   * The history of the lower layers of a mount; empty if they are not those of an image in a store.
   */
  static ImmutableList<LayerOrigin> of(MountState state) throws IOException {
    LayerStore store = storeOf(state);
    if (store == null || !state.dataOnly().isEmpty()) {
      return ImmutableList.of();
    }
    List<Path> lowers = new ArrayList<>();
    for (byte[] lower : state.lowers()) {
      lowers.add(Path.of(new String(lower, UTF_8)));
    }
    // An image that cannot be read is not the one that was mounted, or it has nothing to tell.
    for (StoredImage image : store.images(notice -> {})) {
      if (store.lowerDirectories(image).equals(lowers)) {
        return of(image);
      }
    }
    return ImmutableList.of();
  }

  /** The store that holds the topmost lower directory, {@code STORE/overlay2/<id>/diff}. */
  private static @Nullable LayerStore storeOf(MountState state) throws IOException {
    if (state.lowers().isEmpty()) {
      return null;
    }
    return LayerStore.holding(state.lowers().get(0));
  }
}
