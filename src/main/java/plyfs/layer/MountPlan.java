package plyfs.layer;

import com.google.common.collect.ImmutableList;
import org.jspecify.annotations.Nullable;

/**
 * The layers of a mount, by their paths. Paths are bytes; relative ones are resolved against the
 * working directory.
 *
 * @param lowers lower layers, topmost first, at least one
 * @param dataOnly layers below those, topmost first, of which nothing is seen but the data of files
 *     that a metacopy file names by its path
 * @param upper upper layer, or null for a mount that cannot be changed
 * @param work workdir, given exactly if there is an upper layer
 * @param marks namespace of the overlay's own attributes
 * @param whiteouts how deletions are stored in the upper layer
 * @param override where owner, mode and type are that objects are shown with
 * @param index whether hard links of lower files stay together over copy-up
 * @param noatime whether reading leaves the access times of the upper layer as they are; those of
 *     lower layers never change
 */
public record MountPlan(
    ImmutableList<byte[]> lowers,
    ImmutableList<byte[]> dataOnly,
    byte @Nullable [] upper,
    byte @Nullable [] work,
    OverlayXattr marks,
    WhiteoutForm whiteouts,
    OverrideAttribute override,
    boolean index,
    boolean noatime) {
  /** A plan without data-only layers and index, whose objects are shown as their inodes are. */
  public MountPlan(
      ImmutableList<byte[]> lowers,
      byte @Nullable [] upper,
      byte @Nullable [] work,
      OverlayXattr marks,
      WhiteoutForm whiteouts) {
    this(
        lowers,
        ImmutableList.of(),
        upper,
        work,
        marks,
        whiteouts,
        OverrideAttribute.NONE,
        false,
        false);
  }

  /** As the other, with deletions stored as character devices. */
  public MountPlan(
      ImmutableList<byte[]> lowers,
      byte @Nullable [] upper,
      byte @Nullable [] work,
      OverlayXattr marks) {
    this(lowers, upper, work, marks, WhiteoutForm.CHAR);
  }

  /** The same plan for reading alone, of other layers that names are looked up in. */
  public MountPlan readOnly(ImmutableList<byte[]> layers) {
    return new MountPlan(
        layers, dataOnly, null, null, marks, WhiteoutForm.CHAR, override, false, false);
  }

  /** The same plan with another place of owner, mode and type. */
  public MountPlan withOverride(OverrideAttribute other) {
    return new MountPlan(lowers, dataOnly, upper, work, marks, whiteouts, other, index, noatime);
  }

  /** This plan with data-only layers. */
  public MountPlan withDataOnly(ImmutableList<byte[]> layers) {
    return new MountPlan(lowers, layers, upper, work, marks, whiteouts, override, index, noatime);
  }
}
