package plyfs.bench;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** One way to change a file of a lower layer. */
interface Engine {
  /** The name as in the argument, such as {@code plyfs:metacopy=on}. */
  String name();

  /** Why it cannot be used here; null if it can. */
  @Nullable String missing();

  /** Program and version, for the report. */
  String description();

  /** Its promise about durability when a change returns, and after fsync(2). */
  String promise();

  /**
   * Prepares one sample.
   *
   * @param lower the lower layer
   * @param scratch an empty directory on the same file system
   * @param files the files that will be changed
   * @throws IOException the engine refuses; the message says why
   */
  Mounted mount(Path lower, Path scratch, CaseFiles... files) throws IOException;

  /** A prepared sample, until it is closed. */
  interface Mounted extends AutoCloseable {
    /** The directory in which programs see the files. */
    Path root();

    /** The directory in which changed files are stored. */
    Path upper();

    /** The process of the daemon; 0 if there is none. */
    int daemon();

    /** Called for each file in the timed part, before its change. */
    default Change.Before before() {
      return Change.Before.NOTHING;
    }

    @Override
    void close() throws IOException;
  }
}
