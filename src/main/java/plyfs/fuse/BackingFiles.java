package plyfs.fuse;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicBoolean;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Loggers;

/**
 * Files that the kernel reads and writes itself, without a request. The reply to an open names such
 * a file by its id, with {@code FOPEN_PASSTHROUGH}.
 */
public final class BackingFiles {
  private static final Logger LOG = Loggers.named("plyfs.fuse");

  private final Connection connection;
  private final AtomicBoolean hasComplained = new AtomicBoolean();

  BackingFiles(Connection connection) {
    this.connection = connection;
  }

  /**
   * Lends a file to the kernel.
   *
   * @return its id, at least 1; 0 if the kernel does not accept the file, which is logged once
   */
  public int lend(Fd file) {
    int id = connection.lendBacking(file);
    if (id > 0) {
      return id;
    }
    if (hasComplained.compareAndSet(false, true)) {
      LOG.log(
          Level.WARNING,
          "the kernel does not accept a file for passthrough, so the daemon serves it:"
              + " {0}; logged once",
          Errno.describe(-id));
    }
    return 0;
  }

  /** Ends a loan. Opens that already use the file continue to use it. */
  public void end(int id) {
    int result = connection.endBacking(id);
    if (result < 0) {
      LOG.log(
          Level.WARNING,
          "cannot end passthrough of file {0}: {1}",
          id,
          ErrnoException.of(-result).getMessage());
    }
  }
}
