package plyfs.contract;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import plyfs.sys.MountSyscalls;

/** The contract on kernel overlayfs: what is asked of Plyfs is what the kernel does. */
final class KernelOverlayTest {
  /** Kernel overlayfs with the options that are defaults of Plyfs. */
  static final class KernelMounter implements UnionMounter {
    @Override
    public String kind() {
      return "kernel overlayfs";
    }

    @Override
    public Set<Promise> promises() {
      return EnumSet.of(Promise.LAYERED, Promise.TRUSTED_MARKS, Promise.DIRECTORIES_MOVE);
    }

    @Override
    public void mount(Directories directories, List<String> options) throws IOException {
      List<String> words = new ArrayList<>();
      words.add(directories.lowerdir());
      boolean userXattr = options.contains("userxattr"); // excludes redirect_dir and metacopy
      boolean redirects = options.stream().noneMatch(o -> o.startsWith("redirect_dir="));
      if (directories.upper() != null) {
        words.add("upperdir=" + directories.upper());
        words.add("workdir=" + directories.work());
        words.add("xino=on,index=off");
        if (!userXattr) {
          words.add("metacopy=off" + (redirects ? ",redirect_dir=on" : ""));
        }
      }
      words.addAll(options);
      UnionMounter.run(
          List.of(
              "mount",
              "-t",
              "overlay",
              "overlay",
              "-o",
              String.join(",", words),
              directories.mountPoint()));
    }

    @Override
    public void unmount(String mountPoint) throws IOException {
      UnionMounter.run(List.of("umount", mountPoint));
    }
  }

  @TestFactory
  Stream<DynamicTest> contract() throws IOException {
    assumeAvailable();
    return FileSystemContract.on(new KernelMounter());
  }

  /** Skips where kernel overlayfs cannot be mounted. */
  static void assumeAvailable() throws IOException {
    assumeTrue(MountSyscalls.effectiveUser() == 0, "needs root: mount(2)");
    assumeTrue(
        Files.readString(Path.of("/proc/filesystems")).contains("overlay"),
        "needs kernel overlayfs");
  }
}
