package plyfs.layer;

import com.google.common.collect.ImmutableList;
import org.jspecify.annotations.Nullable;

/**
 * The layers of a mount, by their paths. Paths are bytes; relative paths are resolved against the
 * working directory.
 *
 * @param lowers lower layers, topmost first, at least one
 * @param dataOnly layers below those, topmost first, which only provide data for metacopy files
 *     that name it by path
 * @param upper upper layer; null for a read-only mount
 * @param work workdir; set if and only if there is an upper layer
 * @param marks namespace of the overlay attributes
 * @param whiteouts form of whiteouts in the upper layer
 * @param override where the layers store the owner, mode and type that programs see
 * @param index whether a copy-up keeps the hard links of a lower file together
 * @param noatime whether reads leave the access times of the upper layer unchanged; those of lower
 *     layers never change
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
  /** A plan without data-only layers, index and override. */
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

  /** As the other, with whiteouts as character devices. */
  public MountPlan(
      ImmutableList<byte[]> lowers,
      byte @Nullable [] upper,
      byte @Nullable [] work,
      OverlayXattr marks) {
    this(lowers, upper, work, marks, WhiteoutForm.CHAR);
  }

  /** A read-only plan with the same settings for other layers. */
  public MountPlan readOnly(ImmutableList<byte[]> layers) {
    return new MountPlan(
        layers, dataOnly, null, null, marks, WhiteoutForm.CHAR, override, false, false);
  }

  /** The same plan with another override attribute. */
  public MountPlan withOverride(OverrideAttribute other) {
    return new MountPlan(lowers, dataOnly, upper, work, marks, whiteouts, other, index, noatime);
  }

  /** This plan with data-only layers. */
  public MountPlan withDataOnly(ImmutableList<byte[]> layers) {
    return new MountPlan(lowers, layers, upper, work, marks, whiteouts, override, index, noatime);
  }
}
