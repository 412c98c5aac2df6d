package plyfs.contract;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import plyfs.differential.PlyfsProcess;

/**
 * Plyfs as one process that serves mount after mount, so that none waits for a JVM to start: a
 * variant of the contract costs seconds. The launcher and the command line are not in it; {@link
 * PlyfsMountTest} has those.
 */
final class WarmPlyfs implements UnionMounter, AutoCloseable {
  private final PlyfsProcess process;
  private final List<String> always;

  /**
   * Starts the process.
   *
   * @param always options that every mount has, unless it says otherwise itself
   */
  WarmPlyfs(String... always) throws IOException {
    this(new PlyfsProcess(), always);
  }

  /** As above, with a process that has been started for this. */
  WarmPlyfs(PlyfsProcess ownedProcess, String... always) {
    this.process = ownedProcess;
    this.always = List.of(always);
  }

  /** The contract as tests on such a process, which ends with them. */
  static Stream<DynamicTest> contract(String... always) throws IOException {
    WarmPlyfs plyfs = new WarmPlyfs(always);
    return FileSystemContract.on(plyfs).onClose(plyfs::closeUnchecked);
  }

  /** Process id. */
  long pid() {
    return process.pid();
  }

  /** How many descriptors the process has. */
  int descriptors() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
      return (int) all.count();
    }
  }

  /** How many io_urings the process has. */
  long rings() throws IOException {
    Path descriptors = Path.of("/proc", Long.toString(process.pid()), "fd");
    try (Stream<Path> all = Files.list(descriptors)) {
      return all.filter(WarmPlyfs::isRing).count();
    }
  }

  private static boolean isRing(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().equals("anon_inode:[io_uring]");
    } catch (IOException e) {
      return false; // closed meanwhile
    }
  }

  /** How many nodes the daemon of a union knows, the root included. */
  int nodes(MountedUnion union) throws IOException {
    return process.nodes(union.at().root());
  }

  @Override
  public String kind() {
    return "plyfs" + (always.isEmpty() ? "" : " with " + String.join(",", always));
  }

  @Override
  public Set<Promise> promises() {
    return Promise.ofPlyfs(always);
  }

  @Override
  public void mount(Directories directories, List<String> options) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(directories.lowerdir());
    if (directories.upper() != null) {
      words.add("upperdir=" + directories.upper());
      words.add("workdir=" + directories.work());
    }
    words.addAll(options);
    always.stream().filter(option -> !names(options, option)).forEach(words::add);
    process.mount(String.join(",", words), directories.mountPoint());
  }

  private static boolean names(List<String> options, String option) {
    String name = option.replaceFirst("=.*", "=");
    return options.stream()
        .flatMap(words -> Stream.of(words.split(",", -1)))
        .anyMatch(word -> word.equals(option) || word.startsWith(name));
  }

  @Override
  public void unmount(String mountPoint) throws IOException {
    process.unmount(mountPoint);
  }

  @Override
  public void close() throws IOException {
    process.close();
  }

  /** As {@link #close}, for the end of a stream of tests. */
  void closeUnchecked() {
    try {
      close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
