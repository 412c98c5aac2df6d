package plyfs.daemon;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.google.common.collect.ImmutableList;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import plyfs.union.UnionFs;

/** Statistics of a mount for a person. They come from counters that exist for other purposes. */
final class MountStatistics {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final File DESCRIPTORS = new File("/proc/self/fd");

  private MountStatistics() {}

  static List<String> lines(UnionFs union, String requests) {
    Runtime java = Runtime.getRuntime();
    return ImmutableList.of(
        "requests: " + requests,
        "nodes: " + union.nodeCount() + ", handles: " + union.handleCount(),
        "copied up: " + union.copyUpCount() + " objects, " + union.copiedBytes() + " bytes",
        "descriptors: " + descriptors() + ", " + ofStatus("Threads"),
        "memory: "
            + ofStatus("VmRSS")
            + ", heap: "
            + (java.totalMemory() - java.freeMemory() >> 10)
            + " of "
            + (java.totalMemory() >> 10)
            + " kB");
  }

  private static String descriptors() {
    String[] all = DESCRIPTORS.list();
    return all == null ? "unknown" : Integer.toString(all.length);
  }

  /** A line {@code KEY: VALUE} of /proc/self/status. */
  private static String ofStatus(String key) {
    try {
      for (String line : Files.readAllLines(STATUS, ISO_8859_1)) {
        if (line.startsWith(key + ":")) {
          return line.replaceAll("\\s+", " ");
        }
      }
      return key + ": unknown";
    } catch (IOException e) {
      return key + ": unknown (" + e + ")";
    }
  }
}
