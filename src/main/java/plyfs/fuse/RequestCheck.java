package plyfs.fuse;

import plyfs.fuse.abi.BatchForgetIn;
import plyfs.fuse.abi.ForgetOne;
import plyfs.fuse.abi.IoctlIn;
import plyfs.fuse.abi.SetxattrIn;
import plyfs.fuse.abi.WriteIn;
import plyfs.sys.ErrnoException;

/** Checks the sizes inside a request, so that no handler reads beyond its memory. */
final class RequestCheck {
  private RequestCheck() {}

  /**
   * Whether the op struct is complete and the payload contains the bytes that the struct announces.
   */
  static boolean isWellFormed(Opcode opcode, Request request) {
    if (request.opSize() < opcode.inSize()) {
      return false;
    }
    return switch (opcode) {
      case WRITE -> fits(WriteIn.size(request), request.payloadSize());
      case IOCTL -> fits(IoctlIn.inSize(request), request.payloadSize());
      case BATCH_FORGET ->
          fits(BatchForgetIn.count(request), request.payloadSize() / ForgetOne.SIZEOF);
      case SETXATTR -> hasValue(request);
      default -> true;
    };
  }

  private static boolean fits(int count, int available) {
    return count >= 0 && count <= available;
  }

  private static boolean hasValue(Request request) {
    try {
      int valueAt = request.offsetAfterStrings(1);
      return fits(SetxattrIn.size(request), request.payloadSize() - valueAt);
    } catch (ErrnoException e) {
      // The name lacks its NUL.
      return false;
    }
  }
}
