package plyfs.layer;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * The extended attributes that store the owner, mode and type that programs see, instead of those
 * of the inode.
 *
 * @implNote names as in containers/fuse-overlayfs, utils.h, and containers/storage,
 *     pkg/idtools/idtools.go
 */
public enum OverrideAttribute {
  /** Programs see the values of the inode. */
  NONE(0, ""),
  /** Only privileged processes can write it; objects of every type can have it. */
  SECURITY(1, "security.fuseoverlayfs.override_stat"),
  /** Every owner can write it, but only regular files and directories can have it. */
  CONTAINERS(2, "user.containers.override_stat"),
  /** The name of {@link #CONTAINERS} in fuse-overlayfs up to 1.10; used if a layer has it. */
  LEGACY(2, "user.fuseoverlayfs.override_stat");

  private final int number;
  private final String attribute;

  OverrideAttribute(int number, String attribute) {
    this.number = number;
    this.attribute = attribute;
  }

  /** The number in the option {@code xattr_permissions}. */
  public int number() {
    return number;
  }

  /** The name of the attribute. */
  byte[] attribute() {
    return attribute.getBytes(US_ASCII);
  }

  @Override
  public String toString() {
    return attribute;
  }
}
