package plyfs.explore;

import com.google.common.collect.ImmutableList;
import org.jspecify.annotations.Nullable;
import plyfs.union.api.Forecast;

/**
 * Why a path is what it is, and what changes would do to it.
 *
 * @param layers what was explained
 * @param path from the root of the mount
 * @param followed symbolic links on the way, which the path has no more
 * @param object what is there; null if nothing is
 * @param target of a symbolic link; else null
 * @param source index of the layer that the object, or the topmost part of a directory, comes from
 * @param dataSource index of the layer that the data of a file comes from, if that is another; else
 *     -1
 * @param answers what each layer says, topmost first
 * @param entries of a directory; else none
 * @param failure error number of a lookup that met a mark which cannot be followed; else 0
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
   * Whether the object is an upper one that was found through the index, because another hard link
   * of the lower file was copied up.
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
   * @param link its path from the root, links before it followed
   */
  public record Followed(byte[] link, byte[] target) {}

  /**
   * An object as it is shown.
   *
   * @param mode type and permission bits
   * @param size bytes of a regular file; else 0
   */
  public record Shown(int mode, long size) {}

  /** What a layer says. */
  public enum Verdict {
    /** Nothing is there. */
    ABSENT,
    /** The object comes from here. */
    FOUND,
    /** A further part of the directory. */
    MERGED,
    /** The name is deleted here. */
    WHITEOUT,
    /** A directory that hides what lies below. */
    OPAQUE_STOP,
    /** Something that is no directory ends the merge. */
    HIDDEN_BY_NON_DIRECTORY,
    /** A directory whose lower parts are elsewhere. */
    REDIRECTED,
    /** The attributes of a file come from here, its data from below. */
    ATTRIBUTES_ONLY,
    /** The data of a file comes from here. */
    DATA,
    /** The lookup ended above, and what is here is not seen. */
    HIDDEN,
    /** The lookup ended above, or did not come here; nothing is here. */
    NOT_ASKED
  }

  /**
   * What one layer says.
   *
   * @param layer its index: 0 for the upper one, 1 for the topmost lower one
   * @param why in words; empty where the verdict says it all
   * @param object what the layer has there, if anything
   * @param at where in the layer that is, from its root
   */
  public record Answer(int layer, Verdict verdict, String why, @Nullable Shown object, byte[] at) {}

  /**
   * A name that a part of a directory has.
   *
   * @param layers indices of those that it comes from, topmost first; none if it is hidden
   * @param why a hidden name is hidden; empty for others
   */
  public record Entry(
      byte[] name, @Nullable Shown object, ImmutableList<Integer> layers, String why) {}
}
