package plyfs.explore;

import com.google.common.collect.ImmutableList;
import org.jspecify.annotations.Nullable;
import plyfs.union.api.Forecast;

/**
 * The explanation of a path, and of what changes would do to it.
 *
 * @param layers the explained layers
 * @param path from the root of the mount
 * @param followed symbolic links in the path, which the path no longer contains
 * @param object the object at the path; null if there is none
 * @param target of a symbolic link; otherwise null
 * @param source index of the layer that provides the object, or the topmost part of a directory
 * @param dataSource index of the layer that provides the data of a file, if that is another layer;
 *     otherwise -1
 * @param answers the result in each layer, topmost first
 * @param entries of a directory; otherwise none
 * @param failure error number of a lookup that met an invalid mark; otherwise 0
 * @param write what a write would do
 * @param chmod what a change of mode, owner or times would do
 * @param delete what a removal would do
 * @param rename what a rename inside the directory would do
 */
public record Explanation(
    ExploredLayers layers,
    byte[] path,
    ImmutableList<Followed> followed,
    @Nullable Shown object,
    byte @Nullable [] target,
    int source,
    int dataSource,
    ImmutableList<Answer> answers,
    ImmutableList<Entry> entries,
    int failure,
    @Nullable Forecast write,
    @Nullable Forecast chmod,
    @Nullable Forecast delete,
    @Nullable Forecast rename) {
  /**
   * Whether the object is an upper one found through the index, because another hard link of the
   * lower file was copied up.
   */
  boolean isByIndex() {
    return object != null
        && source == 0
        && !answers.isEmpty()
        && answers.get(0).layer() == 0
        && answers.get(0).verdict() == Verdict.ABSENT;
  }

  /**
   * A symbolic link that was followed.
   *
   * @param link its path from the root, after resolving the links before it
   */
  public record Followed(byte[] link, byte[] target) {}

  /**
   * An object as programs see it.
   *
   * @param mode type and permission bits
   * @param size bytes of a regular file; otherwise 0
   */
  public record Shown(int mode, long size) {}

  /** The result of a lookup in one layer. */
  public enum Verdict {
    /** The layer does not have the name. */
    ABSENT,
    /** The layer provides the object. */
    FOUND,
    /** The layer provides a further part of a merged directory. */
    MERGED,
    /** The layer has a whiteout. */
    WHITEOUT,
    /** The layer has an opaque directory. */
    OPAQUE_STOP,
    /** The layer has an object that is not a directory, which ends the merge. */
    HIDDEN_BY_NON_DIRECTORY,
    /** The layer has a directory with a redirect. */
    REDIRECTED,
    /** The layer provides the attributes of a metacopy file, a layer below its data. */
    ATTRIBUTES_ONLY,
    /** The layer provides the data of a metacopy file. */
    DATA,
    /** The layer has the name, but the lookup ended above it. */
    HIDDEN,
    /** The lookup did not reach this layer, and the layer does not have the name. */
    NOT_ASKED
  }

  /**
   * The result in one layer.
   *
   * @param layer its index: 0 for the upper layer, 1 for the topmost lower layer
   * @param why a sentence; empty if the verdict is enough
   * @param object the object in the layer; null if there is none
   * @param at path of the object from the root of the layer
   */
  public record Answer(int layer, Verdict verdict, String why, @Nullable Shown object, byte[] at) {}

  /**
   * A name in a part of a directory.
   *
   * @param layers indices of the layers that provide it, topmost first; empty if it is hidden
   * @param why the reason for which a name is hidden; otherwise empty
   */
  public record Entry(
      byte[] name, @Nullable Shown object, ImmutableList<Integer> layers, String why) {}
}
