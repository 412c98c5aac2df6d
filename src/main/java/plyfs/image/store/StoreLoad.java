package plyfs.image.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import plyfs.image.disk.StoreDisk;
import plyfs.image.model.Digest;
import plyfs.image.model.ImageConfig;
import plyfs.image.model.ProgressListener;
import plyfs.image.model.Reference;
import plyfs.image.source.SourceImage;
import plyfs.image.source.SourceImage.SourceManifest;
import plyfs.image.tree.LayerUnpacker;
import plyfs.sys.Linux;

/**
 * One load into a store. Everything is built in a directory of its own, which is locked while the
 * load runs, and moved into place when all of it is complete, verified and on disk: a load that
 * fails, or is killed, leaves nothing but that directory, and the next load removes it.
 */
public final class StoreLoad implements AutoCloseable {
  private final LayerStore store;
  private final StoreDisk disk;
  private final StorePaths paths;
  private final Path directory;
  private final StoreWork work;
  private final ProgressListener listener;

  /** What the store has and this load replaces. */
  private final Set<Digest> damaged;

  private int stagedLayers;
  private int stagedBlobs;
  private final List<StoreLock> locks = new ArrayList<>();
  private final Map<Digest, StagedLayer> layers = new LinkedHashMap<>();
  private final Map<Digest, byte[]> configs = new LinkedHashMap<>();
  private final Map<Digest, List<Reference>> tags = new LinkedHashMap<>();
  private final Map<Digest, Path> blobs = new LinkedHashMap<>();
  private final Map<Digest, List<SourceManifest>> manifests = new LinkedHashMap<>();
  private final List<NamedManifest> named = new ArrayList<>();

  /** A manifest that came under a name. */
  private record NamedManifest(Reference name, Digest manifest, Digest imageId) {}

  private StoreLoad(
      LayerStore store, StoreWork work, ProgressListener listener, Set<Digest> damaged) {
    this.store = store;
    this.disk = store.disk();
    this.paths = store.paths();
    this.directory = work.directory();
    this.work = work;
    this.listener = listener;
    this.damaged = damaged;
  }

  /**
   * Begins a load; removes what loads that were killed have left.
   *
   * @param listener hears what could not be removed
   */
  public static StoreLoad begin(LayerStore store, ProgressListener listener) throws IOException {
    return begin(store, listener, Set.of());
  }

  /**
   * As {@link #begin(LayerStore, ProgressListener)}, for a load that repairs.
   *
   * @param damaged image IDs, chain IDs of layers and digests of blobs that the load replaces if it
   *     has them
   */
  @SuppressWarnings("try")
  public static StoreLoad begin(LayerStore store, ProgressListener listener, Set<Digest> damaged)
      throws IOException {
    StorePaths paths = store.paths();
    store.disk().makeDirectories(paths.root());
    try (StoreCleaner cleaner = new StoreCleaner(store, listener)) {
      try (StoreLock all = StoreLock.ofStore(paths)) {
        StoreVersion.check(paths, store.disk());
        cleaner.collect();
        return new StoreLoad(store, StoreWork.begin(store, listener), listener, damaged);
      }
    }
  }

  /** File for an archive that must be decompressed as a whole. */
  public Path spool() {
    return directory.resolve("archive");
  }

  /**
   * A place for a blob that comes over a network, with what an earlier attempt has left of it.
   *
   * @throws IOException the disk is full, for one
   */
  public PartialBlob partialBlob(Digest digest) throws IOException {
    return PartialBlob.of(paths, digest, directory);
  }

  /** Whether a layer need not be unpacked, because the store or this load has it. */
  @SuppressWarnings("try")
  public boolean hasLayer(Digest chainId) throws IOException {
    if (layers.containsKey(chainId)) {
      return true;
    }
    if (damaged.contains(chainId)) {
      return false;
    }
    // A commit of another load that is under way may still be undone.
    try (StoreLock all = StoreLock.ofStore(paths)) {
      boolean has = store.hasLayer(chainId);
      if (has) {
        LayerUses.note(disk, directory, chainId);
      }
      return has;
    }
  }

  public long size(Digest chainId) throws IOException {
    StagedLayer staged = layers.get(chainId);
    return staged != null ? staged.bytes() : store.size(chainId);
  }

  /** Whether a layer need not be copied as it is stored, because the store or this load has it. */
  @SuppressWarnings("try")
  public boolean hasBlob(Digest digest) throws IOException {
    if (blobs.containsKey(digest)) {
      return true;
    }
    if (damaged.contains(digest)) {
      return false;
    }
    try (StoreLock all = StoreLock.ofStore(paths)) {
      boolean has = store.hasBlob(digest);
      if (has) {
        LayerUses.note(disk, directory, digest);
      }
      return has;
    }
  }

  /** A file for a layer as it is stored. */
  public Path stageBlob() {
    return directory.resolve("blob-" + stagedBlobs++);
  }

  /**
   * Takes a layer as it is stored, complete and verified.
   *
   * @param file from {@link #stageBlob}
   */
  public void addBlob(Digest digest, Path file) {
    blobs.put(digest, file);
  }

  /** A place to unpack a layer into. */
  public StagedLayer stage() throws IOException {
    return StagedLayer.create(disk, directory.resolve("layer-" + stagedLayers++));
  }

  /**
   * Takes a layer that is unpacked and verified.
   *
   * @param below those under it in the image, lowest first
   */
  public void add(
      StagedLayer layer,
      Digest chainId,
      Digest diffId,
      LayerUnpacker.Result result,
      List<Digest> below)
      throws IOException {
    List<String> lower = new ArrayList<>();
    if (!result.hidesAllBelow() && !below.isEmpty()) {
      Digest parent = below.get(below.size() - 1);
      StagedLayer staged = layers.get(parent);
      String cacheId = staged != null ? parent.hex() : store.cacheId(parent);
      lower.add("l/" + StorePaths.link(cacheId));
      lower.addAll(staged != null ? staged.lower() : store.lower(cacheId));
    }
    layers.put(
        chainId,
        layer.complete(
            chainId,
            diffId,
            below.isEmpty() ? null : below.get(below.size() - 1),
            result.bytes(),
            lower));
  }

  /**
   * Directories of the layers that a layer is unpacked onto, topmost first: those above a layer
   * that hides all below it, and that layer.
   *
   * @param below lowest first
   */
  public List<Path> lowerDirectories(List<Digest> below) throws IOException {
    List<Path> directories = new ArrayList<>();
    for (int i = below.size() - 1; i >= 0; i--) {
      StagedLayer staged = layers.get(below.get(i));
      String cacheId = staged != null ? "" : store.cacheId(below.get(i));
      directories.add(staged != null ? staged.diff() : paths.layer(cacheId).resolve("diff"));
      if ((staged != null ? staged.lower() : store.lower(cacheId)).isEmpty()) {
        break;
      }
    }
    return directories;
  }

  /** Takes an image all of whose layers the store or this load has. */
  public void add(SourceImage image) {
    configs.put(image.config().id(), image.configBytes().value);
    tags.computeIfAbsent(image.config().id(), id -> new ArrayList<>()).addAll(image.tags());
    SourceManifest manifest = image.manifest();
    if (manifest != null) {
      Digest digest = manifest.descriptor.digest();
      manifests.computeIfAbsent(image.config().id(), id -> new ArrayList<>()).add(manifest);
      for (Reference name : image.origin() == null ? image.tags() : List.<Reference>of()) {
        named.add(new NamedManifest(name, digest, image.config().id()));
      }
    }
    SourceImage.Origin origin = image.origin();
    if (origin != null) {
      named.add(new NamedManifest(origin.name(), origin.digest(), image.config().id()));
    }
  }

  /**
   * Takes an image that is made here, all of whose layers the store or this load has.
   *
   * @param content of its configuration
   * @param names that it gets
   */
  public void add(ImageConfig config, byte[] content, List<Reference> names) {
    configs.put(config.id(), content);
    tags.put(config.id(), names);
  }

  /**
   * Makes everything visible, each layer by one rename, and the names of the images last. What
   * fails midway is undone, last first and no further than it can be: whatever a name leads to is
   * there at any time.
   *
   * @throws IOException if the disk is full, for one; the store is as before, or the message says
   *     what stays
   */
  @SuppressWarnings("try")
  public void commit() throws IOException {
    try (StoreLock all = StoreLock.ofStore(paths)) {
      Moves moves = prepare();
      disk.sync(paths.root());
      moves.run(paths.root());
    }
  }

  private Moves prepare() throws IOException {
    Moves moves = new Moves(disk);
    for (Map.Entry<Digest, StagedLayer> entry : layers.entrySet()) {
      Digest chainId = entry.getKey();
      StagedLayer layer = entry.getValue();
      boolean isDamaged = damaged.contains(chainId);
      if (isDamaged) {
        discardLayer(moves, chainId);
      }
      // Another load may have been faster; its layer is as good as ours.
      if (isDamaged || !store.hasLayer(chainId)) {
        String cacheId = chainId.hex();
        moves.add(layer.directory(), paths.layer(cacheId));
        moves.add(layer.linkFile(), paths.links().resolve(StorePaths.link(cacheId)));
        moves.add(layer.record(), paths.layerRecord(chainId));
      }
    }
    addBlobs(moves);
    Repositories repositories = store.repositoriesToChange(listener);
    addMetadata(moves, repositories);
    named.forEach(n -> repositories.put(n.name, n.manifest, n.imageId));
    for (Map.Entry<Digest, byte[]> config : configs.entrySet()) {
      if (damaged.contains(config.getKey())) {
        work.discard(moves, paths.config(config.getKey()));
      }
      if (damaged.contains(config.getKey()) || !disk.exists(paths.config(config.getKey()))) {
        Path file = directory.resolve("config-" + config.getKey().hex());
        disk.write(file, config.getValue());
        moves.add(file, paths.config(config.getKey()));
      }
      tags.getOrDefault(config.getKey(), List.of())
          .forEach(tag -> repositories.put(tag, config.getKey()));
    }
    Path names = directory.resolve("repositories.json");
    disk.write(names, repositories.toJson());
    work.replace(moves, names, paths.repositories());
    return moves;
  }

  private void discardLayer(Moves moves, Digest chainId) throws IOException {
    String cacheId = chainId.hex();
    Path layer = paths.layer(cacheId);
    if (disk.exists(layer)) {
      StoreLock lock = StoreLock.tryDirectory(layer, Linux.LOCK_EX);
      if (lock == null) {
        throw new IOException(
            "cannot replace the damaged layer " + layer + ", which a mount uses: unmount it first");
      }
      locks.add(lock);
    }
    work.discard(moves, paths.layerRecord(chainId));
    work.discard(moves, paths.links().resolve(StorePaths.link(cacheId)));
    work.discard(moves, layer);
  }

  /** Layers as they are stored, then the manifests that name them. */
  private void addBlobs(Moves moves) throws IOException {
    for (Map.Entry<Digest, Path> blob : blobs.entrySet()) {
      addBlob(moves, blob.getKey(), blob.getValue());
    }
    Set<Digest> written = new HashSet<>();
    for (List<SourceManifest> list : manifests.values()) {
      for (SourceManifest manifest : list) {
        Digest digest = manifest.descriptor.digest();
        if (written.add(digest)) {
          Path file = directory.resolve("manifest-" + digest.hex());
          disk.write(file, manifest.value);
          addBlob(moves, digest, file);
        }
      }
    }
  }

  private void addBlob(Moves moves, Digest digest, Path file) throws IOException {
    Path place = paths.blob(digest);
    if (damaged.contains(digest)) {
      work.discard(moves, place);
    }
    if (damaged.contains(digest) || !disk.exists(place)) {
      disk.makeDirectories(paths.blobs(digest.algorithm()));
      moves.add(file, place);
    }
  }

  /** Manifests, and the time if an image is given a name that it did not have. */
  private void addMetadata(Moves moves, Repositories repositories) throws IOException {
    ImageMetadata metadata = new ImageMetadata(disk, paths, work);
    for (Digest image : configs.keySet()) {
      Map<String, byte[]> files = new LinkedHashMap<>();
      List<SourceManifest> came = manifests.getOrDefault(image, List.of());
      if (!came.isEmpty()) {
        Path place = paths.manifests(image);
        ImageManifests all = ImageManifests.of(place, disk.readIfThere(place));
        came.forEach(manifest -> all.put(manifest.descriptor));
        files.put(ImageMetadata.MANIFESTS, all.toJson());
      }
      List<Reference> names = tags.getOrDefault(image, List.of());
      if (!names.stream().allMatch(name -> image.equals(repositories.find(name)))) {
        files.put(ImageMetadata.LAST_UPDATED, ImageMetadata.now());
      }
      if (!files.isEmpty()) {
        metadata.put(moves, image, files);
      }
    }
  }

  /** Removes whatever was not committed; what does not go is left to the next load. */
  @Override
  public void close() {
    locks.forEach(StoreLock::close);
    work.close();
  }
}
