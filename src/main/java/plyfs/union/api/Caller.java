package plyfs.union.api;

import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;

/**
 * The caller of a change.
 *
 * @param uid owner of what is created
 * @param gid group of what is created, unless its directory is setgid
 * @param umask permission bits that a new object does not get, unless its directory has a default
 *     ACL
 * @param abandoned polled during long work: whether no process will see the result, so that the
 *     work ends early with EINTR. A signal that does not kill the caller does not count
 * @param keepsSetgid whether an object of a group keeps setgid when the caller changes it: the
 *     caller is in the group, which may be a supplementary group, or has CAP_FSETID
 */
public record Caller(
    int uid, int gid, int umask, BooleanSupplier abandoned, IntPredicate keepsSetgid) {
  /** The superuser, or a caller with one group. */
  public Caller(int uid, int gid, int umask, BooleanSupplier abandoned) {
    this(uid, gid, umask, abandoned, new OneGroup(uid, gid));
  }

  private record OneGroup(int uid, int gid) implements IntPredicate {
    @Override
    public boolean test(int group) {
      return uid == 0 || group == gid;
    }
  }
}
