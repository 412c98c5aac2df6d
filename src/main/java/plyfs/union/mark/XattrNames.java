package plyfs.union.mark;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import plyfs.sys.Name;

/** The names of extended attributes that have a meaning of their own. */
public final class XattrNames {
  /** Longest name that Linux takes. */
  public static final int MAX_BYTES = 255;

  public static final byte[] ACL_ACCESS = bytes("system.posix_acl_access");
  public static final byte[] ACL_DEFAULT = bytes("system.posix_acl_default");

  private static final byte[] USER = bytes("user.");
  private static final byte[] TRUSTED = bytes("trusted.");
  private static final byte[] SECURITY = bytes("security.");
  public static final byte[] CAPABILITY = bytes("security.capability");
  private static final byte[] EVM = bytes("security.evm");
  private static final byte[] FUSE_OVERLAYFS = bytes("user.fuseoverlayfs.");

  private XattrNames() {}

  private static byte[] bytes(String name) {
    return name.getBytes(US_ASCII);
  }

  private static boolean startsWith(byte[] name, byte[] prefix) {
    return name.length > prefix.length
        && Arrays.equals(name, 0, prefix.length, prefix, 0, prefix.length);
  }

  public static boolean isAccessAcl(byte[] name) {
    return Arrays.equals(name, ACL_ACCESS);
  }

  public static boolean isAcl(byte[] name) {
    return Arrays.equals(name, ACL_ACCESS) || Arrays.equals(name, ACL_DEFAULT);
  }

  public static boolean isCapability(byte[] name) {
    return Arrays.equals(name, CAPABILITY);
  }

  public static boolean isUser(byte[] name) {
    return startsWith(name, USER);
  }

  public static boolean isTrusted(byte[] name) {
    return startsWith(name, TRUSTED);
  }

  /** Whether a file system may have an attribute of that name at all. */
  public static boolean isOfKnownNamespace(byte[] name) {
    return isUser(name) || isTrusted(name) || startsWith(name, SECURITY) || isAcl(name);
  }

  /** Whether copy-up must fail rather than lose an attribute, because it grants permissions. */
  public static boolean mustBeCopied(byte[] name) {
    return startsWith(name, SECURITY) || isAcl(name);
  }

  /**
   * Whether an attribute is a mark of fuse-overlayfs, which also hides it: an image built from a
   * mount must not contain marks.
   */
  public static boolean isMarkOfFuseOverlayfs(byte[] name) {
    return startsWith(name, FUSE_OVERLAYFS);
  }

  /**
   * Whether an attribute is invalid on another inode, such as an integrity hash of the old inode or
   * a mark of another overlay.
   */
  public static boolean isBoundToInode(byte[] name) {
    return Arrays.equals(name, EVM) || isMarkOfFuseOverlayfs(name);
  }

  public static String printable(byte[] name) {
    return Name.printable(name);
  }
}
