package plyfs.image.model;

/**
 * Hears how far a load has come. It hears of one layer after the other, lowest first, and of a
 * layer that is read ahead when those below it are finished; calls come from several threads, but
 * never two at once. A layer is called by its digest: {@code layer sha256:<hex>}.
 */
public interface ProgressListener {
  /** The size of a layer that is being made. */
  long UNKNOWN = -1;

  /** Hears nothing. */
  ProgressListener SILENT = new ProgressListener() {};

  /**
   * A layer is going to be read.
   *
   * @param totalBytes its size as stored, compressed or not; or {@link #UNKNOWN}
   */
  default void layerStarted(String layer, long totalBytes) {}

  /**
   * A layer has been read up to here; about every 256 KiB of its files.
   *
   * @param doneBytes of {@code totalBytes}
   */
  default void layerProgress(String layer, long doneBytes, long totalBytes) {}

  /**
   * A layer is unpacked and verified.
   *
   * @param alreadyPresent it was there before and has not been read; {@link #layerStarted} was not
   *     called
   */
  default void layerFinished(String layer, boolean alreadyPresent) {}

  /** One sentence about something that could not be kept, to be shown to the person. */
  default void notice(String sentence) {}
}
