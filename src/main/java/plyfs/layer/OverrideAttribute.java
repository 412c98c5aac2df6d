package plyfs.layer;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * Extended attributes in which objects of a layer carry the owner, mode and type that they are
 * shown with, in place of their own.
 *
 * @implNote names as in containers/fuse-overlayfs, utils.h, and containers/storage,
 *     pkg/idtools/idtools.go
 */
public enum OverrideAttribute {
  /** Objects are shown with what their inodes say. */
  NONE(0, ""),
  /** Needs privilege to be written, and can be on objects of every type. */
  SECURITY(1, "security.fuseoverlayfs.override_stat"),
  /** Can be written by anybody, but only on regular files and directories. */
  CONTAINERS(2, "user.containers.override_stat"),
  /** What {@link #CONTAINERS} was called by fuse-overlayfs up to 1.10; known where it is met. */
  LEGACY(2, "user.fuseoverlayfs.override_stat");

  private final int number;
  private final String attribute;

  OverrideAttribute(int number, String attribute) {
    this.number = number;
    this.attribute = attribute;
  }

  /** What the option {@code xattr_permissions} calls it. */
  public int number() {
    return number;
  }

  /** Name of the attribute. */
  byte[] attribute() {
    return attribute.getBytes(US_ASCII);
  }

  @Override
  public String toString() {
    return attribute;
  }
}
