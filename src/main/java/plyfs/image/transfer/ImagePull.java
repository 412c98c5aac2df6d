package plyfs.image.transfer;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import plyfs.image.load.ImageLoader;
import plyfs.image.load.LoadOptions;
import plyfs.image.load.LoadedImage;
import plyfs.image.model.Descriptor;
import plyfs.image.model.Digest;
import plyfs.image.model.ImageConfig;
import plyfs.image.model.Platform;
import plyfs.image.model.ProgressListener;
import plyfs.image.model.Reference;
import plyfs.image.registry.RegistryClient;
import plyfs.image.source.FetchedImage;
import plyfs.image.source.SourceImage;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoreLoad;

/**
 * Brings images from a registry into a store, byte for byte: what the store has is not fetched, and
 * what an earlier pull had of a layer is gone on with.
 */
public final class ImagePull {
  private final LayerStore store;
  private final RegistryClient client;
  private final TransferListener listener;

  public ImagePull(LayerStore store, RegistryClient client, TransferListener listener) {
    this.store = store;
    this.client = client;
    this.listener = listener;
  }

  /**
   * Pulls one image.
   *
   * @param platform null for this machine's, where there is a choice
   * @throws IOException one sentence; the store is as before
   */
  public PulledImage pull(RemoteName name, @Nullable Platform platform) throws IOException {
    return pull(name, platform, LoadOptions.DEFAULT);
  }

  /** As the other one, with options for what the image may bring. */
  public PulledImage pull(RemoteName name, @Nullable Platform platform, LoadOptions options)
      throws IOException {
    return pull(name, platform, Set.of(), options);
  }

  /**
   * As {@link #pull(RemoteName, Platform)}, and what the registry has replaces what is damaged in
   * the store.
   *
   * @param damaged image IDs, chain IDs of layers, digests of blobs
   */
  public PulledImage pull(RemoteName name, @Nullable Platform platform, Set<Digest> damaged)
      throws IOException {
    return pull(name, platform, damaged, LoadOptions.DEFAULT);
  }

  private PulledImage pull(
      RemoteName name, @Nullable Platform platform, Set<Digest> damaged, LoadOptions options)
      throws IOException {
    RemoteImage image = RemoteImage.find(client, name, platform);
    Digest before = imageOf(name);
    Run run = new Run(name, image, options.keepsBlobs());
    boolean isInStore = false;
    try {
      List<LoadedImage> loaded = ImageLoader.load(run::open, store, run, damaged, options);
      isInStore = true;
      Digest id = loaded.get(0).id();
      return new PulledImage(id, image.asked, !id.equals(before));
    } finally {
      run.release(isInStore);
    }
  }

  private @Nullable Digest imageOf(RemoteName name) {
    try {
      return store.find(name.toString()).id();
    } catch (IOException e) {
      return null; // none, or one that cannot be read and comes anew
    }
  }

  /** One pull; hears what the loader does, whose layers have digests as names. */
  private final class Run implements ProgressListener {
    private static final String LABEL = "layer ";

    private final RemoteName name;
    private final RemoteImage image;
    private final boolean keepsBlobs;
    private @Nullable FetchedLayers layers;

    Run(RemoteName name, RemoteImage image, boolean keepsBlobs) {
      this.keepsBlobs = keepsBlobs;
      this.name = name;
      this.image = image;
    }

    FetchedImage open(StoreLoad load) throws IOException {
      FetchedLayers fetched = new FetchedLayers(client, name.repository(), listener, load);
      layers = fetched;
      List<Reference> tags = name.digest() == null ? List.of(name.name()) : List.of();
      FetchedImage source =
          new FetchedImage(
              image.descriptor,
              image.manifestBytes,
              image.configBytes,
              new SourceImage.Origin(name.name(), image.asked),
              tags,
              fetched);
      ImageConfig config = source.images().get(0).config();
      List<Digest> chainIds = config.chainIds();
      for (int i = 0; i < chainIds.size(); i++) {
        Descriptor layer = image.manifest.layers().get(i);
        boolean isKept = keepsBlobs && !layer.digest().equals(config.diffIds().get(i));
        if (!load.hasLayer(chainIds.get(i)) || isKept && !load.hasBlob(layer.digest())) {
          fetched.begin(layer);
        } else {
          listener.state(layer.digest(), LayerState.EXISTS, "");
        }
      }
      return source;
    }

    void release(boolean isInStore) throws IOException {
      FetchedLayers fetched = layers;
      if (fetched != null) {
        fetched.close();
        fetched.release(isInStore);
      }
    }

    private @Nullable Digest digestOf(String label) {
      for (Descriptor layer : image.manifest.layers()) {
        if (label.equals(LABEL + layer.digest())) {
          return layer.digest();
        }
      }
      return null;
    }

    @Override
    public void layerProgress(String layer, long doneBytes, long totalBytes) {
      Digest digest = digestOf(layer);
      if (digest != null) {
        listener.progress(digest, LayerState.EXTRACTING, doneBytes, totalBytes);
      }
    }

    @Override
    public void layerFinished(String layer, boolean alreadyPresent) {
      Digest digest = digestOf(layer);
      if (digest != null && !alreadyPresent) {
        listener.state(digest, LayerState.PULLED, "");
      }
    }

    @Override
    public void notice(String sentence) {
      listener.notice(sentence);
    }
  }
}
