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
 * Layers to inspect, mounted or not, and the options with which a mount would use them.
 *
 * @param plan the layers; only the index in a workdir is read
 * @param makesRedirects whether a mount can rename directories that have a lower part
 * @param followsRedirects whether a mount follows redirects
 * @param aufs whether {@code .wh.*} names are marks
 * @param sync whether copy-up syncs a file before it becomes visible
 * @param metacopy whether a change of attributes leaves the data below
 * @param origins the history of the lower layers in their image, topmost first; empty if they are
 *     not those of an image
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
   * @param layer its index: 0 for the upper layer, 1 for the topmost lower layer, and so on to the
   *     data-only layers
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

  /** The history of a layer in its image; null if there is none. */
  @Nullable LayerOrigin origin(int layer) {
    return layer >= 1 && layer <= origins.size() ? origins.get(layer - 1) : null;
  }

  /** The layer numbers for a person. */
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
   * Opens the union of the layers for reading.
   *
   * @throws MountRefusedException a layer cannot be opened
   */
  public UnionFs open() throws MountRefusedException, ErrnoException {
    return open(plan);
  }

  /** Opens the union of other layers with the same options. */
  public UnionFs open(MountPlan other) throws MountRefusedException, ErrnoException {
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
