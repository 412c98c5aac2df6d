package plyfs.fuse;

import org.jspecify.annotations.Nullable;
import plyfs.fuse.abi.BatchForgetIn;
import plyfs.fuse.abi.CopyFileRangeIn;
import plyfs.fuse.abi.CreateIn;
import plyfs.fuse.abi.FallocateIn;
import plyfs.fuse.abi.ForgetIn;
import plyfs.fuse.abi.FsyncIn;
import plyfs.fuse.abi.GetxattrIn;
import plyfs.fuse.abi.InitIn;
import plyfs.fuse.abi.InterruptIn;
import plyfs.fuse.abi.IoctlIn;
import plyfs.fuse.abi.LinkIn;
import plyfs.fuse.abi.LseekIn;
import plyfs.fuse.abi.MkdirIn;
import plyfs.fuse.abi.MknodIn;
import plyfs.fuse.abi.OpenIn;
import plyfs.fuse.abi.ReadIn;
import plyfs.fuse.abi.ReleaseIn;
import plyfs.fuse.abi.Rename2In;
import plyfs.fuse.abi.RenameIn;
import plyfs.fuse.abi.SetattrIn;
import plyfs.fuse.abi.SetxattrIn;
import plyfs.fuse.abi.UnreadIn;
import plyfs.fuse.abi.WriteIn;

/**
 * What a request asks for: one row per operation of the protocol that we know.
 *
 * <p>A request's body is {@code [op struct][payload]}; the payload is {@code names} strings, each
 * with a final NUL, and after them the data of a {@link Payload#NAMES_AND_DATA} row.
 *
 * @implNote include/uapi/linux/fuse.h, {@code enum fuse_opcode}; numbers newer than installed
 *     headers are STATX (7.39) and COPY_FILE_RANGE_64 (7.45)
 */
public enum Opcode {
  /** Name: the one looked for in the node of the request. */
  LOOKUP(1, 0, 1),
  FORGET(2, ForgetIn.SIZEOF, Payload.NO_REPLY),
  GETATTR(3, UnreadIn.GETATTR, 0),
  SETATTR(4, SetattrIn.SIZEOF, 0),
  READLINK(5, 0, 0),
  /** Names: the new one, then the target of the link, which is no {@code Name} but any bytes. */
  SYMLINK(6, 0, 2),
  MKNOD(8, MknodIn.SIZEOF, 1),
  MKDIR(9, MkdirIn.SIZEOF, 1),
  UNLINK(10, 0, 1),
  RMDIR(11, 0, 1),
  /** Names: old, new. */
  RENAME(12, RenameIn.SIZEOF, 2),
  LINK(13, LinkIn.SIZEOF, 1),
  OPEN(14, OpenIn.SIZEOF, 0),
  READ(15, ReadIn.SIZEOF, 0),
  /** Data: what is to be written. */
  WRITE(16, WriteIn.SIZEOF, Payload.NAMES_AND_DATA),
  STATFS(17, 0, 0),
  RELEASE(18, ReleaseIn.SIZEOF, 0),
  FSYNC(20, FsyncIn.SIZEOF, 0),
  /** Name of the attribute, which is any bytes; data: its value. */
  SETXATTR(21, SetxattrIn.SIZEOF_SHORT, 1, Payload.NAMES_AND_DATA),
  GETXATTR(22, GetxattrIn.SIZEOF, 1),
  LISTXATTR(23, GetxattrIn.SIZEOF, 0),
  REMOVEXATTR(24, 0, 1),
  FLUSH(25, UnreadIn.FLUSH, 0),
  INIT(26, InitIn.SIZEOF_SHORT, 0),
  OPENDIR(27, OpenIn.SIZEOF, 0),
  READDIR(28, ReadIn.SIZEOF, 0),
  RELEASEDIR(29, ReleaseIn.SIZEOF, 0),
  FSYNCDIR(30, FsyncIn.SIZEOF, 0),
  GETLK(31, UnreadIn.LK, 0),
  SETLK(32, UnreadIn.LK, 0),
  SETLKW(33, UnreadIn.LK, 0),
  ACCESS(34, UnreadIn.ACCESS, 0),
  CREATE(35, CreateIn.SIZEOF, 1),
  INTERRUPT(36, InterruptIn.SIZEOF, Payload.NO_REPLY),
  BMAP(37, UnreadIn.BMAP, 0),
  DESTROY(38, 0, 0),
  /** Data: the input of the ioctl. */
  IOCTL(39, IoctlIn.SIZEOF, Payload.NAMES_AND_DATA),
  POLL(40, UnreadIn.POLL, 0),
  /** Data: {@code ForgetOne} elements. */
  BATCH_FORGET(42, BatchForgetIn.SIZEOF, Payload.NO_REPLY),
  FALLOCATE(43, FallocateIn.SIZEOF, 0),
  READDIRPLUS(44, ReadIn.SIZEOF, 0),
  /** Names: old, new. */
  RENAME2(45, Rename2In.SIZEOF, 2),
  LSEEK(46, LseekIn.SIZEOF, 0),
  COPY_FILE_RANGE(47, CopyFileRangeIn.SIZEOF, 0),
  SYNCFS(50, UnreadIn.SYNCFS, 0),
  /** Name: always {@code /}, which is no {@code Name}. */
  TMPFILE(51, CreateIn.SIZEOF, 1),
  STATX(52, UnreadIn.STATX, 0),
  COPY_FILE_RANGE_64(53, CopyFileRangeIn.SIZEOF, 0);

  /** What follows the op struct. */
  private enum Payload {
    NAMES,
    NAMES_AND_DATA,
    /** As {@link #NAMES_AND_DATA}, and the kernel waits for no answer. */
    NO_REPLY
  }

  /** No number is larger. */
  static final int MOST_NUMBER = 63;

  private static final @Nullable Opcode[] BY_NUMBER = new @Nullable Opcode[MOST_NUMBER + 1];

  static {
    for (Opcode opcode : values()) {
      BY_NUMBER[opcode.number] = opcode;
    }
  }

  private final int number;
  private final int inSize;
  private final int names;
  private final Payload payload;

  Opcode(int number, int inSize, int names) {
    this(number, inSize, names, Payload.NAMES);
  }

  Opcode(int number, int inSize, Payload payload) {
    this(number, inSize, 0, payload);
  }

  Opcode(int number, int inSize, int names, Payload payload) {
    this.number = number;
    this.inSize = inSize;
    this.names = names;
    this.payload = payload;
  }

  /** The row of a number; null if it is unknown. */
  public static @Nullable Opcode of(int number) {
    return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
  }

  public int number() {
    return number;
  }

  /** Fewest bytes of the op struct; a shorter request is answered with EIO. */
  public int inSize() {
    return inSize;
  }

  /** Strings at the start of the payload, each with a final NUL. */
  public int names() {
    return names;
  }

  /** Whether anything follows the op struct. */
  boolean hasPayload() {
    return names > 0 || payload != Payload.NAMES;
  }

  /** Whether the kernel waits for no answer: FORGET, BATCH_FORGET and INTERRUPT. */
  public boolean hasNoReply() {
    return payload == Payload.NO_REPLY;
  }
}
