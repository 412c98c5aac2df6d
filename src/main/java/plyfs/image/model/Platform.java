package plyfs.image.model;

import java.util.Locale;
import java.util.Map;

/**
 * Operating system and processor that an image is for, in the words of Go.
 *
 * @implNote OCI image specification, image-index.md
 */
public record Platform(String os, String architecture) {
  private static final Map<String, String> GO_NAMES =
      Map.of("x86_64", "amd64", "aarch64", "arm64", "i386", "386", "x86", "386");

  /** The machine that this runs on. */
  public static Platform current() {
    String architecture = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    return new Platform("linux", GO_NAMES.getOrDefault(architecture, architecture));
  }

  /** Whether this stands for no platform, as attestations beside an image do. */
  boolean isUnknown() {
    return os.equals("unknown") || architecture.equals("unknown");
  }

  @Override
  public String toString() {
    return os + "/" + architecture;
  }
}
