package plyfs.image.transfer;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.Digest;
import plyfs.image.model.ProgressListener;
import plyfs.image.model.Reference;
import plyfs.image.registry.ByteProgress;
import plyfs.image.registry.RegistryClient;
import plyfs.image.save.ImageParts;
import plyfs.image.store.ImageNames;
import plyfs.image.store.LayerHolds;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoredImage;

/**
 * Sends images of a store to a registry: by the manifest and in the compressed layers by which they
 * came, where these are kept; else by a new manifest, with layers compressed by gzip. What the
 * registry has is not sent.
 */
public final class ImagePush {
  private static final int AT_ONCE = 3;

  private final LayerStore store;
  private final RegistryClient client;
  private final TransferListener listener;

  public ImagePush(LayerStore store, RegistryClient client, TransferListener listener) {
    this.store = store;
    this.client = client;
    this.listener = listener;
  }

  /**
   * What the registry has now.
   *
   * @param digest of the manifest
   * @param size bytes of the manifest
   */
  public record PushedImage(Digest digest, int size) {}

  /**
   * Sends one image.
   *
   * @param name leads to it in the store, and is going to in the registry
   * @throws IOException one sentence
   */
  @SuppressWarnings("try")
  public PushedImage push(Reference name) throws IOException {
    StoredImage image = store.find(name.toString());
    try (LayerHolds held = store.hold(List.of(image))) {
      ImageParts parts = ImageParts.of(store, image, name);
      byte[] kept = parts.manifest();
      String from = otherRepository(image, name, kept);
      List<ImageParts.Packed> packed = sendLayers(name.path(), parts, from);
      sendConfig(name.path(), parts);
      byte[] manifest = kept == null ? parts.newManifest(packed) : kept;
      client.putManifest(name.path(), name.tag(), parts.manifestType(), manifest);
      Digest digest = Digest.sha256(manifest);
      note(image, name, digest);
      return new PushedImage(digest, manifest.length);
    }
  }

  /** So that {@code images --digests} shows it; the push has been done even if that fails. */
  private void note(StoredImage image, Reference name, Digest digest) {
    ProgressListener notices =
        new ProgressListener() {
          @Override
          public void notice(String sentence) {
            listener.notice(sentence);
          }
        };
    try {
      new ImageNames(store, notices).putDigest(image.id(), name, digest);
    } catch (IOException e) {
      listener.notice("the digest of " + name + " is not noted in the store: " + e.getMessage());
    }
  }

  /**
   * A repository of the same registry that may have the layers; empty for none.
   *
   * @param manifest that is sent, if it is known: who has it has the very layers
   */
  private static String otherRepository(
      StoredImage image, Reference name, byte @Nullable [] manifest) {
    String digest = manifest == null ? "" : Digest.sha256(manifest).toString();
    String some = "";
    for (String known : image.digests()) {
      int at = known.indexOf('@');
      Reference other = Reference.parse(known.substring(0, at));
      if (other != null
          && other.domain().equals(name.domain())
          && !other.path().equals(name.path())) {
        some = other.path();
        if (known.substring(at + 1).equals(digest)) {
          return some;
        }
      }
    }
    return some;
  }

  private List<ImageParts.Packed> sendLayers(String repository, ImageParts parts, String from)
      throws IOException {
    ExecutorService threads =
        Executors.newFixedThreadPool(
            AT_ONCE,
            task -> {
              Thread thread = new Thread(task, "upload");
              thread.setDaemon(true);
              return thread;
            });
    List<Future<ImageParts.Packed>> sent = new ArrayList<>();
    List<ImageParts.Layer> layers = parts.layers();
    for (int i = layers.size() - 1; i >= 0; i--) {
      listener.state(layers.get(i).diffId(), LayerState.PREPARING, "");
    }
    Cancellation cancellation = new Cancellation();
    try {
      for (ImageParts.Layer layer : layers) {
        sent.add(threads.submit(() -> send(repository, parts, layer, from, cancellation)));
      }
      List<ImageParts.Packed> packed = new ArrayList<>();
      for (Future<ImageParts.Packed> layer : sent) {
        packed.add(result(layer));
      }
      return packed;
    } finally {
      cancellation.isAsked = true;
      List<Runnable> waiting = threads.shutdownNow();
      assert waiting.size() <= layers.size();
    }
  }

  /** Told by a failure of another layer. */
  private static final class Cancellation {
    volatile boolean isAsked;
  }

  private static ImageParts.Packed result(Future<ImageParts.Packed> layer) throws IOException {
    try {
      return layer.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IllegalStateException("an upload failed", e);
    }
  }

  private ImageParts.Packed send(
      String repository,
      ImageParts parts,
      ImageParts.Layer layer,
      String from,
      Cancellation cancellation)
      throws IOException {
    try (PackedLayer packed = PackedLayer.of(parts, layer)) {
      long size = packed.size();
      ByteProgress progress =
          new ByteProgress() {
            @Override
            public void moved(long done) {
              listener.progress(layer.diffId(), LayerState.PUSHING, done, size);
            }

            @Override
            public boolean isCancelled() {
              return cancellation.isAsked;
            }
          };
      if (client.hasBlob(repository, packed.digest())) {
        listener.state(layer.diffId(), LayerState.THERE, "");
      } else if (client.upload(repository, packed.digest(), packed.file(), from, progress)) {
        listener.state(layer.diffId(), LayerState.MOUNTED, from);
      } else {
        listener.state(layer.diffId(), LayerState.PUSHED, "");
      }
      return new ImageParts.Packed(packed.digest(), size);
    }
  }

  private void sendConfig(String repository, ImageParts parts) throws IOException {
    if (client.hasBlob(repository, parts.configDigest())) {
      return;
    }
    Path path = Files.createTempFile("plyfs-push", "");
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(parts.config());
      while (bytes.hasRemaining()) {
        int written = file.write(bytes);
        assert written > 0;
      }
      ByteProgress silent =
          new ByteProgress() {
            @Override
            public void moved(long done) {}

            @Override
            public boolean isCancelled() {
              return false;
            }
          };
      boolean mounted = client.upload(repository, parts.configDigest(), file, "", silent);
      assert !mounted;
    } finally {
      Files.delete(path);
    }
  }
}
