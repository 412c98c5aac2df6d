package plyfs.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The machine of the measurements.
 *
 * @param cpu model as the kernel names it
 * @param memory bytes
 */
record Machine(String cpu, int cpus, long memory, String kernel, String java, String program) {
  static Machine here() {
    return new Machine(
        field("/proc/cpuinfo", "model name", "unknown CPU of " + System.getProperty("os.arch")),
        Runtime.getRuntime().availableProcessors(),
        kilobytes("MemTotal"),
        kernelVersion(),
        System.getProperty("java.vendor") + " " + System.getProperty("java.version"),
        "Plyfs " + version());
  }

  /**
   * The description; memory to a tenth of a GiB, because its size varies by a few KiB from boot to
   * boot.
   */
  String inWords() {
    return String.format(
        Locale.ROOT,
        "%s, %d CPUs, %.1f GiB of memory, Linux %s, Java: %s; %s",
        cpu,
        cpus,
        memory / (double) (1L << 30),
        kernel,
        java,
        program);
  }

  /** Version of the running kernel, without the suffix of the distribution. */
  static String kernelVersion() {
    String release = String.valueOf(System.getProperty("os.version"));
    int dash = release.indexOf('-');
    return dash < 0 ? release : release.substring(0, dash);
  }

  static String version() {
    String version = Machine.class.getPackage().getImplementationVersion();
    return version == null ? "(not packaged)" : version;
  }

  /** Bytes of memory available for new files. */
  static long memoryAvailable() {
    return kilobytes("MemAvailable");
  }

  private static long kilobytes(String key) {
    String value = field("/proc/meminfo", key, "0 kB");
    return Long.parseLong(value.split(" ", -1)[0]) << 10;
  }

  private static String field(String file, String key, String otherwise) {
    @Nullable String found = null;
    try {
      found =
          Files.readString(Path.of(file))
              .lines()
              .filter(line -> line.startsWith(key))
              .map(line -> line.substring(line.indexOf(':') + 1).strip())
              .findFirst()
              .orElse(null);
    } catch (IOException e) {
      return otherwise; // the file does not exist on every machine
    }
    return found == null ? otherwise : found;
  }
}
