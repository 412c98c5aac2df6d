package plyfs.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Capabilities;
import plyfs.sys.ErrnoException;
import plyfs.sys.MountSyscalls;

/** Overlayfs of the kernel. */
final class KernelEngine implements Engine {
  static final String NAME = "kernel";

  private static final byte[] TYPE = "overlay".getBytes(US_ASCII);

  private final String name;
  private final List<String> options;

  KernelEngine(String name, List<String> options) {
    this.name = name;
    this.options = options;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public @Nullable String missing() {
    return Capabilities.mayMount() ? null : "only root can mount kernel overlayfs";
  }

  @Override
  public String description() {
    return "overlayfs of Linux " + Machine.kernelVersion();
  }

  @Override
  public String promise() {
    return Engines.promiseOfOverlay(options);
  }

  @Override
  public Mounted mount(Path lower, Path scratch, CaseFiles... files) throws IOException {
    return UnionMount.make(lower, scratch, options, KernelEngine::mount);
  }

  private static UnionMount.Daemon mount(Path merged, String options) throws IOException {
    int result =
        MountSyscalls.mount(TYPE, CaseFiles.bytes(merged), TYPE, 0, options.getBytes(UTF_8));
    if (result < 0) {
      throw new IOException(
          "kernel overlayfs refuses the mount with "
              + options
              + ": "
              + ErrnoException.of(-result).getMessage());
    }
    return UnionMount.Daemon.NONE;
  }
}
