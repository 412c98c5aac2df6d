package plyfs.daemon;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What the kernel says of the mounts that this process sees. */
public final class MountTable {
  private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");
  private static final int MOUNTPOINT = 4;

  private MountTable() {}

  /**
   * Type of the topmost mount at a mount point, such as {@code fuse.plyfs}; null if there is none.
   *
   * @param mountpoint absolute, without symbolic links
   * @implNote a line is {@code ID PARENT MAJ:MIN ROOT MOUNTPOINT OPTIONS [FIELDS...] - TYPE SOURCE
   *     SUPER}: proc(5)
   */
  public static @Nullable String typeAt(byte[] mountpoint) throws IOException {
    String type = null;
    for (String line : Files.readAllLines(MOUNTINFO, ISO_8859_1)) {
      String[] fields = line.split(" ", -1);
      int dash = Arrays.asList(fields).indexOf("-");
      if (dash > MOUNTPOINT
          && dash + 1 < fields.length
          && Arrays.equals(OctalText.decode(fields[MOUNTPOINT]), mountpoint)) {
        type = fields[dash + 1]; // later lines are mounted over earlier ones
      }
    }
    return type;
  }
}
