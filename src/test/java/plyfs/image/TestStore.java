package plyfs.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import plyfs.image.load.ImageLoader;
import plyfs.image.load.LoadedImage;
import plyfs.image.model.ProgressListener;
import plyfs.image.store.LayerStore;
import plyfs.sys.MountSyscalls;

/** A store in a directory of a test. */
public final class TestStore {
  public final Path directory;
  public final LayerStore store;

  public TestStore(Path directory) {
    this.directory = directory;
    this.store = new LayerStore(directory.resolve("store"));
  }

  public static void requireRoot() {
    Assumptions.assumeTrue(
        MountSyscalls.effectiveUser() == 0, "skipped: owners and devices need root");
  }

  public List<LoadedImage> load(Path source) throws IOException {
    return ImageLoader.load(source, store, ProgressListener.SILENT);
  }

  public LoadedImage load(Map<String, byte[]> files) throws IOException {
    return load(TestImage.tar(Files.createTempFile(directory, "image", ".tar"), files)).get(0);
  }

  /** Loads an image of one layer and gives the directory that it was unpacked into. */
  Path unpack(byte[] tar) throws IOException {
    LoadedImage image = load(new TestImage().layer(tar).docker24());
    return store.lowerDirectories(store.find(image.id().hex())).get(0);
  }
}
