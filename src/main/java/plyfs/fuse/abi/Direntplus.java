package plyfs.fuse.abi;

/**
 * {@code struct fuse_direntplus}, 152 bytes: one entry of a READDIRPLUS answer: {@link EntryOut},
 * then {@link Dirent} with its name. Node id 0 means "no attributes here"; every other one counts
 * one lookup.
 *
 * <p>{@code [entry_out][dirent]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class Direntplus {
  public static final int ENTRY_OUT = 0;
  public static final int DIRENT = 128;
  public static final int SIZEOF = 152;
  public static final int WORDS = SIZEOF / Long.BYTES;

  private Direntplus() {}

  /** Bytes of a record, padding included. */
  public static int recordBytes(int nameBytes) {
    return DIRENT + Dirent.recordBytes(nameBytes);
  }
}
