package plyfs.image.store;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import plyfs.image.model.Descriptor;
import plyfs.image.model.Digest;
import plyfs.image.model.ImageConfig;

/**
 * Compares a store with what it promises: each configuration, manifest and kept layer with its
 * digest, and each unpacked layer with its diff_id, for which its tar is written once more.
 */
public final class StoreVerification {
  private static final int BUFFER_BYTES = 1 << 16;

  private final LayerStore store;
  private final Listener listener;
  private final Map<Digest, String> damage = new LinkedHashMap<>();
  private final Set<Digest> layers = new LinkedHashSet<>();
  private final Set<Digest> blobs = new LinkedHashSet<>();
  private int images;

  /** Hears what is being looked at. */
  @FunctionalInterface
  public interface Listener {
    /** The next thing: {@code layer sha256:<hex>}. */
    void looksAt(String what);
  }

  public StoreVerification(LayerStore store, Listener listener) {
    this.store = store;
    this.listener = listener;
  }

  /** IDs of all images, also of those whose configuration is damaged. */
  public static List<Digest> allImages(LayerStore store) throws IOException {
    List<Digest> all = new ArrayList<>();
    for (String hex : store.imageIds()) {
      all.add(Digest.parse("sha256:" + hex));
    }
    return all;
  }

  /** Looks at some images. What is damaged is noted and keeps nothing else from being looked at. */
  public void verify(Collection<Digest> ids) throws IOException {
    for (Digest id : ids) {
      images++;
      try {
        verifyImage(id);
      } catch (IOException e) {
        damage.put(id, String.valueOf(e.getMessage()));
      }
    }
  }

  private void verifyImage(Digest id) throws IOException {
    listener.looksAt("image " + id);
    byte[] content = store.disk().readIfThere(store.paths().config(id));
    if (content == null || !Digest.sha256(content).equals(id)) {
      throw new IOException(
          "image " + id + ": its configuration " + store.paths().config(id) + " was changed");
    }
    for (Digest layer : ImageConfig.parse("image " + id, content).chainIds()) {
      if (layers.add(layer)) {
        verifyLayer(layer);
      }
    }
    for (Descriptor manifest : store.manifests(id)) {
      verifyBlob(manifest.digest());
    }
    for (Digest blob : NeededBlobs.of(store, id).digests()) {
      verifyBlob(blob);
    }
  }

  private void verifyLayer(Digest chainId) {
    listener.looksAt("layer " + chainId);
    try {
      store.layerTar(chainId).write(OutputStream.nullOutputStream());
    } catch (IOException e) {
      damage.put(chainId, String.valueOf(e.getMessage()));
    }
  }

  /** A layer whose compressed form is not kept is no damage. */
  private void verifyBlob(Digest digest) throws IOException {
    if (!store.hasBlob(digest) || !blobs.add(digest)) {
      return;
    }
    listener.looksAt("blob " + digest);
    MessageDigest found = digest.newMessageDigest();
    try (InputStream in =
        new BufferedInputStream(Files.newInputStream(store.blob(digest)), BUFFER_BYTES)) {
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        found.update(buffer, 0, read);
      }
    }
    if (!Digest.of(digest.algorithm(), found.digest()).equals(digest)) {
      damage.put(digest, "blob " + digest + " was changed in the store: " + store.blob(digest));
    }
  }

  /**
   * What is damaged, with a sentence about each: image IDs, chain IDs of layers, digests of blobs.
   */
  public Map<Digest, String> damage() {
    return damage;
  }

  /** How much was looked at: {@code 2 images, 5 layers, 3 blobs}. */
  public String extent() {
    return count(images, "image")
        + ", "
        + count(layers.size(), "layer")
        + ", "
        + count(blobs.size(), "blob");
  }

  private static String count(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }
}
