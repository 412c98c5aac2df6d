package plyfs.image.load;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import plyfs.image.disk.FileCopy;
import plyfs.image.disk.StoreFiles;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Digest;
import plyfs.image.model.Limit;
import plyfs.image.model.ProgressListener;
import plyfs.image.model.Reference;
import plyfs.image.source.ImageSource;
import plyfs.image.source.LayerPipe;
import plyfs.image.source.SourceImage;
import plyfs.image.source.SourceLayer;
import plyfs.image.source.VerifyingInputStream;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StagedLayer;
import plyfs.image.store.StoreLoad;
import plyfs.image.tar.LayerTarReader;
import plyfs.image.tree.LayerRecording;
import plyfs.image.tree.LayerUnpacker;
import plyfs.image.tree.LowerTree;
import plyfs.image.tree.UnpackedTree;
import plyfs.layer.OverlayXattr;
import plyfs.sys.Errno;
import plyfs.sys.Fd;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;

/** Brings saved images into a store: verified, unpacked, layers shared. */
public final class ImageLoader {

  private final StoreLoad load;
  private final ProgressListener listener;

  private ImageLoader(StoreLoad load, ProgressListener listener) {
    this.load = load;
    this.listener = listener;
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
    return load(
        load -> ImageSource.open(source, load.spool(), listener), store, listener, Set.of());
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
    return load(
        load -> ImageSource.open(owned, label, load.spool(), listener), store, listener, Set.of());
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
      LoadedImage added = new ImageLoader(load, listener).load(maker.make(load.spool()));
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
    try (StoreLoad load = StoreLoad.begin(store, listener, damaged);
        ImageSource images = source.open(load)) {
      ImageLoader loader = new ImageLoader(load, listener);
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

  private LoadedImage load(SourceImage image) throws IOException {
    Limit.LAYERS.check("image " + image.config().id(), image.layers().size());
    List<Digest> chainIds = image.config().chainIds();
    List<LoadedLayer> loaded = new ArrayList<>();
    for (int i = 0; i < chainIds.size(); i++) {
      Digest chainId = chainIds.get(i);
      SourceLayer layer = image.layers().get(i);
      boolean present = load.hasLayer(chainId);
      Digest blob = image.blobToKeep(layer);
      if (blob != null && load.hasBlob(blob)) {
        blob = null;
      }
      if (!present || blob != null) {
        listener.layerStarted(layer.label(), layer.size());
      }
      if (!present) {
        unpack(layer, blob, chainId, chainIds.subList(0, i));
      } else if (blob != null) {
        keep(layer, blob);
      }
      listener.layerFinished(layer.label(), present);
      loaded.add(new LoadedLayer(chainId, layer.diffId(), present, load.size(chainId)));
    }
    load.add(image);
    return new LoadedImage(
        image.config().id(),
        image.tags().stream().map(Reference::toString).toList(),
        List.copyOf(loaded));
  }

  /** Keeps a layer as it is stored that came unpacked by other means before. */
  private void keep(SourceLayer layer, Digest blob) throws IOException {
    try (FileCopy copy = new FileCopy(load.stageBlob())) {
      try (LayerPipe pipe = new LayerPipe(layer, copy);
          VerifyingInputStream tar = layer.verifyingTar(new Reporter(pipe, layer, listener))) {
        tar.verifyRest();
      }
      copy.complete();
    }
    load.addBlob(blob);
  }

  /**
   * Unpacks a layer.
   *
   * @param blob its digest if it is to be kept as it is stored
   */
  private void unpack(SourceLayer layer, @Nullable Digest blob, Digest chainId, List<Digest> below)
      throws IOException {
    StagedLayer staged = load.stage(chainId);
    LayerUnpacker.Result result;
    try (OutputStream copy =
        blob == null ? OutputStream.nullOutputStream() : new FileCopy(load.stageBlob())) {
      result = unpack(layer, copy, staged, below);
      if (copy instanceof FileCopy kept) {
        kept.complete();
      }
    } catch (BadImageException e) {
      // A damaged layer can look like anything: if its digest is wrong, that is what to say.
      layer.verify();
      throw e;
    }
    if (blob != null) {
      load.addBlob(blob);
    }
    result.notices().forEach(listener::notice);
    load.add(staged, layer.diffId(), result, below);
  }

  private LayerUnpacker.Result unpack(
      SourceLayer layer, OutputStream copy, StagedLayer staged, List<Digest> below)
      throws IOException {
    try (Fd diff = StoreFiles.openDirectory(staged.diff());
        Fd linkStore = StoreFiles.openDirectory(staged.linkStore());
        UnpackedTree tree = new UnpackedTree(diff, marksOf(linkStore));
        LowerTree lower = new LowerTree(load.lowerDirectories(below));
        LayerPipe pipe = new LayerPipe(layer, copy);
        VerifyingInputStream tar = layer.verifyingTar(new Reporter(pipe, layer, listener));
        LayerRecording recording =
            new LayerRecording(tar, diff, staged.tarSplit(), staged.replaced())) {
      LayerUnpacker.Result result =
          new LayerUnpacker(tree, lower, linkStore, layer.label(), recording)
              .unpack(new LayerTarReader(recording.tar()));
      recording.complete();
      return result;
    }
  }

  /** Root's namespace of marks where it can be written, else that of users. */
  private static OverlayXattr marksOf(Fd directory) throws IOException {
    byte[] name = OverlayXattr.TRUSTED.opaque();
    int result = XattrSyscalls.set(directory, Syscalls.SELF, name, new byte[] {'y'}, 0);
    if (result >= 0) {
      return OverlayXattr.TRUSTED;
    }
    if (result == -Errno.EPERM || result == -Errno.EOPNOTSUPP) {
      return OverlayXattr.USER;
    }
    throw new IOException(
        "cannot set extended attributes in the store: " + Errno.describe(-result));
  }

  /** Tells the listener how much of the stored layer has been used. */
  private static final class Reporter extends FilterInputStream {
    private final LayerPipe pipe;
    private final SourceLayer layer;
    private final ProgressListener listener;
    private long reported;

    Reporter(LayerPipe pipe, SourceLayer layer, ProgressListener listener) {
      super(pipe);
      this.pipe = pipe;
      this.layer = layer;
      this.listener = listener;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int read = in.read(into, offset, length);
      if (pipe.storedBytes() != reported) {
        reported = pipe.storedBytes();
        listener.layerProgress(layer.label(), reported, layer.size());
      }
      return read;
    }
  }
}
