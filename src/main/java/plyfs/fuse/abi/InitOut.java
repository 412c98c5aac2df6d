package plyfs.fuse.abi;

/**
 * {@code struct fuse_init_out}, 64 bytes: answers INIT. {@code max_background} and the next field
 * are counts of requests, {@code time_gran} is in ns, {@code request_timeout} in s.
 *
 * <p>{@code [u32 major][u32 minor][u32 max_readahead][u32 flags][u16 max_background][u16
 * congestion_threshold][u32 max_write][u32 time_gran][u16 max_pages][u16 map_alignment][u32
 * flags2][u32 max_stack_depth][u16 request_timeout][22 unused]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class InitOut {
  public static final int MAJOR = 0;
  public static final int MINOR = 4;
  public static final int MAX_READAHEAD = 8;
  public static final int FLAGS = 12;
  public static final int MAX_BACKGROUND = 16;
  public static final int CONGESTION_THRESHOLD = 18;
  public static final int MAX_WRITE = 20;
  public static final int TIME_GRAN = 24;
  public static final int MAX_PAGES = 28;
  public static final int MAP_ALIGNMENT = 30;
  public static final int FLAGS2 = 32;
  public static final int MAX_STACK_DEPTH = 36;
  public static final int REQUEST_TIMEOUT = 40;
  public static final int SIZEOF = 64;

  private InitOut() {}
}
