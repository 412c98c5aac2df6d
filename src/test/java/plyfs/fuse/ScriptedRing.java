package plyfs.fuse;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import plyfs.fuse.abi.InHeader;
import plyfs.fuse.abi.OutHeader;
import plyfs.fuse.abi.UringCommand;
import plyfs.fuse.abi.UringHeader;
import plyfs.sys.CommandRing;
import plyfs.sys.Errno;
import plyfs.sys.Fd;

/** The kernel's end of one ring, which does what a list of steps says. */
final class ScriptedRing implements CommandRing {
  private static final int COMMAND_BYTES = 80;

  /** What a wait comes to: a request, or an error number of the command, or of the wait itself. */
  private record Step(byte[] request, int error, int waitError) {}

  private final ByteBuffer submissions =
      ByteBuffer.allocateDirect(COMMAND_BYTES).order(ByteOrder.nativeOrder());
  private final BlockingQueue<Step> steps = new LinkedBlockingQueue<>();
  private final Deque<Integer> completions = new ArrayDeque<>();
  private long headerAddress;
  private long payloadAddress;
  private int command;
  private int result;

  /** {@code REGISTER} and answers, in their order: {@code UNIQUE:ERROR}, as the kernel saw them. */
  final List<String> submitted = new CopyOnWriteArrayList<>();

  volatile boolean isClosed;

  /** The command that is waited for brings a request. */
  ScriptedRing request(RequestBytes request) {
    steps.add(new Step(request.build(), 0, 0));
    return this;
  }

  /** The command that is waited for fails. */
  ScriptedRing failure(int errno) {
    steps.add(new Step(new byte[0], errno, 0));
    return this;
  }

  /** The wait fails. */
  ScriptedRing failureToWait(int errno) {
    steps.add(new Step(new byte[0], 0, errno));
    return this;
  }

  ScriptedRing unmount() {
    return failure(Errno.ENOTCONN);
  }

  @Override
  public int add(Fd device, int newCommand, long address, int length) {
    command = newCommand;
    if (newCommand == UringCommand.REGISTER) {
      headerAddress = MemoryIO.getInstance().getLong(address);
      payloadAddress = MemoryIO.getInstance().getLong(address + 16);
    }
    return 0;
  }

  @Override
  public ByteBuffer submissions() {
    return submissions;
  }

  @Override
  public int submit() {
    if (command == UringCommand.REGISTER) {
      submitted.add("REGISTER");
    } else if (command == UringCommand.COMMIT_AND_FETCH) {
      long unique = MemoryIO.getInstance().getLong(headerAddress + OutHeader.UNIQUE);
      int error = MemoryIO.getInstance().getInt(headerAddress + OutHeader.ERROR);
      submitted.add(unique + ":" + error);
    }
    command = 0;
    return 0;
  }

  @Override
  public int enter() {
    submit();
    Step step;
    try {
      step = steps.take();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    if (step.waitError != 0) {
      return -step.waitError;
    }
    if (step.error == 0) {
      put(step.request);
    }
    completions.add(-step.error);
    return 0;
  }

  private void put(byte[] request) {
    ByteBuffer bytes = ByteBuffer.wrap(request).order(ByteOrder.nativeOrder());
    Opcode opcode = Objects.requireNonNull(Opcode.of(bytes.getInt(InHeader.OPCODE)));
    MemoryIO memory = MemoryIO.getInstance();
    memory.putByteArray(headerAddress, request, 0, InHeader.SIZEOF);
    memory.putByteArray(headerAddress + UringHeader.OP, request, InHeader.SIZEOF, opcode.inSize());
    int payloadAt = InHeader.SIZEOF + opcode.inSize();
    memory.putByteArray(payloadAddress, request, payloadAt, request.length - payloadAt);
    memory.putInt(headerAddress + UringHeader.PAYLOAD_SIZE, request.length - payloadAt);
  }

  @Override
  public boolean takeCompletion() {
    Integer next = completions.poll();
    if (next != null) {
      result = next;
    }
    return next != null;
  }

  @Override
  public int result() {
    return result;
  }

  @Override
  public void close() {
    isClosed = true;
  }
}
