package plyfs.bench;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** One way to change a file of a lower layer. */
interface Engine {
  /** As it was given, such as {@code plyfs:metacopy=on}. */
  String name();

  /** Why it cannot be used here; null if it can. */
  @Nullable String missing();

  /** Program and version, for the report. */
  String description();

  /** What it promises when a change was answered, and when it was synced. */
  String promise();

  /**
   * Makes everything ready for one sample.
   *
   * @param lower the lower layer
   * @param scratch an empty directory on the same file system
   * @param files what will be changed
   * @throws IOException it refuses; the message says why
   */
  Mounted mount(Path lower, Path scratch, CaseFiles... files) throws IOException;

  /** Ready for changes, until it is closed. */
  interface Mounted extends AutoCloseable {
    /** Where the files are seen. */
    Path root();

    /** Where changed files are on disk. */
    Path upper();

    /** The process that does the work; 0 if it is this one. */
    int daemon();

    /** What is to be done to a file within the timed part before it is changed. */
    default Change.Before before() {
      return Change.Before.NOTHING;
    }

    @Override
    void close() throws IOException;
  }
}
