package plyfs.image.load;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.image.disk.StoreFiles;
import plyfs.image.model.ConfigDraft;
import plyfs.image.model.Digest;
import plyfs.image.model.ImageConfig;
import plyfs.image.model.Limit;
import plyfs.image.model.ProgressListener;
import plyfs.image.model.Reference;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StagedLayer;
import plyfs.image.store.StoreLoad;
import plyfs.image.tree.LayerUnpacker;
import plyfs.image.tree.UnpackRules;

/**
 * Makes images: a layer on top of another image, or a tree alone. The tar of the layer is hashed
 * and unpacked while it is written; the configuration, which names its digest, comes after it.
 */
public final class ImageMaker {
  private static final String LABEL = "the new layer";

  private final StoreLoad load;
  private final ProgressListener listener;
  private final List<Digest> below;

  private ImageMaker(StoreLoad load, ProgressListener listener, List<Digest> below) {
    this.load = load;
    this.listener = listener;
    this.below = below;
  }

  /** Writes the tar of a layer. */
  @FunctionalInterface
  public interface LayerContent {
    /**
     * Writes it; called by another thread.
     *
     * @return false if it holds nothing, and so is no layer
     */
    boolean write(OutputStream out) throws IOException;
  }

  /**
   * Puts an image into the store. Either all of it is there afterwards, or the store is as it was.
   *
   * @param config without the new layer
   * @param step what the history says of the layer
   * @param name by which the image is found; the image that had it keeps its other names
   * @param listener hears of damage, and how far the layer is
   * @return the image ID
   */
  public static Digest make(
      LayerStore store,
      ConfigDraft config,
      ConfigDraft.Step step,
      LayerContent layer,
      @Nullable Reference name,
      ProgressListener listener)
      throws IOException {
    List<Digest> below = parse(config).chainIds();
    Limit.LAYERS.check("the new image", below.size() + 1);
    try (StoreLoad load = StoreLoad.begin(store, listener)) {
      ImageMaker maker = new ImageMaker(load, listener, below);
      maker.holdLayersBelow();
      maker.add(config, step, layer);
      ImageConfig made = parse(config);
      load.add(made, config.bytes(), name == null ? List.of() : List.of(name));
      load.commit();
      return made.id();
    } catch (FileSystemException e) {
      throw new IOException("cannot access " + e.getFile() + ": " + StoreFiles.reason(e), e);
    }
  }

  private static ImageConfig parse(ConfigDraft config) throws IOException {
    return ImageConfig.parse("the new configuration", config.bytes());
  }

  /** From here on no other process removes them. */
  private void holdLayersBelow() throws IOException {
    for (Digest chainId : below) {
      if (!load.hasLayer(chainId)) {
        throw new IOException(
            "layer " + chainId + " was removed from the store meanwhile: try again");
      }
    }
  }

  /**
   * Adds the layer to the load and to the configuration, which gets a step without one if empty.
   */
  private void add(ConfigDraft config, ConfigDraft.Step step, LayerContent layer)
      throws IOException {
    StagedLayer staged = load.stage();
    try (MadeTar tar = new MadeTar(layer)) {
      LayerUnpacker.Result unpacked = unpack(tar, staged);
      Digest diffId = tar.diffId();
      config.add(step, diffId);
      if (diffId != null) {
        unpacked.notices().forEach(listener::notice);
        List<Digest> chain = new ArrayList<>(parse(config).chainIds());
        load.add(staged, chain.get(chain.size() - 1), diffId, unpacked, below);
      }
    }
  }

  private LayerUnpacker.Result unpack(MadeTar tar, StagedLayer staged) throws IOException {
    listener.layerStarted(LABEL, ProgressListener.UNKNOWN);
    LayerUnpacker.Result unpacked;
    try {
      unpacked =
          StagedUnpack.run(
              new Reporter(tar),
              staged,
              () -> load.lowerDirectories(below),
              LABEL,
              UnpackRules.ALL);
    } catch (IOException e) {
      tar.requireWritten();
      throw e;
    }
    listener.layerFinished(LABEL, false);
    return unpacked;
  }

  /** Tells how much of the tar has been used. */
  private final class Reporter extends FilterInputStream {
    private static final long STEP_BYTES = 1 << 18;

    private long done;
    private long told;

    Reporter(InputStream tar) {
      super(tar);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int read = in.read(into, offset, length);
      done += Math.max(read, 0);
      if (done - told >= STEP_BYTES) {
        told = done;
        listener.layerProgress(LABEL, done, ProgressListener.UNKNOWN);
      }
      return read;
    }
  }
}
