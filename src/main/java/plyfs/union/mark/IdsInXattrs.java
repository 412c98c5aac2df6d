package plyfs.union.mark;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import plyfs.sys.ErrnoException;
import plyfs.union.api.IdMapping;

/**
 * Translates the ids inside values of extended attributes: named entries of ACLs, and the root user
 * of a file capability of version 3. Squashing does not concern them: several entries of an ACL
 * cannot be of one user. What is malformed stays as it is, for the file system to refuse.
 *
 * <p>{@code security.capability}, version 3, 24 bytes: {@code [u32 version << 24 | flags][u32
 * permitted][u32 inheritable][u32 permitted][u32 inheritable][u32 root user]}, little-endian. The
 * form of an ACL is described at {@link PosixAcl}.
 *
 * @implNote include/uapi/linux/capability.h, struct vfs_ns_cap_data;
 *     include/uapi/linux/posix_acl_xattr.h
 */
public final class IdsInXattrs {
  private static final int ACL_HEADER_BYTES = 4;
  private static final int ACL_ENTRY_BYTES = 8;
  private static final int ACL_ID = 4;
  private static final int ACL_USER = 0x02;
  private static final int ACL_GROUP = 0x08;
  private static final int CAPABILITY_BYTES = 24;
  private static final int CAPABILITY_VERSION_3 = 3;
  private static final int CAPABILITY_ROOT = 20;

  private final IdMapping ids;

  public IdsInXattrs(IdMapping ids) {
    this.ids = ids;
  }

  /** Whether an attribute of that name may have to be left out, which its value decides. */
  public boolean mayHide(byte[] name) {
    return ids.hasRanges() && XattrNames.isCapability(name);
  }

  /** A stored value as it is shown; null if it is not: a capability of a user without a place. */
  public byte @Nullable [] shown(byte[] name, byte @Nullable [] stored) {
    if (stored == null || !ids.hasRanges()) {
      return stored;
    }
    if (isRootedCapability(name, stored)) {
      int root = little(stored).getInt(CAPABILITY_ROOT);
      return ids.hasShownUser(root) ? withRoot(stored, ids.shownUser(root)) : null;
    }
    if (!isAcl(name, stored)) {
      return stored;
    }
    byte[] translated = stored.clone();
    ByteBuffer acl = little(translated);
    for (int at = ACL_HEADER_BYTES; at < stored.length; at += ACL_ENTRY_BYTES) {
      int id = acl.getInt(at + ACL_ID);
      switch (acl.getShort(at)) {
        case ACL_USER -> acl.putInt(at + ACL_ID, ids.shownUser(id));
        case ACL_GROUP -> acl.putInt(at + ACL_ID, ids.shownGroup(id));
        default -> {
          // an entry without an id
        }
      }
    }
    return translated;
  }

  /**
   * A value as it is to be stored.
   *
   * @throws ErrnoException EOVERFLOW if an id in it has no place in the mapping
   */
  public byte[] stored(byte[] name, byte[] given) throws ErrnoException {
    if (!ids.hasRanges()) {
      return given;
    }
    if (isRootedCapability(name, given)) {
      return withRoot(given, ids.storedUser(little(given).getInt(CAPABILITY_ROOT)));
    }
    if (!isAcl(name, given)) {
      return given;
    }
    byte[] translated = given.clone();
    ByteBuffer acl = little(translated);
    for (int at = ACL_HEADER_BYTES; at < given.length; at += ACL_ENTRY_BYTES) {
      int id = acl.getInt(at + ACL_ID);
      switch (acl.getShort(at)) {
        case ACL_USER -> acl.putInt(at + ACL_ID, ids.storedUser(id));
        case ACL_GROUP -> acl.putInt(at + ACL_ID, ids.storedGroup(id));
        default -> {
          // an entry without an id
        }
      }
    }
    return translated;
  }

  private static boolean isRootedCapability(byte[] name, byte[] value) {
    return XattrNames.isCapability(name)
        && value.length == CAPABILITY_BYTES
        && value[3] == CAPABILITY_VERSION_3;
  }

  private static boolean isAcl(byte[] name, byte[] value) {
    return XattrNames.isAcl(name)
        && value.length >= ACL_HEADER_BYTES
        && (value.length - ACL_HEADER_BYTES) % ACL_ENTRY_BYTES == 0;
  }

  private static byte[] withRoot(byte[] capability, int root) {
    byte[] translated = capability.clone();
    little(translated).putInt(CAPABILITY_ROOT, root);
    return translated;
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
