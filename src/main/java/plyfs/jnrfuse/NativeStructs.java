package plyfs.jnrfuse;

import java.nio.ByteBuffer;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import plyfs.sys.StatFs;
import plyfs.union.api.DirSink;
import plyfs.union.api.NodeView;
import ru.serce.jnrfuse.FuseFillDir;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.Statvfs;
import ru.serce.jnrfuse.struct.Timespec;

/** Fills the C structures that return results to libfuse. */
final class NativeStructs {
  private static final int TYPE_SHIFT = 12;

  /** {@code want} in {@code struct fuse_conn_info}, and {@code FUSE_CAP_IOCTL_DIR}. */
  private static final int WANT = 24;

  private static final int IOCTL_DIR = 1 << 11;

  private NativeStructs() {}

  /** In {@code init}: asks libfuse to pass on the ioctls of directories. */
  static void wantIoctlsOfDirectories(Pointer connection) {
    connection.putInt(WANT, connection.getInt(WANT) | IOCTL_DIR);
  }

  /** {@code struct stat}. */
  static void put(FileStat out, NodeView view, int links) {
    out.st_ino.set(view.ino());
    out.st_mode.set(view.stat().mode());
    out.st_nlink.set(links);
    out.st_uid.set(view.stat().uid());
    out.st_gid.set(view.stat().gid());
    out.st_rdev.set(view.stat().rdev());
    out.st_size.set(view.stat().size());
    out.st_blocks.set(view.stat().blocks());
    out.st_blksize.set(view.stat().blksize());
    put(out.st_atim, view.stat().atimeSeconds(), view.stat().atimeNanos());
    put(out.st_mtim, view.stat().mtimeSeconds(), view.stat().mtimeNanos());
    put(out.st_ctim, view.stat().ctimeSeconds(), view.stat().ctimeNanos());
  }

  private static void put(Timespec out, long seconds, int nanos) {
    out.tv_sec.set(seconds);
    out.tv_nsec.set(nanos);
  }

  /** {@code struct statvfs}. */
  static void put(Statvfs out, StatFs stat) {
    long fragment = stat.fragmentSize() == 0 ? stat.blockSize() : stat.fragmentSize();
    out.f_bsize.set(stat.blockSize());
    out.f_frsize.set(fragment);
    out.f_blocks.set(stat.blocks());
    out.f_bfree.set(stat.blocksFree());
    out.f_bavail.set(stat.blocksAvailable());
    out.f_files.set(stat.files());
    out.f_ffree.set(stat.filesFree());
    out.f_favail.set(stat.filesFree());
    out.f_namemax.set(stat.nameMax());
  }

  /** Passes entries to libfuse until its buffer is full; libfuse requests the rest later. */
  static final class Entries implements DirSink {
    private final FuseFillDir filler;
    private final Pointer buffer;
    private final ByteBuffer name = ByteBuffer.allocateDirect(256);
    private final FileStat stat;
    private boolean isFull;

    Entries(FuseFillDir filler, Pointer buffer) {
      this.filler = filler;
      this.buffer = buffer;
      Runtime runtime = Runtime.getSystemRuntime();
      this.stat = new FileStat(runtime);
      stat.useMemory(Memory.allocateDirect(runtime, Struct.size(stat)));
    }

    @Override
    public boolean hasRoom(int nameBytes) {
      return !isFull;
    }

    @Override
    public void entry(byte[] bytes, long cookie, int type, long ino) {
      name.clear().put(bytes).put((byte) 0).flip();
      stat.st_ino.set(ino);
      stat.st_mode.set(type << TYPE_SHIFT);
      isFull = filler.apply(buffer, name, Struct.getMemory(stat), cookie) != 0;
    }

    @Override
    public void entryPlus(byte[] bytes, long cookie, int type, NodeView view) {
      throw new IllegalStateException("not asked for");
    }
  }
}
