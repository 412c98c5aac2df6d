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
 * @param override where owner, mode and type are that objects are shown with
 * @param index whether hard links of lower files stay together over copy-up
 */
public record MountPlan(
    ImmutableList<byte[]> lowers,
    byte @Nullable [] upper,
    byte @Nullable [] work,
    OverlayXattr marks,
    WhiteoutForm whiteouts,
    OverrideAttribute override,
    boolean index) {
  /** A plan without an index, whose objects are shown as their inodes are. */
  public MountPlan(
      ImmutableList<byte[]> lowers,
      byte @Nullable [] upper,
      byte @Nullable [] work,
      OverlayXattr marks,
      WhiteoutForm whiteouts) {
    this(lowers, upper, work, marks, whiteouts, OverrideAttribute.NONE, false);
  }

  /** As the other, with deletions stored as character devices. */
  public MountPlan(
      ImmutableList<byte[]> lowers,
      byte @Nullable [] upper,
      byte @Nullable [] work,
      OverlayXattr marks) {
    this(lowers, upper, work, marks, WhiteoutForm.CHAR);
  }

  /** The same plan for reading alone, of other layers. */
  public MountPlan readOnly(ImmutableList<byte[]> layers) {
    return new MountPlan(layers, null, null, marks, WhiteoutForm.CHAR, override, false);
  }

  /** The same plan with another place of owner, mode and type. */
  public MountPlan withOverride(OverrideAttribute other) {
    return new MountPlan(lowers, upper, work, marks, whiteouts, other, index);
  }
}
