package plyfs.fuse.abi;

/**
 * {@code struct fuse_in_header}, 40 bytes: starts every request. Its fields are read through {@link
 * plyfs.fuse.Request}.
 *
 * <p>{@code [u32 len][u32 opcode][u64 unique][u64 nodeid][u32 uid][u32 gid][u32 pid][u16
 * total_extlen][u16 padding]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class InHeader {
  public static final int LEN = 0;
  public static final int OPCODE = 4;
  public static final int UNIQUE = 8;
  public static final int NODEID = 16;
  public static final int UID = 24;
  public static final int GID = 28;
  public static final int PID = 32;
  public static final int TOTAL_EXTLEN = 36;
  public static final int SIZEOF = 40;

  private InHeader() {}
}
