package plyfs.union.api;

import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;

/**
 * Who asks for a change.
 *
 * @param uid owner of what is created
 * @param gid group of what is created, unless its directory is setgid
 * @param umask permission bits that a new object does not get, unless its directory has a default
 *     ACL
 * @param abandoned polled during long work: whether nobody will see what comes of it, so that it
 *     ends with EINTR. A signal that does not kill the caller is no reason
 * @param keepsSetgid whether setgid of an object of a group may stay when the caller changes the
 *     object: who is in the group, by a supplementary one too, or has CAP_FSETID
 */
public record Caller(
    int uid, int gid, int umask, BooleanSupplier abandoned, IntPredicate keepsSetgid) {
  /** The superuser, or somebody in one group. */
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
