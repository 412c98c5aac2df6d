package plyfs.layer;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import plyfs.sys.OctalText;

/**
 * A directory that a mount changes, identified independently of the mount namespace.
 *
 * @param what its role, for a person, such as {@code workdir of the mount on /mnt}
 * @param device {@code MAJOR:MINOR} of the file system
 * @param path within the file system
 */
public record ChangedDirectory(String what, String device, byte[] path) {
  static ChangedDirectory of(LayerPlace place, String what) {
    return new ChangedDirectory(what, place.device(), place.path());
  }

  /** Encodes it as one line for {@link #decode}. */
  public String encoded() {
    return what + ' ' + device + OctalText.encode(path);
  }

  /**
   * Decodes the result of {@link #encoded}.
   *
   * @param mount the mount that changes the directory, for a person
   * @return null for any other text
   */
  public static @Nullable ChangedDirectory decode(String encoded, String mount) {
    int blank = encoded.lastIndexOf(' ');
    int slash = encoded.indexOf('/', blank + 1);
    if (blank < 0 || slash < 0) {
      return null;
    }
    return new ChangedDirectory(
        encoded.substring(0, blank) + " of " + mount,
        encoded.substring(blank + 1, slash),
        OctalText.decode(encoded.substring(slash)));
  }

  /** Whether a place is this directory. */
  boolean is(LayerPlace place) {
    return device.equals(place.device()) && Arrays.equals(path, place.path());
  }

  /** Whether a place is below this directory. */
  boolean contains(LayerPlace place) {
    return device.equals(place.device()) && LayerPlace.contains(path, place.path());
  }

  /** Whether this directory is below a place. */
  boolean isInside(LayerPlace place) {
    return device.equals(place.device()) && LayerPlace.contains(place.path(), path);
  }
}
