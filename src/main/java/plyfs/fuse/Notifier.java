package plyfs.fuse;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import plyfs.fuse.abi.NotifyInvalEntryOut;
import plyfs.fuse.abi.NotifyInvalInodeOut;
import plyfs.fuse.abi.OutHeader;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Loggers;
import plyfs.sys.Name;
import plyfs.sys.Syscalls;

/**
 * Sends notices that invalidate cached data of the kernel. Call it without holding a lock.
 *
 * <p>To invalidate a name, the kernel locks its directory, and it may already hold this lock while
 * it waits for a reply of the daemon. So a separate thread sends this notice, and the caller does
 * not wait. The caller itself sends {@link #invalidateAttributes} and {@link #dropList}, for which
 * the kernel waits for no request.
 */
public final class Notifier implements Runnable {
  private static final Logger LOG = Loggers.named("plyfs.fuse");

  /** How many notices may be queued; further ones are refused. */
  static final int CAPACITY = 4096;

  /** The longest notice: a name with its NUL after the largest struct. */
  private static final int BUFFER_BYTES =
      OutHeader.SIZEOF + NotifyInvalEntryOut.SIZEOF + Name.MAX_BYTES + 1;

  private final Connection connection;
  private final BlockingQueue<Notice> queue = new ArrayBlockingQueue<>(CAPACITY);
  private final AtomicBoolean hasEnded = new AtomicBoolean();
  private final AtomicBoolean hasOverflowed = new AtomicBoolean();
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.nativeOrder());
  private final long address = Syscalls.addressOf(buffer);
  private final ThreadLocal<ByteBuffer> ownBuffers =
      ThreadLocal.withInitial(
          () ->
              ByteBuffer.allocateDirect(OutHeader.SIZEOF + NotifyInvalInodeOut.SIZEOF)
                  .order(ByteOrder.nativeOrder()));
  private volatile @Nullable Thread thread;

  /** A name of a directory to invalidate. */
  private record Notice(long directory, Name name) {}

  Notifier(Connection connection) {
    this.connection = connection;
  }

  /**
   * Invalidates the attributes of a node before this method returns: after the next reply the
   * kernel asks for them again. A worker may call it while it handles a request.
   *
   * @implNote without data to drop, Linux fs/fuse/inode.c, fuse_reverse_inval_inode, takes no lock
   *     that is held while a request waits
   */
  public void invalidateAttributes(long nodeId) {
    if (hasEnded.get()) {
      return;
    }
    sendAtOnce(nodeId, -1);
  }

  /**
   * Invalidates the list of a directory and its attributes before this method returns. A worker may
   * call it while it handles a request, without holding a lock.
   *
   * @implNote it waits for a reader of the list who is just being given a page of it, and for
   *     nothing that holds the lock of a directory: Linux fs/fuse/readdir.c, fuse_readdir_cached
   */
  public void dropList(long nodeId) {
    if (!hasEnded.get()) {
      sendAtOnce(nodeId, 0);
    }
  }

  private void sendAtOnce(long nodeId, long off) {
    ByteBuffer own = ownBuffers.get();
    int code = NotifyInvalInodeOut.FUSE_NOTIFY_INVAL_INODE;
    int length = OutHeader.SIZEOF + NotifyInvalInodeOut.SIZEOF;
    OutHeader.put(own, 0, length, code, 0);
    NotifyInvalInodeOut.put(own, OutHeader.SIZEOF, nodeId, off, 0);
    try {
      complainOf(code, connection.send(Syscalls.addressOf(own), length));
    } finally {
      Reference.reachabilityFence(own);
    }
  }

  /**
   * Invalidates a name, or its absence.
   *
   * @return false if the notice was refused, because too many are queued or the session has ended
   */
  public boolean invalidateEntry(long parent, Name name) {
    return enqueue(new Notice(parent, name));
  }

  private boolean enqueue(Notice notice) {
    if (hasEnded.get()) {
      return false;
    }
    boolean isTaken = queue.offer(notice);
    if (!isTaken && hasOverflowed.compareAndSet(false, true)) {
      LOG.log(
          Level.WARNING, "more than {0} notices to the kernel are queued: some are lost", CAPACITY);
    }
    return isTaken;
  }

  /** The body of the session's notifier thread. */
  @Override
  public void run() {
    thread = Thread.currentThread();
    try {
      while (!hasEnded.get()) {
        send(queue.take());
      }
    } catch (InterruptedException e) {
      // The interrupt comes from end().
      queue.clear();
    }
  }

  /** Ends the thread and drops the queue, because the mount has ended. */
  void end() {
    hasEnded.set(true);
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }

  private void send(Notice notice) {
    int at = OutHeader.SIZEOF;
    Name name = notice.name;
    NotifyInvalEntryOut.put(buffer, at, notice.directory, name.length());
    at += NotifyInvalEntryOut.SIZEOF;
    buffer.put(at, name.bytes()).put(at + name.length(), (byte) 0);
    int length = at + name.length() + 1;
    int code = NotifyInvalEntryOut.FUSE_NOTIFY_INVAL_ENTRY;
    OutHeader.put(buffer, 0, length, code, 0);
    complainOf(code, connection.send(address, length));
  }

  private static void complainOf(int code, long result) {
    // ENOENT: the kernel has not cached it. ENODEV: the mount has ended.
    if (result < 0 && result != -Errno.ENOENT && result != -Errno.ENODEV) {
      LOG.log(
          Level.WARNING,
          "the kernel rejected a notice of kind {0}: {1}",
          code,
          ErrnoException.of((int) -result).getMessage());
    }
  }
}
