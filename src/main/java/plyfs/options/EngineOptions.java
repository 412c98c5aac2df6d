package plyfs.options;

import java.time.Duration;
import plyfs.layer.OverrideAttribute;
import plyfs.layer.WhiteoutForm;
import plyfs.union.api.IdMapping;
import plyfs.union.api.InodeNumbering;

/**
 * How the union behaves.
 *
 * @param redirectDir redirects of renamed directories
 * @param metacopy whether changes of attributes leave the data of lower files below
 * @param aufs whether {@code .wh.*} names are marks in every layer, and hidden
 * @param posixAcls whether POSIX ACLs take effect
 * @param xattrs whether programs see and can set extended attributes; the union can use its marks
 *     in any case
 * @param staticLinks whether st_nlink of every directory is 1
 * @param isVolatile whether the mount syncs nothing and marks the upper directory as volatile
 * @param fsync whether fsync and copy-up sync to disk; false if {@code isVolatile}
 * @param whiteouts how whiteouts are stored in the upper directory
 * @param index whether hard links of lower files survive copy-up
 * @param ids how stored owners are mapped to shown owners
 * @param override where the layers store the owner, mode and type that programs see
 * @param numbering which inode numbers programs see
 * @param timeout how long the kernel may cache entries and attributes; {@link #UNLIMITED} at most
 */
public record EngineOptions(
    RedirectDir redirectDir,
    boolean metacopy,
    boolean aufs,
    boolean posixAcls,
    boolean xattrs,
    boolean staticLinks,
    boolean isVolatile,
    boolean fsync,
    WhiteoutForm whiteouts,
    boolean index,
    IdMapping ids,
    OverrideAttribute override,
    InodeNumbering numbering,
    Duration timeout) {
  /** Longer than any mount lives, and safe to convert to any unit: 2^31 - 1 seconds, 68 years. */
  public static final Duration UNLIMITED = Duration.ofSeconds(Integer.MAX_VALUE);
}
