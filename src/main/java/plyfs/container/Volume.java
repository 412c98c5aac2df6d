package plyfs.container;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

/**
 * A directory of the store that containers mount, and that outlives them.
 *
 * @param data the directory
 * @param labels in order
 */
public record Volume(String name, Path data, Instant created, Map<String, String> labels) {
  /** The label of a volume that was given no name, as Docker has it. */
  public static final String ANONYMOUS = "com.docker.volume.anonymous";

  /** Whether it was given no name. */
  public boolean isAnonymous() {
    return labels.containsKey(ANONYMOUS);
  }
}
