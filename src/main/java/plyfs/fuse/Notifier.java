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
import plyfs.fuse.abi.NotifyDeleteOut;
import plyfs.fuse.abi.NotifyInvalEntryOut;
import plyfs.fuse.abi.NotifyInvalInodeOut;
import plyfs.fuse.abi.OutHeader;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Loggers;
import plyfs.sys.Name;
import plyfs.sys.Syscalls;

/**
 * Tells the kernel to drop what it has cached. The kernel takes locks for that which it may hold
 * while it waits for an answer of ours; so one thread, which serves no requests, sends them, and
 * callers never wait.
 *
 * <p>To be called with no lock held, and from {@link Reply#afterwards} where the notice must not
 * overtake the answer to the request that caused it. Only {@link #invalidateAttributes} and {@link
 * #dropList} are sent by the caller itself, since the kernel waits for no request then.
 */
public final class Notifier implements Runnable {
  private static final Logger LOG = Loggers.named("plyfs.fuse");

  /** Notices that wait; beyond, they are refused. */
  static final int CAPACITY = 4096;

  /** The longest: a name with its NUL after the largest struct. */
  private static final int BUFFER_BYTES =
      OutHeader.SIZEOF + NotifyDeleteOut.SIZEOF + Name.MAX_BYTES + 1;

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

  /** What to say: a code, a node, and what the code needs. */
  private record Notice(int code, long nodeId, long child, long off, @Nullable Name name) {}

  Notifier(Connection connection) {
    this.connection = connection;
  }

  /**
   * Drops attributes of a node before this returns: what is answered next finds the kernel asking
   * for them again. To be called by a worker in the middle of a request.
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
   * Drops the list of a directory before this returns, and its attributes. To be called by a worker
   * in the middle of a request, with no lock held.
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
   * Drops attributes of a node, and its data from an offset on.
   *
   * @param off bytes; negative leaves the data
   * @return false if the notice was refused, because too many wait or the session has ended
   */
  public boolean invalidateInode(long nodeId, long off) {
    return enqueue(new Notice(NotifyInvalInodeOut.FUSE_NOTIFY_INVAL_INODE, nodeId, 0, off, null));
  }

  /**
   * Forgets a name, or that there is none.
   *
   * @return as {@link #invalidateInode}
   */
  public boolean invalidateEntry(long parent, Name name) {
    return enqueue(new Notice(NotifyInvalEntryOut.FUSE_NOTIFY_INVAL_ENTRY, parent, 0, 0, name));
  }

  /**
   * Forgets a name that is gone, and tells watchers so.
   *
   * @param child node id that the name had
   * @return as {@link #invalidateInode}
   */
  public boolean delete(long parent, long child, Name name) {
    return enqueue(new Notice(NotifyDeleteOut.FUSE_NOTIFY_DELETE, parent, child, 0, name));
  }

  private boolean enqueue(Notice notice) {
    if (hasEnded.get()) {
      return false;
    }
    boolean isTaken = queue.offer(notice);
    if (!isTaken && hasOverflowed.compareAndSet(false, true)) {
      LOG.log(Level.WARNING, "more than {0} notices to the kernel wait; some are lost", CAPACITY);
    }
    return isTaken;
  }

  /** The thread of the session for this. */
  @Override
  public void run() {
    thread = Thread.currentThread();
    try {
      while (!hasEnded.get()) {
        send(queue.take());
      }
    } catch (InterruptedException e) {
      // That is end().
      queue.clear();
    }
  }

  /** Ends the thread; what waits is dropped, for the mount is gone. */
  void end() {
    hasEnded.set(true);
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }

  private void send(Notice notice) {
    int length = OutHeader.SIZEOF + putBody(notice);
    OutHeader.put(buffer, 0, length, notice.code, 0);
    complainOf(notice.code, connection.send(address, length));
  }

  private static void complainOf(int code, long result) {
    // ENOENT: the kernel knows nothing of it. ENODEV: the mount is gone. ENOTEMPTY, EBUSY: a
    // directory came back to life before its deletion was told, so there is nothing to tell.
    if (result < 0
        && result != -Errno.ENOENT
        && result != -Errno.ENODEV
        && result != -Errno.ENOTEMPTY
        && result != -Errno.EBUSY) {
      LOG.log(
          Level.WARNING,
          "the kernel refuses a notice of kind {0}: {1}",
          code,
          ErrnoException.of((int) -result).getMessage());
    }
  }

  private int putBody(Notice notice) {
    int at = OutHeader.SIZEOF;
    Name name = notice.name;
    if (name == null) {
      NotifyInvalInodeOut.put(buffer, at, notice.nodeId, notice.off, 0);
      return NotifyInvalInodeOut.SIZEOF;
    }
    int struct;
    if (notice.code == NotifyDeleteOut.FUSE_NOTIFY_DELETE) {
      NotifyDeleteOut.put(buffer, at, notice.nodeId, notice.child, name.length());
      struct = NotifyDeleteOut.SIZEOF;
    } else {
      NotifyInvalEntryOut.put(buffer, at, notice.nodeId, name.length());
      struct = NotifyInvalEntryOut.SIZEOF;
    }
    buffer.put(at + struct, name.bytes()).put(at + struct + name.length(), (byte) 0);
    return struct + name.length() + 1;
  }
}
