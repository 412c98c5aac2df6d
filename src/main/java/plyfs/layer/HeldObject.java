package plyfs.layer;

import org.jspecify.annotations.Nullable;
import plyfs.sys.Fd;
import plyfs.sys.Name;
import plyfs.sys.Syscalls;

/**
 * An object of a layer, held for one system call.
 *
 * @param fd of the object, or of the directory that it certainly is in
 * @param path below {@code fd}
 * @param acquired what {@code fd} was acquired from; null for none
 * @param opened what was opened for this call; null for nothing
 */
record HeldObject(Fd fd, byte[] path, @Nullable LayerRef acquired, @Nullable Fd opened)
    implements AutoCloseable {
  /** An object by its name in a directory where nobody else changes names. */
  static HeldObject of(Fd directory, Name name) {
    return new HeldObject(directory, name.bytes(), null, null);
  }

  /**
   * An object by its own descriptor.
   *
   * @param own of {@link LayerRef#tryAcquire}
   */
  static HeldObject acquired(Fd own, LayerRef object) {
    return new HeldObject(own, Syscalls.SELF, object, null);
  }

  /** An object that was opened. */
  static HeldObject opened(Fd owned) {
    return new HeldObject(owned, Syscalls.SELF, null, owned);
  }

  /** Gives back what is held. */
  @Override
  public void close() {
    if (acquired != null) {
      acquired.release();
    } else if (opened != null) {
      opened.close();
    }
  }
}
