package plyfs.sys;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Counts descriptors, to show that none leaks. */
public final class OpenDescriptors {
  private OpenDescriptors() {}

  /** Descriptors of files and directories that this process has open for itself, not the JVM's. */
  public static int count() {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return (int) open.filter(OpenDescriptors::mayBeOfALayer).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The JVM opens jars, libraries, sockets and pipes when it likes. */
  private static boolean mayBeOfALayer(Path descriptor) {
    String target;
    try {
      target = Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return false; // closed since it was listed, as the one of the listing itself
    }
    return !target.contains(":[")
        && !target.startsWith("/dev/")
        && !target.startsWith("/proc/")
        && !target.startsWith("/sys/") // limits of its control group, now and then
        && Stream.of(".jar", ".so", "/modules", ".class").noneMatch(target::endsWith);
  }
}
