package plyfs.sys;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Removes an object with everything below it. No symbolic link is followed, and a directory whose
 * mode denies its owner, us, something gets another mode. A directory that is not empty moves up
 * into the topmost one before it is emptied, so neither the stack nor the number of descriptors
 * grows with the depth. A mount below is not entered (EBUSY).
 */
public final class TreeRemover {
  private static final int OWNER_MAY = 0700;
  private static final int DIRECTORY = Linux.O_RDONLY | Linux.O_DIRECTORY | Linux.O_NOFOLLOW;

  private final Fd top;
  private final Getdents entries = new Getdents();
  private final Deque<byte[]> waiting = new ArrayDeque<>();
  private int moves;

  private TreeRemover(Fd top) {
    this.top = top;
  }

  /**
   * Removes a name of a directory, whatever it is; nothing happens where it is absent. A failure
   * leaves what is left of the object under its name.
   */
  public static void remove(Fd directory, byte[] name) throws ErrnoException {
    if (isGone(unlink(directory, name))) {
      return;
    }
    try (Fd top = open(directory, name)) {
      empty(top);
    }
    ErrnoException.check(Syscalls.unlinkat(directory, name, Linux.AT_REMOVEDIR));
  }

  /** Removes all that a directory holds, which is open for reading and has not been read. */
  public static void empty(Fd directory) throws ErrnoException {
    new TreeRemover(directory).empty();
  }

  private void empty() throws ErrnoException {
    removeWhatIsEmpty(top);
    while (!waiting.isEmpty()) {
      byte[] next = waiting.pop();
      try (Fd inner = open(top, next)) {
        removeWhatIsEmpty(inner);
      }
      ErrnoException.check(Syscalls.unlinkat(top, next, Linux.AT_REMOVEDIR));
    }
  }

  /** Removes what a directory holds; directories that are not empty wait in the topmost one. */
  private void removeWhatIsEmpty(Fd directory) throws ErrnoException {
    for (byte[] name : entries.names(directory)) {
      int result = unlink(directory, name);
      if (result == -Errno.EACCES && Syscalls.fchmod(directory, OWNER_MAY) == 0) {
        result = unlink(directory, name);
      }
      if (!isGone(result)) {
        waiting.push(directory == top ? name : movedUp(directory, name));
      }
    }
  }

  /** Removes a file or an empty directory. */
  private static int unlink(Fd directory, byte[] name) {
    int result = Syscalls.unlinkat(directory, name, 0);
    return result == -Errno.EISDIR
        ? Syscalls.unlinkat(directory, name, Linux.AT_REMOVEDIR)
        : result;
  }

  /** Whether {@link #unlink} leaves nothing; false for a directory that is not empty. */
  private static boolean isGone(int result) throws ErrnoException {
    if (result == -Errno.ENOTEMPTY || result == -Errno.EEXIST) {
      return false;
    }
    if (result != -Errno.ENOENT) {
      ErrnoException.check(result);
    }
    return true;
  }

  private static Fd open(Fd directory, byte[] name) throws ErrnoException {
    int result = Syscalls.openat(directory, name, DIRECTORY, 0);
    if (result == -Errno.EACCES && Syscalls.chmodat(directory, name, OWNER_MAY) == 0) {
      result = Syscalls.openat(directory, name, DIRECTORY, 0);
    }
    return Fd.adopt(result);
  }

  private byte[] movedUp(Fd from, byte[] name) throws ErrnoException {
    while (true) {
      byte[] moved = ("#sweep" + ++moves).getBytes(US_ASCII);
      int result = FreeName.rename(from, name, top, moved);
      // A directory that moves gets another "..", so it is written, too.
      if (result == -Errno.EACCES && Syscalls.chmodat(from, name, OWNER_MAY) == 0) {
        result = FreeName.rename(from, name, top, moved);
      }
      if (result != -Errno.EEXIST) {
        ErrnoException.check(result);
        return moved;
      }
    }
  }
}
