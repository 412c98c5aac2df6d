package plyfs.fuse;

import plyfs.fuse.abi.InitFlags;
import plyfs.fuse.abi.SetxattrIn;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;

/**
 * What both sides agreed on in INIT.
 *
 * @param minor of the protocol that is spoken, 7.minor
 * @param kernelMinor of the protocol that the kernel could speak
 * @param offered {@link InitFlags} of the kernel
 * @param flags {@link InitFlags} that hold
 * @param maxWrite most bytes in one WRITE
 * @param maxPages most pages in one READ or WRITE
 * @param maxReadahead bytes
 */
public record InitResult(
    int minor,
    int kernelMinor,
    long offered,
    long flags,
    int maxWrite,
    int maxPages,
    int maxReadahead) {
  /** Enough to serve INIT. */
  static final InitResult BEFORE_INIT = new InitResult(0, 0, 0, 0, 4096, 1, 0);

  /** Room for the longest name or link target beside data. */
  private static final int SLACK = 4096;

  /** Whether a feature of {@link InitFlags} holds. */
  public boolean has(long flag) {
    return (flags & flag) == flag;
  }

  /** Bytes of the op struct of SETXATTR. */
  int setxattrInBytes() {
    return has(InitFlags.SETXATTR_EXT) ? SetxattrIn.SIZEOF : SetxattrIn.SIZEOF_SHORT;
  }

  /** Most bytes after the op struct: data of a WRITE, or an attribute with its name. */
  int requestBytes() {
    return Math.max(maxWrite, Linux.XATTR_SIZE_MAX) + SLACK;
  }

  /** Most bytes of content that a reply can have: data of a READ, or an attribute. */
  int replyBytes() {
    int pages = maxPages * MountSyscalls.pageSize();
    return Math.max(Math.max(maxWrite, pages), Linux.XATTR_SIZE_MAX);
  }
}
