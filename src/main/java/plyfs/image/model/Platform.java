package plyfs.image.model;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Operating system and processor that an image is for, in the words of Go.
 *
 * @param variant of the processor, such as {@code v7}; empty where it is not given
 * @implNote OCI image specification, image-index.md
 */
public record Platform(String os, String architecture, String variant) {
  private static final Map<String, String> GO_NAMES =
      Map.of("x86_64", "amd64", "aarch64", "arm64", "i386", "386", "x86", "386");

  /** What a processor of a kind can do at least, which need not be said. */
  private static final Map<String, String> LEAST_VARIANTS = Map.of("amd64", "v1", "arm64", "v8");

  /**
   * The platform in a text such as {@code linux/arm64/v8} or {@code linux/amd64}; null if it is
   * none. An operating system alone is that on this machine's processor.
   */
  public static @Nullable Platform parse(String text) {
    String[] parts = text.toLowerCase(Locale.ROOT).split("/", -1);
    for (String part : parts) {
      if (!part.matches("[a-z0-9_.-]+")) {
        return null;
      }
    }
    return switch (parts.length) {
      case 1 -> new Platform(parts[0], current().architecture, "");
      case 2 -> new Platform(parts[0], GO_NAMES.getOrDefault(parts[1], parts[1]), "");
      case 3 -> new Platform(parts[0], GO_NAMES.getOrDefault(parts[1], parts[1]), parts[2]);
      default -> null;
    };
  }

  /** The machine that this runs on. */
  public static Platform current() {
    String architecture = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    return new Platform("linux", GO_NAMES.getOrDefault(architecture, architecture), "");
  }

  /** Whether this stands for no platform, as attestations beside an image do. */
  boolean isUnknown() {
    return os.equals("unknown") || architecture.equals("unknown");
  }

  /**
   * Whether every machine of another platform runs what is for this one: a program for amd64/v3
   * ends with SIGILL on some amd64.
   */
  public boolean runsOn(Platform machine) {
    return os.equals(machine.os)
        && architecture.equals(machine.architecture)
        && (variant.isEmpty()
            || variant.equals(machine.variant)
            || variant.equals(LEAST_VARIANTS.get(architecture)));
  }

  @Override
  public String toString() {
    return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
  }
}
