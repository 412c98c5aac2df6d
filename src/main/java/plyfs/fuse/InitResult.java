package plyfs.fuse;

import plyfs.fuse.abi.InitFlags;
import plyfs.fuse.abi.SetxattrIn;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;

/**
 * The result of INIT.
 *
 * @param minor the negotiated version of the protocol, 7.minor
 * @param kernelMinor the version that the kernel supports
 * @param offered {@link InitFlags} of the kernel
 * @param flags {@link InitFlags} that are in effect
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
  /** Sufficient to serve INIT. */
  static final InitResult BEFORE_INIT = new InitResult(0, 0, 0, 0, 4096, 1, 0);

  /** Space for the longest name or link target besides data. */
  private static final int SLACK = 4096;

  /** Whether a feature of {@link InitFlags} is in effect. */
  public boolean has(long flag) {
    return (flags & flag) == flag;
  }

  /** Bytes of the op struct of SETXATTR. */
  int setxattrInBytes() {
    return has(InitFlags.SETXATTR_EXT) ? SetxattrIn.SIZEOF : SetxattrIn.SIZEOF_SHORT;
  }

  /** Most bytes after the op struct: the data of a WRITE, or an attribute with its name. */
  int requestBytes() {
    return Math.max(maxWrite, Linux.XATTR_SIZE_MAX) + SLACK;
  }

  /** Most bytes of content in a reply: the data of a READ, or an attribute. */
  int replyBytes() {
    int pages = maxPages * MountSyscalls.pageSize();
    return Math.max(Math.max(maxWrite, pages), Linux.XATTR_SIZE_MAX);
  }
}
