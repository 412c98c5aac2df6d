package plyfs.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;

/**
 * One load into a store. Everything is built in a directory of its own, which is locked while the
 * load runs, and moved into place when all of it is complete, verified and on disk: a load that
 * fails, or is killed, leaves nothing but that directory, and the next load removes it.
 */
final class StoreLoad implements AutoCloseable {
  private final LayerStore store;
  private final StorePaths paths;
  private final Path directory;
  private final StoreLock lock;
  private final Map<Digest, StagedLayer> layers = new LinkedHashMap<>();
  private final Map<Digest, byte[]> configs = new LinkedHashMap<>();
  private final Map<Digest, List<Reference>> tags = new LinkedHashMap<>();

  /** One renaming of {@link #commit}. */
  private record Move(Path from, Path to) {}

  private StoreLoad(LayerStore store, Path directory, StoreLock lock) {
    this.store = store;
    this.paths = store.paths();
    this.directory = directory;
    this.lock = lock;
  }

  /** Begins a load; removes what loads that were killed have left. */
  @SuppressWarnings("try")
  static StoreLoad begin(LayerStore store) throws IOException {
    StorePaths paths = store.paths();
    StoreFiles.makeDirectories(paths.root());
    try (StoreLock all = StoreLock.ofStore(paths)) {
      for (Path directory :
          List.of(paths.loads(), paths.links(), paths.configs(), paths.layerRecords())) {
        StoreFiles.makeDirectories(directory);
      }
      StoreCleaner.clean(paths);
      Path directory = paths.loads().resolve("load-" + UUID.randomUUID());
      // Unpacked layers may hold setuid programs: nobody else looks in before they are verified.
      Files.createDirectory(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      return new StoreLoad(store, directory, StoreLock.ofDirectory(directory));
    } catch (IOException e) {
      if (e.getMessage() == null || !e.getMessage().startsWith("cannot")) {
        throw new IOException(
            "cannot write into the store " + paths.root() + ": " + StoreFiles.reason(e), e);
      }
      throw e;
    }
  }

  /** File for an archive that must be decompressed as a whole. */
  Path spool() {
    return directory.resolve("archive");
  }

  /** Whether a layer need not be unpacked, because the store or this load has it. */
  boolean hasLayer(Digest chainId) {
    return layers.containsKey(chainId) || store.hasLayer(chainId);
  }

  long size(Digest chainId) throws IOException {
    StagedLayer staged = layers.get(chainId);
    return staged != null ? staged.bytes() : store.size(chainId);
  }

  /** A place to unpack a layer into. */
  StagedLayer stage(Digest chainId) throws IOException {
    return StagedLayer.create(directory.resolve("layer-" + layers.size()), chainId);
  }

  /**
   * Takes a layer that is unpacked and verified.
   *
   * @param below those under it in the image, lowest first
   */
  void add(StagedLayer layer, Digest diffId, LayerUnpacker.Result result, List<Digest> below)
      throws IOException {
    List<String> lower = new ArrayList<>();
    if (!result.hidesAllBelow() && !below.isEmpty()) {
      Digest parent = below.get(below.size() - 1);
      StagedLayer staged = layers.get(parent);
      String cacheId = staged != null ? parent.hex() : store.cacheId(parent);
      lower.add("l/" + StorePaths.link(cacheId));
      lower.addAll(staged != null ? staged.lower() : storedLower(cacheId));
    }
    layers.put(
        layer.chainId(),
        layer.complete(
            diffId, below.isEmpty() ? null : below.get(below.size() - 1), result.bytes(), lower));
  }

  private List<String> storedLower(String cacheId) throws IOException {
    Path file = paths.layer(cacheId).resolve("lower");
    return Files.exists(file) ? List.of(StoreFiles.read(file).split(":", -1)) : List.of();
  }

  /** Takes an image all of whose layers the store or this load has. */
  void add(SourceImage image) {
    configs.put(image.config().id(), image.configBytes().value);
    tags.computeIfAbsent(image.config().id(), id -> new ArrayList<>()).addAll(image.tags());
  }

  /**
   * Makes everything visible, each layer by one rename. What fails midway is undone.
   *
   * @throws IOException if the disk is full, for one; the store is as before
   */
  @SuppressWarnings("try")
  void commit() throws IOException {
    try (StoreLock all = StoreLock.ofStore(paths)) {
      List<Move> moves = prepare();
      sync();
      List<Move> done = new ArrayList<>();
      try {
        for (Move move : moves) {
          Files.move(move.from, move.to, StandardCopyOption.ATOMIC_MOVE);
          done.add(move);
        }
        sync();
      } catch (IOException e) {
        undo(done, e);
        throw new IOException(
            "cannot write into the store " + paths.root() + ": " + StoreFiles.reason(e), e);
      }
    }
  }

  private List<Move> prepare() throws IOException {
    List<Move> moves = new ArrayList<>();
    for (StagedLayer layer : layers.values()) {
      // Another load may have been faster; its layer is as good as ours.
      if (!store.hasLayer(layer.chainId())) {
        String cacheId = layer.chainId().hex();
        moves.add(new Move(layer.directory(), paths.layer(cacheId)));
        moves.add(new Move(layer.linkFile(), paths.links().resolve(StorePaths.link(cacheId))));
        moves.add(new Move(layer.record(), paths.layerRecord(layer.chainId())));
      }
    }
    Repositories repositories = Repositories.read(paths.repositories());
    for (Map.Entry<Digest, byte[]> config : configs.entrySet()) {
      Path file = directory.resolve("config-" + config.getKey().hex());
      StoreFiles.write(file, config.getValue());
      if (!Files.exists(paths.config(config.getKey()))) {
        moves.add(new Move(file, paths.config(config.getKey())));
      }
      tags.getOrDefault(config.getKey(), List.of())
          .forEach(tag -> repositories.put(tag, config.getKey()));
    }
    Path names = directory.resolve("repositories.json");
    StoreFiles.write(names, repositories.toJson());
    // Last, and never undone: it replaces a file.
    moves.add(new Move(names, paths.repositories()));
    return moves;
  }

  private static void undo(List<Move> done, IOException failure) {
    for (int i = done.size() - 1; i >= 0; i--) {
      try {
        Files.move(done.get(i).to, done.get(i).from, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        failure.addSuppressed(e);
      }
    }
  }

  private void sync() throws IOException {
    try (Fd fd = StoreFiles.openDirectory(paths.root())) {
      int result = FileSyscalls.syncfs(fd);
      if (result < 0) {
        throw new IOException(
            "cannot write the store " + paths.root() + " to disk: " + Errno.describe(-result));
      }
    }
  }

  /** Removes whatever was not committed. */
  @Override
  public void close() throws IOException {
    try (lock;
        Fd loads = StoreFiles.openDirectory(paths.loads())) {
      TreeRemover.remove(loads, StoreFiles.nameBytes(directory));
    } catch (ErrnoException e) {
      throw new IOException("cannot remove " + directory + ": " + e.getMessage(), e);
    }
  }
}
