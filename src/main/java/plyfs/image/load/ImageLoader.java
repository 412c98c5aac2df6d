package plyfs.image.load;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import plyfs.image.disk.StoreFiles;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Digest;
import plyfs.image.model.Limit;
import plyfs.image.model.ProgressListener;
import plyfs.image.model.Reference;
import plyfs.image.source.ImageSource;
import plyfs.image.source.SourceImage;
import plyfs.image.source.SourceLayer;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StagedLayer;
import plyfs.image.store.StoreLoad;
import plyfs.image.tree.LayerUnpacker;

/** Brings saved images into a store: verified, unpacked, layers shared. */
public final class ImageLoader {

  private final StoreLoad load;
  private final ProgressListener listener;
  private final LoadOptions options;

  private ImageLoader(StoreLoad load, ProgressListener listener, LoadOptions options) {
    this.load = load;
    this.listener = listener;
    this.options = options;
  }

  /**
   * Loads all images of an archive or layout. Either all of it is in the store afterwards, or the
   * store is as it was.
   *
   * @param source what {@code docker save}, skopeo or podman wrote, as a file, a FIFO or a
   *     directory; also compressed as a whole
   * @return the images, in the order of the archive
   * @throws BadImageException if the source is not a sound image
   * @throws IOException if the store cannot be written; the message is one sentence for people
   */
  public static List<LoadedImage> load(Path source, LayerStore store, ProgressListener listener)
      throws IOException {
    return load(source, store, listener, LoadOptions.DEFAULT);
  }

  /** As the other one, with options. */
  public static List<LoadedImage> load(
      Path source, LayerStore store, ProgressListener listener, LoadOptions options)
      throws IOException {
    return load(
        load -> ImageSource.open(source, load.spool(), listener),
        store,
        listener,
        Set.of(),
        options);
  }

  /**
   * As {@link #load(Path, LayerStore, ProgressListener)}, for an archive that is open, such as
   * standard input.
   *
   * @param owned read from its position on
   * @param label what it is called in messages
   */
  public static List<LoadedImage> load(
      FileChannel owned, String label, LayerStore store, ProgressListener listener)
      throws IOException {
    return load(owned, label, store, listener, LoadOptions.DEFAULT);
  }

  /** As the other one, with options. */
  public static List<LoadedImage> load(
      FileChannel owned,
      String label,
      LayerStore store,
      ProgressListener listener,
      LoadOptions options)
      throws IOException {
    return load(
        load -> ImageSource.open(owned, label, load.spool(), listener),
        store,
        listener,
        Set.of(),
        options);
  }

  /**
   * As {@link #load(Path, LayerStore, ProgressListener)}, and what the source has replaces what is
   * damaged in the store.
   *
   * @param damaged image IDs, chain IDs of layers, digests of blobs
   * @throws IOException also if a mount uses a damaged layer
   */
  public static List<LoadedImage> repair(
      Path source, LayerStore store, ProgressListener listener, Set<Digest> damaged)
      throws IOException {
    return load(load -> ImageSource.open(source, load.spool(), listener), store, listener, damaged);
  }

  /** Makes an image. */
  @FunctionalInterface
  interface Maker {
    /**
     * Makes it.
     *
     * @param spool a file for the tar of its new layer; removed afterwards
     */
    SourceImage make(Path spool) throws IOException;
  }

  /** Puts an image that is made here into the store, as a load does. */
  static LoadedImage add(Maker maker, LayerStore store, ProgressListener listener)
      throws IOException {
    try (StoreLoad load = StoreLoad.begin(store, listener, Set.of())) {
      LoadedImage added =
          new ImageLoader(load, listener, LoadOptions.DEFAULT).load(maker.make(load.spool()));
      // What the disk has not got yet of it need not be written any more.
      Files.deleteIfExists(load.spool());
      load.commit();
      return added;
    } catch (FileSystemException e) {
      throw new IOException("cannot access " + e.getFile() + ": " + StoreFiles.reason(e), e);
    }
  }

  /** Opens what is loaded. */
  @FunctionalInterface
  public interface Opener {
    /**
     * Opens it.
     *
     * @param load knows what the store has, and has room for files
     */
    ImageSource open(StoreLoad load) throws IOException;
  }

  /**
   * As {@link #repair}, for images that come from elsewhere than a file.
   *
   * @param damaged nothing for a load that does not repair
   */
  public static List<LoadedImage> load(
      Opener source, LayerStore store, ProgressListener listener, Set<Digest> damaged)
      throws IOException {
    return load(source, store, listener, damaged, LoadOptions.DEFAULT);
  }

  /** As the other ones, with options. */
  public static List<LoadedImage> load(
      Opener source,
      LayerStore store,
      ProgressListener listener,
      Set<Digest> damaged,
      LoadOptions options)
      throws IOException {
    try (StoreLoad load = StoreLoad.begin(store, listener, damaged);
        ImageSource images = source.open(load)) {
      ImageLoader loader = new ImageLoader(load, listener, options);
      List<LoadedImage> loaded = new ArrayList<>();
      for (SourceImage image : images.images()) {
        loaded.add(loader.load(image));
      }
      load.commit();
      return loaded;
    } catch (FileSystemException e) {
      throw new IOException("cannot access " + e.getFile() + ": " + StoreFiles.reason(e), e);
    }
  }

  private LoadedImage load(SourceImage given) throws IOException {
    SourceImage image = options.keepsBlobs() ? given : given.withoutBlobs();
    String label = "image " + image.config().id();
    Limit.LAYERS.check(label, image.layers().size());
    options.rules().limits().checkLayers(label, image.layers().size());
    List<LoadedLayer> loaded;
    try (LayerJobs jobs = new LayerJobs(label, options.rules().limits(), listener)) {
      List<@Nullable LayerJob> all = prepare(image, jobs);
      jobs.start(options.layersAtOnce());
      loaded = finish(image, jobs, all);
    }
    load.add(image);
    return new LoadedImage(
        image.config().id(),
        image.tags().stream().map(Reference::toString).toList(),
        List.copyOf(loaded));
  }

  /** A job for each layer, null where there is nothing to do. */
  private List<@Nullable LayerJob> prepare(SourceImage image, LayerJobs jobs) throws IOException {
    List<@Nullable LayerJob> all = new ArrayList<>();
    Set<Digest> blobs = new HashSet<>();
    List<Digest> chainIds = image.config().chainIds();
    for (int i = 0; i < chainIds.size(); i++) {
      SourceLayer layer = image.layers().get(i);
      StagedLayer staged = load.hasLayer(chainIds.get(i)) ? null : load.stage(chainIds.get(i));
      Digest digest = image.blobToKeep(layer);
      boolean keeps = digest != null && !load.hasBlob(digest) && blobs.add(digest);
      Path blob = keeps ? load.stageBlob() : null;
      LayerJob job = null;
      if (staged != null || blob != null) {
        job = new LayerJob(jobs, options.rules(), layer, staged, blob);
        jobs.add(job);
      }
      all.add(job);
    }
    return all;
  }

  /** Takes what the jobs bring, lowest layer first. */
  private List<LoadedLayer> finish(SourceImage image, LayerJobs jobs, List<@Nullable LayerJob> all)
      throws IOException {
    List<LoadedLayer> loaded = new ArrayList<>();
    List<Digest> chainIds = image.config().chainIds();
    for (int i = 0; i < chainIds.size(); i++) {
      SourceLayer layer = image.layers().get(i);
      LayerJob job = all.get(i);
      boolean present = job == null || job.staged == null;
      if (job != null) {
        List<Digest> below = chainIds.subList(0, i);
        job.isBasedOn(load.lowerDirectories(below));
        take(job, jobs.finish(job), below);
      }
      listener.layerFinished(layer.label(), present);
      loaded.add(
          new LoadedLayer(chainIds.get(i), layer.diffId(), present, load.size(chainIds.get(i))));
    }
    return loaded;
  }

  private void take(LayerJob job, LayerUnpacker.@Nullable Result result, List<Digest> below)
      throws IOException {
    if (job.blob != null && job.layer.digest() != null) {
      load.addBlob(job.layer.digest(), job.blob);
    }
    if (job.staged != null && result != null) {
      result.notices().forEach(listener::notice);
      load.add(job.staged, job.layer.diffId(), result, below);
    }
  }
}
