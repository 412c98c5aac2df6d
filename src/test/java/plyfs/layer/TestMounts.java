package plyfs.layer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;
import plyfs.sys.OpenDescriptors;

/** A temporary directory in which file systems can be mounted; all goes at the end. */
final class TestMounts implements AutoCloseable {
  private final Path directory;
  private final Deque<Path> mounted = new ArrayDeque<>();

  TestMounts() throws IOException {
    assumeTrue(MountSyscalls.effectiveUser() == 0, "needs root: mount(2)");
    directory = Files.createTempDirectory("plyfs-mounts");
  }

  /** A directory below the temporary one, made where it is missing. */
  Path directory(String name) throws IOException {
    return Files.createDirectories(directory.resolve(name));
  }

  /** Mounts a file system that needs no device. */
  Path mount(String type, String name) throws IOException, ErrnoException {
    Path at = directory(name);
    ErrnoException.check(
        MountSyscalls.mount(
            bytes("none"), bytes(at.toString()), bytes(type), 0, bytes("mode=755")));
    mounted.push(at);
    return at;
  }

  /** Mounts by mount(8), with these words before the place; skips the test where it cannot. */
  Path mountBy(String name, String... words) throws IOException {
    Path at = directory(name);
    List<String> command = new ArrayList<>(List.of("mount"));
    command.addAll(List.of(words));
    command.add(at.toString());
    assumeTrue(run(command) == 0, "needs a machine that can do: " + String.join(" ", command));
    mounted.push(at);
    return at;
  }

  /** Takes a mount away again. */
  void unmount(Path at) throws ErrnoException {
    ErrnoException.check(MountSyscalls.umount(bytes(at), 0));
    mounted.remove(at);
  }

  /** Runs a program; its exit code. */
  static int run(List<String> command) throws IOException {
    return new ProcessBuilder(command).inheritIO().start().onExit().join().exitValue();
  }

  static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  static byte[] bytes(Path path) {
    return bytes(path.toString());
  }

  static MountPlan plan(Path upper, Path work, Path... lowers) {
    ImmutableList.Builder<byte[]> paths = ImmutableList.builder();
    for (Path lower : lowers) {
      paths.add(bytes(lower));
    }
    return new MountPlan(paths.build(), bytes(upper), bytes(work), OverlayXattr.TRUSTED);
  }

  static MountPlan readOnlyPlan(Path... lowers) {
    MountPlan plan = plan(Path.of("/"), Path.of("/"), lowers);
    return new MountPlan(plan.lowers(), null, null, plan.marks());
  }

  /** Descriptors of this process. */
  static int openDescriptors() {
    return OpenDescriptors.count();
  }

  @Override
  public void close() throws IOException {
    for (Path each : mounted) {
      MountSyscalls.umount(bytes(each), Linux.MNT_DETACH);
    }
    // Java's own walk cannot reach the bottom of a deep tree.
    new ProcessBuilder("rm", "-rf", "--", directory.toString()).inheritIO().start().onExit().join();
  }
}
