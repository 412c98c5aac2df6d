package plyfs.union;

import java.util.function.BooleanSupplier;

/**
 * Who asks for a change.
 *
 * @param uid owner of what is created
 * @param gid group of what is created, unless its directory is setgid
 * @param umask permission bits that a new object does not get, unless its directory has a default
 *     ACL
 * @param interrupted polled during long copies; true ends them with EINTR
 */
public record Caller(int uid, int gid, int umask, BooleanSupplier interrupted) {
  /** The superuser, who waits to the end. */
  public static final Caller ROOT = new Caller(0, 0, 0, () -> false);
}
