package plyfs.union.api;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import plyfs.trace.EventKind;

/**
 * What a change would do next, in the order in which it would happen.
 *
 * @param errno of the refusal, or 0; a change that is refused does nothing
 * @param steps what {@code plyfs trace} would tell of it; none for a change in place
 */
public record Forecast(int errno, ImmutableList<Step> steps) {
  /**
   * One step.
   *
   * @param kind what it is
   * @param path of the name it is about, from the root of the mount
   * @param copy of a copy-up or of a copy of data alone: what is copied; else null
   */
  public record Step(EventKind kind, byte[] path, @Nullable Copy copy) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Step that
          && kind == that.kind
          && Arrays.equals(path, that.path)
          && Objects.equals(copy, that.copy);
    }

    @Override
    public int hashCode() {
      return Objects.hash(kind, Arrays.hashCode(path), copy);
    }
  }

  /**
   * What is copied.
   *
   * @param type {@code S_IF*}
   * @param size bytes that the file shows
   * @param dataBytes bytes that are copied, holes left out; shared instead where the file system
   *     can
   * @param extents how many pieces that are
   * @param xattrs how many extended attributes go along; those of the overlay are not counted
   * @param dataStaysBelow whether only the attributes are copied ({@code metacopy})
   * @param separatedLinks how many hard links the lower file has, if the copy is separated from the
   *     others; else 0
   * @param intoIndex whether the copy goes to the index, and gets its names from there
   * @param sync whether it is on disk before it gets its name
   */
  public record Copy(
      int type,
      long size,
      long dataBytes,
      int extents,
      int xattrs,
      boolean dataStaysBelow,
      int separatedLinks,
      boolean intoIndex,
      boolean sync) {}

  public static Forecast refused(int errno) {
    return new Forecast(errno, ImmutableList.of());
  }
}
