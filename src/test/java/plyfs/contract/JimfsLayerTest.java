package plyfs.contract;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import plyfs.layer.Layer;
import plyfs.layer.UpperLayer;

/** The layer in memory keeps the contracts. */
final class JimfsLayerTest implements LayerContract, UpperLayerContract, LayerFileContract {
  private final FileSystem memory = JimfsLayer.newFileSystem();
  private final Path directory = memory.getPath("/upper");
  private final JimfsUpperLayer upper = new JimfsUpperLayer(directory, 5);
  private final JimfsLayer lower = new JimfsLayer(directory, 1, 5);

  @AfterEach
  void close() throws IOException {
    memory.close();
  }

  @Override
  public UpperLayer upper() {
    return upper;
  }

  @Override
  public Layer lower() {
    return lower;
  }

  @Override
  public List<String> workdir() {
    try (Stream<Path> names = Files.list(memory.getPath("/.work-of-upper"))) {
      return names
          .map(path -> path.getFileName().toString())
          .filter(name -> !name.equals("#whiteout"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(Capability.LARGE_XATTRS);
  }
}
