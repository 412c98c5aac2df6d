package plyfs.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Capabilities;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Fusermount;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;

/**
 * A mounted union with a new upper directory. Closing unmounts and waits until the daemon has
 * ended.
 */
final class UnionMount implements Engine.Mounted {
  private static final int PATIENCE_MILLIS = 20_000;

  private final Path merged;
  private final Path upper;
  private Daemon daemon = Daemon.NONE;

  private UnionMount(Path scratch) throws IOException {
    merged = Files.createDirectory(scratch.resolve("merged"));
    upper = Files.createDirectory(scratch.resolve("upper"));
    Files.createDirectory(scratch.resolve("work"));
  }

  /**
   * The daemon of a mount.
   *
   * @param pid 0 for the kernel
   * @param log its log file, to be removed with the mount; or null
   */
  record Daemon(int pid, @Nullable Path log) {
    static final Daemon NONE = new Daemon(0, null);
  }

  interface Mounter {
    /** Mounts. */
    Daemon mount(Path merged, String options) throws IOException;
  }

  /**
   * Mounts through a program or a system call.
   *
   * @param extra options besides the layers
   */
  static UnionMount make(Path lower, Path scratch, List<String> extra, Mounter mounter)
      throws IOException {
    UnionMount mount = new UnionMount(scratch);
    StringBuilder options = new StringBuilder("lowerdir=").append(lower);
    options.append(",upperdir=").append(mount.upper);
    options.append(",workdir=").append(scratch.resolve("work"));
    extra.forEach(option -> options.append(',').append(option));
    mount.daemon = mounter.mount(mount.merged, options.toString());
    return mount;
  }

  @Override
  public Path root() {
    return merged;
  }

  @Override
  public Path upper() {
    return upper;
  }

  @Override
  public int daemon() {
    return daemon.pid();
  }

  @Override
  public void close() throws IOException {
    int pid = daemon.pid();
    @Nullable Fd process = pid == 0 ? null : descriptorOf(pid);
    try {
      unmount(CaseFiles.bytes(merged), 0);
      if (process != null && !MountSyscalls.awaitReadable(process, PATIENCE_MILLIS)) {
        throw new IOException(
            "process " + pid + " still runs although its mount has ended: end it");
      }
    } catch (ErrnoException e) {
      throw new IOException("cannot unmount " + merged + ": " + e.getMessage(), e);
    } finally {
      if (process != null) {
        process.close();
      }
    }
    @Nullable Path log = daemon.log();
    if (log != null) {
      Files.deleteIfExists(log);
    }
  }

  /** A descriptor of the process; null if it has ended. */
  private static @Nullable Fd descriptorOf(int pid) {
    try {
      return MountSyscalls.processDescriptor(pid);
    } catch (ErrnoException e) {
      return null;
    }
  }

  /**
   * Unmounts with the privileges of this process.
   *
   * @param flags 0 or {@link Linux#MNT_DETACH}
   */
  static void unmount(byte[] mountpoint, int flags) throws ErrnoException {
    int result = MountSyscalls.umount(mountpoint, flags);
    if (result == -Errno.EPERM && !Capabilities.mayMount()) {
      result = Fusermount.unmount(mountpoint, flags != 0);
    }
    ErrnoException.check(result);
  }
}
