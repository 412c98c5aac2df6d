package plyfs.fuse.abi;

/**
 * {@code struct fuse_uring_req_header}, 288 bytes, since 7.42: what an entry of a ring shares with
 * the kernel beside its payload. {@code [in or out header, 128][op struct, 128][struct
 * fuse_uring_ent_in_out, 32]}, the last being {@code [u64 flags][u64 commit_id][u32 payload_sz][u32
 * padding][u64 reserved]}.
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class UringHeader {
  public static final int IN_OUT = 0;
  public static final int OP = 128;
  public static final int COMMIT_ID = 264;
  public static final int PAYLOAD_SIZE = 272;
  public static final int SIZEOF = 288;

  private UringHeader() {}
}
