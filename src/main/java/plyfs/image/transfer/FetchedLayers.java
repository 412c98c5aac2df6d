package plyfs.image.transfer;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import plyfs.image.model.Descriptor;
import plyfs.image.model.Digest;
import plyfs.image.registry.ByteProgress;
import plyfs.image.registry.RegistryClient;
import plyfs.image.source.FetchedImage;
import plyfs.image.store.PartialBlob;
import plyfs.image.store.StoreLoad;
import plyfs.sys.RankedLock;

/**
 * Downloads of layers, three at a time and in their order, so that the first can be unpacked while
 * the next ones come.
 */
final class FetchedLayers implements FetchedImage.Layers {
  private static final int AT_ONCE = 3;

  private final RegistryClient client;
  private static final int RANK = 4;

  private final RankedLock lock = new RankedLock(RANK);
  private final String repository;
  private final TransferListener listener;
  private final StoreLoad load;
  private final Map<Digest, PartialBlob> blobs = new ConcurrentHashMap<>();
  private final Map<Digest, Future<?>> downloads = new ConcurrentHashMap<>();
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          AT_ONCE,
          task -> {
            Thread thread = new Thread(task, "download");
            thread.setDaemon(true);
            return thread;
          });
  private volatile boolean isCancelled;

  FetchedLayers(
      RegistryClient client, String repository, TransferListener listener, StoreLoad load) {
    this.client = client;
    this.repository = repository;
    this.listener = listener;
    this.load = load;
  }

  /** Begins to download a layer, unless that has begun. Several layers are unpacked at once. */
  void begin(Descriptor layer) throws IOException {
    lock.lock();
    try {
      if (!downloads.containsKey(layer.digest())) {
        submit(layer);
      }
    } finally {
      lock.unlock();
    }
  }

  private void submit(Descriptor layer) throws IOException {
    Digest digest = layer.digest();
    PartialBlob blob = load.partialBlob(digest);
    blobs.put(digest, blob);
    listener.state(digest, LayerState.PULLING, "");
    downloads.put(
        digest,
        threads.submit(
            () -> {
              client.download(repository, layer, blob.channel(), new Progress(layer));
              listener.state(digest, LayerState.DOWNLOADED, "");
              return null;
            }));
  }

  /** Tells the listener. */
  private final class Progress implements ByteProgress {
    private final Descriptor layer;

    Progress(Descriptor layer) {
      this.layer = layer;
    }

    @Override
    public void moved(long done) {
      listener.progress(layer.digest(), LayerState.DOWNLOADING, done, layer.size());
    }

    @Override
    public boolean isCancelled() {
      return isCancelled;
    }
  }

  @Override
  public InputStream open(Descriptor layer) throws IOException {
    begin(layer);
    Future<?> download = downloads.get(layer.digest());
    PartialBlob blob = blobs.get(layer.digest());
    if (download == null || blob == null) {
      throw new IllegalStateException(layer.digest().toString());
    }
    try {
      Object nothing = download.get();
      assert nothing == null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IllegalStateException("a download failed", e);
    }
    return Files.newInputStream(blob.file());
  }

  /** Ends what is under way. */
  @Override
  public void close() {
    isCancelled = true;
    List<Runnable> waiting = threads.shutdownNow();
    assert waiting.size() <= downloads.size();
    downloads.values().forEach(FetchedLayers::await);
  }

  /**
   * Lets go of what came.
   *
   * @param isInStore whether it is not needed any more; else it stays for the next pull
   */
  void release(boolean isInStore) throws IOException {
    for (PartialBlob blob : blobs.values()) {
      if (isInStore) {
        blob.remove();
      }
      blob.close();
    }
  }

  private static void await(Future<?> download) {
    // A pull that is refused closes this twice, and what is cancelled cannot be cancelled again.
    if (download.cancel(true) || download.isCancelled()) {
      return;
    }
    try {
      Object nothing = download.get();
      assert nothing == null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      // The one that opened it has heard of it, or another failure came first.
    }
  }
}
