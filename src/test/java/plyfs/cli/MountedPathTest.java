package plyfs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MountedPathTest {
  /**
   * A path below a relative mount point, as it was typed, was looked for below the mount's root.
   */
  @ParameterizedTest
  @CsvSource({
    "m, m/etc/motd, /etc/motd",
    "m/, ./m//etc/motd, /etc/motd",
    "./m, m/etc/, /etc/",
    "m, m, /",
    "a/m, a/m/x, /x",
    "/mnt/p, /mnt/p/x/y, /x/y",
    "/mnt/p/, /mnt/p, /",
    "m, /m/etc, ",
    "m, mm/etc, ",
    "/mnt/p, mnt/p/x, ",
    "/mnt/p, /mnt, ",
    "/, /etc, ",
    "., etc, "
  })
  void pathBelowTheMountPoint_isFound(String mountpoint, String path, String below) {
    byte[] found = MountedPath.below(mountpoint.getBytes(UTF_8), path.getBytes(UTF_8));
    assertThat(found == null ? null : new String(found, UTF_8)).isEqualTo(below);
  }
}
