package plyfs.container;

import com.google.common.base.Ascii;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a container does now.
 *
 * @param started when it was started last; null for never
 * @param finished when it ended after that; null where that is not known
 * @param exitCode of its program, or 0 after an orderly unmount
 * @param pid process that serves its mount, or did
 */
public record ContainerState(
    Status status, @Nullable Instant started, @Nullable Instant finished, int exitCode, int pid) {
  static final ContainerState CREATED = new ContainerState(Status.CREATED, null, null, 0, 0);

  /** One word, as Docker's filter {@code status=} takes it. */
  public enum Status {
    /** Never started. */
    CREATED,
    /** Mounted. */
    RUNNING,
    /** Unmounted, or its program has ended. */
    EXITED,
    /** The process that served it was killed. */
    DEAD;

    /** In lower case. */
    @Override
    public String toString() {
      return Ascii.toLowerCase(name());
    }
  }

  /** Whether it is mounted. */
  public boolean isRunning() {
    return status == Status.RUNNING;
  }
}
