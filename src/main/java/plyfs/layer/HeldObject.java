package plyfs.layer;

import org.jspecify.annotations.Nullable;
import plyfs.sys.Fd;
import plyfs.sys.Name;
import plyfs.sys.Syscalls;

/**
 * An object of a layer, held for one system call.
 *
 * @param fd descriptor of the object, or of the directory that certainly contains it
 * @param path below {@code fd}
 * @param acquired the reference that provides {@code fd}; null for none
 * @param opened the descriptor that was opened for this call; null for none
 */
record HeldObject(Fd fd, byte[] path, @Nullable LayerRef acquired, @Nullable Fd opened)
    implements AutoCloseable {
  /** An object by its name in a directory whose names no other thread changes. */
  static HeldObject of(Fd directory, Name name) {
    return new HeldObject(directory, name.bytes(), null, null);
  }

  /**
   * An object by its own descriptor.
   *
   * @param own result of {@link LayerRef#tryAcquire}
   */
  static HeldObject acquired(Fd own, LayerRef object) {
    return new HeldObject(own, Syscalls.SELF, object, null);
  }

  /** An object by a descriptor opened for this call. */
  static HeldObject opened(Fd owned) {
    return new HeldObject(owned, Syscalls.SELF, null, owned);
  }

  /** Releases the object. */
  @Override
  public void close() {
    if (acquired != null) {
      acquired.release();
    } else if (opened != null) {
      opened.close();
    }
  }
}
