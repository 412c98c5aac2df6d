package plyfs.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import plyfs.layer.Layer;
import plyfs.layer.LayerStack;
import plyfs.layer.MountPlan;
import plyfs.layer.OverlayXattr;
import plyfs.layer.UpperLayer;
import plyfs.sys.MountSyscalls;

/** Layers on real directories keep the contracts; on the file system of temporary files. */
class HostLayerTest implements LayerContract, UpperLayerContract, LayerFileContract {
  private Path directory = Path.of("/");
  private LayerStack upperStack = LayerStack.of(List.of(), null, OverlayXattr.TRUSTED);
  private LayerStack lowerStack = upperStack;

  /** Where the layers are made. */
  Path parent() {
    return Path.of(System.getProperty("java.io.tmpdir"));
  }

  @BeforeEach
  final void open() throws Exception {
    assumeTrue(MountSyscalls.effectiveUser() == 0, "needs root: mount clones, trusted.* xattrs");
    directory = Files.createTempDirectory(parent(), "plyfs-layer");
    byte[] upper = make("upper");
    upperStack =
        LayerStack.open(
            new MountPlan(
                ImmutableList.of(make("lower")), upper, make("work"), OverlayXattr.TRUSTED),
            64);
    lowerStack =
        LayerStack.open(
            new MountPlan(ImmutableList.of(upper), null, null, OverlayXattr.TRUSTED), 64);
  }

  private byte[] make(String name) throws IOException {
    return Files.createDirectory(directory.resolve(name)).toString().getBytes(UTF_8);
  }

  @AfterEach
  final void close() throws Exception {
    upperStack.close();
    lowerStack.close();
    if (directory.getNameCount() > 0) {
      // Names that are not UTF-8 do not survive Java's own walk.
      new ProcessBuilder("rm", "-rf", "--", directory.toString()).inheritIO().start().waitFor();
    }
  }

  @Override
  public final UpperLayer upper() {
    UpperLayer upper = upperStack.upper();
    if (upper == null) {
      throw new IllegalStateException("not open");
    }
    return upper;
  }

  @Override
  public final Layer lower() {
    return lowerStack.lowers().get(0);
  }

  @Override
  public final List<String> workdir() {
    try (Stream<Path> names = Files.list(directory.resolve("work/work"))) {
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
    return EnumSet.of(Capability.HOLES, Capability.COPY_RANGE, Capability.LARGE_FILES);
  }
}
