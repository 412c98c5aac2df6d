package plyfs.jnrfuse;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import plyfs.options.EngineOptions;
import plyfs.options.MountOptions;
import plyfs.options.VfsOptions;
import plyfs.sys.Linux;

/** The arguments for libfuse, as bytes. */
final class LibfuseArguments {
  /** The most bytes that a request of libfuse 2.9 can carry. */
  static final int MAX_REQUEST_BYTES = 131072;

  /** The flags that libfuse accepts as options; a remount sets the other flags. */
  static final long KNOWN_FLAGS =
      Linux.MS_RDONLY
          | Linux.MS_NOSUID
          | Linux.MS_NODEV
          | Linux.MS_NOEXEC
          | Linux.MS_NOATIME
          | Linux.MS_SYNCHRONOUS
          | Linux.MS_DIRSYNC;

  private final ByteArrayOutputStream options = new ByteArrayOutputStream();

  private LibfuseArguments() {}

  /** The value of {@code -o}. */
  static byte[] options(MountOptions mount, long flags) {
    LibfuseArguments all = new LibfuseArguments();
    // Show attributes unchanged; allow a mount point that is not empty.
    all.word("use_ino").word("default_permissions").word("nonempty").word("atomic_o_trunc");
    int maxWrite = Math.min(mount.session().maxWrite(), MAX_REQUEST_BYTES);
    all.word("big_writes").word("max_write=" + maxWrite).word("max_read=" + MAX_REQUEST_BYTES);
    all.timeouts(mount.engine().timeout());
    all.vfs(mount.vfs(), flags);
    if (mount.session().debug()) {
      all.word("debug");
    }
    return all.options.toByteArray();
  }

  /**
   * Sets the timeouts. Names are cached without limit. Attributes are not cached unless a timeout
   * is given: libfuse treats two hard links as two files, so a change through one link would not
   * invalidate the attributes of the other.
   */
  private void timeouts(Duration timeout) {
    boolean isLimited = timeout.compareTo(EngineOptions.UNLIMITED) < 0;
    String seconds = "%d.%09d".formatted(timeout.toSeconds(), timeout.toNanosPart());
    word("entry_timeout=" + seconds).word("negative_timeout=" + seconds);
    word("attr_timeout=" + (isLimited ? seconds : "0"));
  }

  private void vfs(VfsOptions vfs, long flags) {
    if (vfs.allowOther()) {
      word("allow_other");
    }
    word("fsname=", vfs.source()).word("subtype=", vfs.subtype());
    flag(flags, Linux.MS_RDONLY, "ro", "rw");
    if (!vfs.byFusermount()) {
      flag(flags, Linux.MS_NOSUID, "nosuid", "suid");
      flag(flags, Linux.MS_NODEV, "nodev", "dev");
    }
    flag(flags, Linux.MS_NOEXEC, "noexec", "exec");
    flag(flags, Linux.MS_NOATIME, "noatime", "atime");
    flag(flags, Linux.MS_SYNCHRONOUS, "sync", "async");
    if ((flags & Linux.MS_DIRSYNC) != 0) {
      word("dirsync");
    }
  }

  private void flag(long flags, long flag, String set, String clear) {
    word((flags & flag) != 0 ? set : clear);
  }

  private LibfuseArguments word(String text) {
    return word(text, new byte[0]);
  }

  /** Adds an option; a backslash escapes a comma or a backslash in its value. */
  private LibfuseArguments word(String text, byte[] value) {
    if (options.size() > 0) {
      options.write(',');
    }
    options.writeBytes(text.getBytes(US_ASCII));
    for (byte b : value) {
      if (b == ',' || b == '\\') {
        options.write('\\');
      }
      options.write(b);
    }
    return this;
  }

  /** {@code char *argv[]}: pointers, then the strings, each with a NUL, in one block. */
  static Pointer argv(Runtime runtime, List<byte[]> arguments) {
    int pointers = (arguments.size() + 1) * Long.BYTES;
    int total = pointers;
    for (byte[] argument : arguments) {
      total += argument.length + 1;
    }
    Pointer memory = Memory.allocateDirect(runtime, total, true);
    int at = pointers;
    for (int i = 0; i < arguments.size(); i++) {
      byte[] argument = arguments.get(i);
      memory.putLong((long) i * Long.BYTES, memory.address() + at);
      memory.put(at, argument, 0, argument.length);
      at += argument.length + 1;
    }
    return memory;
  }
}
