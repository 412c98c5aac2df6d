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
 * @param aufs whether {@code .wh.*} names are marks in every layer, and invisible
 * @param posixAcls whether POSIX ACLs take effect
 * @param xattrs whether programs see extended attributes and may set them; the marks of the union
 *     need no such leave
 * @param staticLinks whether st_nlink of every directory is 1
 * @param isVolatile whether nothing is synced and the upper directory is marked for it
 * @param fsync whether fsync and copy-up write through to disk; false if {@code isVolatile}
 * @param whiteouts how deletions are stored in the upper directory
 * @param index whether hard links of lower files survive copy-up
 * @param ids which owners are shown for those that the layers store
 * @param override where the layers keep the owner, mode and type that are shown
 * @param numbering which inode numbers are shown
 * @param timeout how long the kernel may keep entries and attributes; {@link #UNLIMITED} at most
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
