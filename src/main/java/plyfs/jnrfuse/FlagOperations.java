package plyfs.jnrfuse;

import java.util.function.Supplier;
import jnr.ffi.Pointer;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.FlagsForm;
import plyfs.union.UnionFs;

/**
 * The ioctls of chattr(1) and lsattr(1); every other ioctl gives ENOTTY. The kernel reads the old
 * flags and decides whether the caller may set a flag.
 */
final class FlagOperations {
  private final UnionFs union;
  private final OpenNodes opens;
  private final Supplier<PendingRequest> requests;

  FlagOperations(UnionFs union, OpenNodes opens, Supplier<PendingRequest> requests) {
    this.union = union;
    this.opens = opens;
    this.requests = requests;
  }

  /** Whether the ioctl is supported. */
  static boolean isKnown(int command) {
    for (FlagsForm form : FlagsForm.values()) {
      if (command == form.getRequest() || command == form.setRequest()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Performs an ioctl on an open file or directory.
   *
   * @param data input or output of the ioctl
   */
  void ioctl(long number, int command, Pointer data) throws ErrnoException {
    for (FlagsForm form : FlagsForm.values()) {
      if (command == form.getRequest()) {
        data.put(0, union.getFlags(opens.node(number), form), 0, form.bytes());
        return;
      }
      if (command == form.setRequest()) {
        byte[] value = new byte[form.bytes()];
        data.get(0, value, 0, value.length);
        union.setFlags(opens.node(number), form, value, requests.get().caller());
        return;
      }
    }
    throw ErrnoException.of(Errno.ENOTTY);
  }
}
