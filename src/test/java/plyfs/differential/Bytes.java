package plyfs.differential;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.Arrays;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Syscalls;

/** Content of files, to and from descriptors. */
final class Bytes {
  private static final int MOST = 1 << 16;
  private static final ThreadLocal<ByteBuffer> MEMORY =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(MOST));

  private Bytes() {}

  static byte[] of(String latin1) {
    return latin1.getBytes(ISO_8859_1);
  }

  /** Content that tells which operation made it. */
  static byte[] pattern(Op op, int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) ('A' + op.pick(90, 50)));
    return bytes;
  }

  static long pwrite(Fd file, byte[] bytes, long offset) throws ErrnoException {
    long address = Syscalls.addressOf(MEMORY.get().put(0, bytes));
    return ErrnoException.check(FileSyscalls.pwrite(file, address, bytes.length, offset));
  }

  static long write(Fd file, byte[] bytes) throws ErrnoException {
    long address = Syscalls.addressOf(MEMORY.get().put(0, bytes));
    return ErrnoException.check(FileSyscalls.write(file, address, bytes.length));
  }

  static byte[] pread(Fd file, int count, long offset) throws ErrnoException {
    ByteBuffer memory = MEMORY.get();
    long read =
        ErrnoException.check(
            FileSyscalls.pread(file, Syscalls.addressOf(memory), Math.min(count, MOST), offset));
    byte[] bytes = new byte[(int) read];
    memory.get(0, bytes);
    return bytes;
  }

  /** Length and a hash. */
  static String digest(byte[] bytes) {
    return bytes.length + " bytes, hash " + Integer.toHexString(Arrays.hashCode(bytes));
  }
}
