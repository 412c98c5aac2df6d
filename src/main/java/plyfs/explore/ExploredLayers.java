package plyfs.explore;

import com.google.common.collect.ImmutableList;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerStack;
import plyfs.layer.MountPlan;
import plyfs.layer.MountRefusedException;
import plyfs.sys.ErrnoException;
import plyfs.union.UnionFs;
import plyfs.union.api.UnionOptions;

/**
 * Layers that somebody wants to know about, mounted or not, and how a mount of them behaves.
 *
 * @param plan the layers; a workdir is looked at only for its index
 * @param makesRedirects whether directories with a lower part can be renamed
 * @param followsRedirects whether redirect marks are followed
 * @param aufs whether {@code .wh.*} names are marks
 * @param sync whether copied-up files are on disk before they appear
 * @param metacopy whether changes of attributes leave data below
 * @param origins what an image says of the lower layers, topmost first; empty if they are of none
 */
public record ExploredLayers(
    MountPlan plan,
    boolean makesRedirects,
    boolean followsRedirects,
    boolean aufs,
    boolean sync,
    boolean metacopy,
    ImmutableList<LayerOrigin> origins) {
  private static final int DESCRIPTORS = 512;

  /** Whether there is an upper layer. */
  boolean hasUpper() {
    return plan.upper() != null;
  }

  /** How many lower layers there are. */
  int lowers() {
    return plan.lowers().size();
  }

  /**
   * Path of a layer.
   *
   * @param layer its index: 0 for the upper one, 1 for the topmost lower one, and so on to the
   *     data-only ones
   */
  byte[] path(int layer) {
    byte[] upper = plan.upper();
    if (layer == 0) {
      return upper == null ? new byte[0] : upper;
    }
    return layer <= lowers()
        ? plan.lowers().get(layer - 1)
        : plan.dataOnly().get(layer - 1 - lowers());
  }

  /** What an image says of a layer; null where there is none. */
  @Nullable LayerOrigin origin(int layer) {
    return layer >= 1 && layer <= origins.size() ? origins.get(layer - 1) : null;
  }

  /** How people count these layers. */
  public LayerNumbers numbers() {
    return new LayerNumbers(lowers() + plan.dataOnly().size());
  }

  UnionOptions options() {
    return UnionOptions.DEFAULT
        .withRedirects(makesRedirects, followsRedirects)
        .withAufsMarks(aufs)
        .withSync(sync)
        .withMetacopy(metacopy);
  }

  /**
   * The union of the layers, for looking.
   *
   * @throws MountRefusedException a layer cannot be opened
   */
  UnionFs open() throws MountRefusedException, ErrnoException {
    return open(plan);
  }

  /** The union of other layers that behaves in the same way. */
  UnionFs open(MountPlan other) throws MountRefusedException, ErrnoException {
    LayerStack stack = LayerStack.observe(other, DESCRIPTORS);
    UnionFs union = null;
    try {
      union = new UnionFs(stack, options());
      return union;
    } finally {
      if (union == null) {
        stack.close();
      }
    }
  }
}
