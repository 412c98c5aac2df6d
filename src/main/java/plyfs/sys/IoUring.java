package plyfs.sys;

import com.kenai.jffi.MemoryIO;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One io_uring for commands to a device, used by the one thread that made it: 128-byte submissions,
 * 16-byte completions, memory shared with the kernel.
 *
 * <p>{@code struct io_uring_params}, 120 bytes: {@code [u32 sq_entries][u32 cq_entries][u32
 * flags]...[u32 features at 20]...[struct io_sqring_offsets at 40][struct io_cqring_offsets at
 * 80]}.
 *
 * @implNote Linux include/uapi/linux/io_uring.h; io_uring(7)
 */
public final class IoUring implements CommandRing {
  private static final long NR_SETUP = 425;
  private static final long NR_ENTER = 426;

  private static final int SETUP_SUBMIT_ALL = 1 << 7;
  private static final int SETUP_SQE128 = 1 << 10;
  private static final int SETUP_SINGLE_ISSUER = 1 << 12;
  private static final int SETUP_DEFER_TASKRUN = 1 << 13;
  private static final int FEATURE_SINGLE_MMAP = 1;
  private static final int ENTER_GETEVENTS = 1;

  private static final long OFFSET_RINGS = 0;
  private static final long OFFSET_SQES = 0x10000000L;
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_SHARED_POPULATE = 0x8001;

  private static final int PARAMS_BYTES = 120;
  private static final int SQ_OFFSETS = 40;
  private static final int CQ_OFFSETS = 80;

  private static final int SQE_BYTES = 128;
  private static final int CQE_BYTES = 16;
  private static final byte OPCODE_COMMAND = 46;

  /** Offset in a submission of the 80 bytes of the command. */
  private static final int COMMAND_AT = 48;

  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

  private final Fd fd;
  private final ByteBuffer rings;
  private final ByteBuffer submissions;
  private final int submissionTail;
  private final int submissionMask;
  private final int completionHead;
  private final int completionTail;
  private final int completionMask;
  private final int completionsAt;
  private final long ringsAddress;
  private final long submissionsAddress;
  private int unsubmitted;
  private int result;

  /**
   * A ring.
   *
   * @param entries number of submissions before an {@link #enter}
   * @throws ErrnoException ENOSYS or EPERM if the kernel does not support or permit it; EINVAL
   *     before Linux 6.1; ENOMEM
   */
  public IoUring(int entries) throws ErrnoException {
    this(entries, IoUring::map);
  }

  /** Maps memory shared with the kernel; returns its address, or a negated error number. */
  interface Mapper {
    long map(Fd ring, int bytes, long offset);
  }

  IoUring(int entries, Mapper mapper) throws ErrnoException {
    ByteBuffer params = ByteBuffer.allocateDirect(PARAMS_BYTES).order(ByteOrder.nativeOrder());
    params.putInt(8, SETUP_SUBMIT_ALL | SETUP_SQE128 | SETUP_SINGLE_ISSUER | SETUP_DEFER_TASKRUN);
    this.fd =
        Fd.adopt(
            (int)
                Syscalls.result(
                    Syscalls.LIBC.syscall(NR_SETUP, entries, Syscalls.addressOf(params), 0)));
    int ringBytes =
        Math.max(
            params.getInt(SQ_OFFSETS + 24) + params.getInt(0) * Integer.BYTES,
            params.getInt(CQ_OFFSETS + 20) + params.getInt(4) * CQE_BYTES);
    int submissionBytes = params.getInt(0) * SQE_BYTES;
    long mapped = 0;
    try {
      if ((params.getInt(20) & FEATURE_SINGLE_MMAP) == 0) {
        throw ErrnoException.of(Errno.EINVAL);
      }
      mapped = ErrnoException.check(mapper.map(fd, ringBytes, OFFSET_RINGS));
      this.ringsAddress = mapped;
      this.submissionsAddress = ErrnoException.check(mapper.map(fd, submissionBytes, OFFSET_SQES));
    } catch (Throwable e) {
      if (mapped != 0) {
        Syscalls.LIBC.munmap(mapped, ringBytes);
      }
      fd.close();
      throw e;
    }
    this.rings = memory(ringsAddress, ringBytes);
    this.submissions = memory(submissionsAddress, submissionBytes);
    this.submissionTail = params.getInt(SQ_OFFSETS + 4);
    this.submissionMask = rings.getInt(params.getInt(SQ_OFFSETS + 8));
    this.completionHead = params.getInt(CQ_OFFSETS);
    this.completionTail = params.getInt(CQ_OFFSETS + 4);
    this.completionMask = rings.getInt(params.getInt(CQ_OFFSETS + 8));
    this.completionsAt = params.getInt(CQ_OFFSETS + 20);
    int array = params.getInt(SQ_OFFSETS + 24);
    for (int i = 0; i <= submissionMask; i++) {
      rings.putInt(array + i * Integer.BYTES, i);
    }
  }

  /** Whether the kernel supports such rings and permits this process to create them. */
  public static boolean isAvailable() {
    try {
      new IoUring(1).close();
      return true;
    } catch (ErrnoException e) {
      return false;
    }
  }

  static long map(Fd ring, int bytes, long offset) {
    return Syscalls.result(
        Syscalls.LIBC.mmap(0, bytes, PROT_READ_WRITE, MAP_SHARED_POPULATE, ring.number(), offset));
  }

  private static ByteBuffer memory(long address, int bytes) {
    return MemoryIO.getInstance()
        .newDirectByteBuffer(address, bytes)
        .order(ByteOrder.nativeOrder());
  }

  @Override
  public int add(Fd device, int command, long address, int length) {
    int tail = rings.getInt(submissionTail);
    int at = (tail & submissionMask) * SQE_BYTES;
    for (int i = 0; i < SQE_BYTES; i += Long.BYTES) {
      submissions.putLong(at + i, 0);
    }
    submissions
        .put(at, OPCODE_COMMAND)
        .putInt(at + 4, device.number())
        .putInt(at + 8, command)
        .putLong(at + 16, address)
        .putInt(at + 24, length);
    INT.setRelease(rings, submissionTail, tail + 1);
    unsubmitted++;
    return at + COMMAND_AT;
  }

  @Override
  public ByteBuffer submissions() {
    return submissions;
  }

  @Override
  public int submit() {
    return enter(0, 0);
  }

  @Override
  public int enter() {
    return enter(1, ENTER_GETEVENTS);
  }

  private int enter(int awaited, int flags) {
    long submitted =
        Syscalls.result(
            Syscalls.LIBC.syscall(NR_ENTER, fd.number(), unsubmitted, awaited, flags, 0));
    if (submitted < 0) {
      return (int) submitted;
    }
    unsubmitted -= (int) submitted;
    return 0;
  }

  @Override
  public boolean takeCompletion() {
    int head = rings.getInt(completionHead);
    if (head == (int) INT.getAcquire(rings, completionTail)) {
      return false;
    }
    result = rings.getInt(completionsAt + (head & completionMask) * CQE_BYTES + 8);
    INT.setRelease(rings, completionHead, head + 1);
    return true;
  }

  @Override
  public int result() {
    return result;
  }

  @Override
  public void close() {
    Syscalls.LIBC.munmap(submissionsAddress, submissions.capacity());
    Syscalls.LIBC.munmap(ringsAddress, rings.capacity());
    fd.close();
  }
}
