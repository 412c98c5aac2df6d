package plyfs.layer;

import com.google.common.collect.ImmutableList;
import org.jspecify.annotations.Nullable;

/**
 * The layers of a mount, by their paths. Paths are bytes; relative ones are resolved against the
 * working directory.
 *
 * @param lowers lower layers, topmost first, at least one
 * @param upper upper layer, or null for a mount that cannot be changed
 * @param work workdir, given exactly if there is an upper layer
 * @param marks namespace of the overlay's own attributes
 * @param whiteouts how deletions are stored in the upper layer
 */
public record MountPlan(
    ImmutableList<byte[]> lowers,
    byte @Nullable [] upper,
    byte @Nullable [] work,
    OverlayXattr marks,
    WhiteoutForm whiteouts) {
  /** A plan whose deletions are stored as character devices. */
  public MountPlan(
      ImmutableList<byte[]> lowers,
      byte @Nullable [] upper,
      byte @Nullable [] work,
      OverlayXattr marks) {
    this(lowers, upper, work, marks, WhiteoutForm.CHAR);
  }
}
