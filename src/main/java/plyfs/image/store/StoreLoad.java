package plyfs.image.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import plyfs.image.disk.StoreDisk;
import plyfs.image.model.Digest;
import plyfs.image.model.ProgressListener;
import plyfs.image.model.Reference;
import plyfs.image.source.SourceImage;
import plyfs.image.tree.LayerUnpacker;

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
  private final StoreLock lock;
  private final ProgressListener listener;
  private final Map<Digest, StagedLayer> layers = new LinkedHashMap<>();
  private final Map<Digest, byte[]> configs = new LinkedHashMap<>();
  private final Map<Digest, List<Reference>> tags = new LinkedHashMap<>();

  /**
   * One renaming of {@link #commit}.
   *
   * @param before copy of the file that it replaces; null where the name is free
   */
  private record Move(Path from, Path to, @Nullable Path before) {
    void redo(StoreDisk disk) throws IOException {
      if (before == null && disk.exists(to)) {
        throw new IOException(
            to + " is there already, and no load has made it: move it out of the way");
      }
      disk.move(from, to);
    }

    /** At no time is there neither the new file nor the one before. */
    void undo(StoreDisk disk) throws IOException {
      if (before == null) {
        disk.move(to, from);
      } else {
        disk.move(before, to);
      }
    }
  }

  private StoreLoad(LayerStore store, Path directory, StoreLock lock, ProgressListener listener) {
    this.store = store;
    this.disk = store.disk();
    this.paths = store.paths();
    this.directory = directory;
    this.lock = lock;
    this.listener = listener;
  }

  /**
   * Begins a load; removes what loads that were killed have left.
   *
   * @param listener hears what could not be removed
   */
  @SuppressWarnings("try")
  public static StoreLoad begin(LayerStore store, ProgressListener listener) throws IOException {
    StorePaths paths = store.paths();
    StoreDisk disk = store.disk();
    disk.makeDirectories(paths.root());
    try (StoreLock all = StoreLock.ofStore(paths)) {
      for (Path directory :
          List.of(paths.loads(), paths.links(), paths.configs(), paths.layerRecords())) {
        disk.makeDirectories(directory);
      }
      new StoreCleaner(paths, disk, listener).clean();
      Path directory = paths.loads().resolve(StorePaths.LOAD_PREFIX + UUID.randomUUID());
      // Unpacked layers may hold setuid programs: nobody else looks in before they are verified.
      disk.makePrivateDirectory(directory);
      return new StoreLoad(store, directory, StoreLock.ofDirectory(directory), listener);
    }
  }

  /** File for an archive that must be decompressed as a whole. */
  public Path spool() {
    return directory.resolve("archive");
  }

  /** Whether a layer need not be unpacked, because the store or this load has it. */
  @SuppressWarnings("try")
  public boolean hasLayer(Digest chainId) throws IOException {
    if (layers.containsKey(chainId)) {
      return true;
    }
    // A commit of another load that is under way may still be undone.
    try (StoreLock all = StoreLock.ofStore(paths)) {
      return store.hasLayer(chainId);
    }
  }

  public long size(Digest chainId) throws IOException {
    StagedLayer staged = layers.get(chainId);
    return staged != null ? staged.bytes() : store.size(chainId);
  }

  /** A place to unpack a layer into. */
  public StagedLayer stage(Digest chainId) throws IOException {
    return StagedLayer.create(disk, directory.resolve("layer-" + layers.size()), chainId);
  }

  /**
   * Takes a layer that is unpacked and verified.
   *
   * @param below those under it in the image, lowest first
   */
  public void add(StagedLayer layer, Digest diffId, LayerUnpacker.Result result, List<Digest> below)
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
        layer.chainId(),
        layer.complete(
            diffId, below.isEmpty() ? null : below.get(below.size() - 1), result.bytes(), lower));
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
      List<Move> moves = prepare();
      disk.sync(paths.root());
      Deque<Move> done = new ArrayDeque<>();
      try {
        for (Move move : moves) {
          move.redo(disk);
          done.push(move);
        }
        disk.sync(paths.root());
      } catch (IOException e) {
        throw undone(done, e);
      }
    }
  }

  private List<Move> prepare() throws IOException {
    List<Move> moves = new ArrayList<>();
    for (StagedLayer layer : layers.values()) {
      // Another load may have been faster; its layer is as good as ours.
      if (!store.hasLayer(layer.chainId())) {
        String cacheId = layer.chainId().hex();
        moves.add(new Move(layer.directory(), paths.layer(cacheId), null));
        moves.add(
            new Move(layer.linkFile(), paths.links().resolve(StorePaths.link(cacheId)), null));
        moves.add(new Move(layer.record(), paths.layerRecord(layer.chainId()), null));
      }
    }
    Repositories repositories = store.repositories();
    for (Map.Entry<Digest, byte[]> config : configs.entrySet()) {
      if (!disk.exists(paths.config(config.getKey()))) {
        Path file = directory.resolve("config-" + config.getKey().hex());
        disk.write(file, config.getValue());
        moves.add(new Move(file, paths.config(config.getKey()), null));
      }
      tags.getOrDefault(config.getKey(), List.of())
          .forEach(tag -> repositories.put(tag, config.getKey()));
    }
    Path names = directory.resolve("repositories.json");
    disk.write(names, repositories.toJson());
    moves.add(new Move(names, paths.repositories(), namesBefore()));
    return moves;
  }

  private @Nullable Path namesBefore() throws IOException {
    byte[] content = disk.readIfThere(paths.repositories());
    if (content == null) {
      return null;
    }
    Path copy = directory.resolve("repositories.json.before");
    disk.write(copy, content);
    return copy;
  }

  /** Undoes moves; the failure to tell. */
  private IOException undone(Deque<Move> done, IOException failure) {
    String sentence = failure.getMessage();
    try {
      while (!done.isEmpty()) {
        done.element().undo(disk);
        done.remove();
      }
    } catch (IOException e) {
      // What was made before this one may be needed by it, so it stays too.
      failure.addSuppressed(e);
      sentence += "; what was loaded could not be taken back (" + e.getMessage() + ")";
    }
    return new IOException(sentence, failure);
  }

  /** Removes whatever was not committed; what does not go is left to the next load. */
  @Override
  public void close() {
    try (lock) {
      disk.remove(paths.loads(), String.valueOf(directory.getFileName()));
    } catch (IOException e) {
      listener.notice(e.getMessage() + "; the next load will try it again");
    }
  }
}
