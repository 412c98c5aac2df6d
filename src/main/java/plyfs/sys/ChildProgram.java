package plyfs.sys;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs another program and passes it a socket. Processes of the Java library close all descriptors
 * above 2, so this class uses posix_spawn(3).
 */
final class ChildProgram implements AutoCloseable {
  /** Number of the socket in the program. */
  static final int SOCKET_NUMBER = 3;

  private static final int STANDARD_ERROR = 2;
  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM_CLOEXEC = 1 | 02000000;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;

  /** {@code posix_spawn_file_actions_t} is 80 bytes in glibc, and less in musl. */
  private static final int FILE_ACTIONS_BYTES = 256;

  private final Fd socket;
  private final Fd errors;
  private final int pid;

  private ChildProgram(Fd socket, Fd errors, int pid) {
    this.socket = socket;
    this.errors = errors;
    this.pid = pid;
  }

  /**
   * Starts a program.
   *
   * @param words the program, found in PATH unless it has a slash, and its arguments
   * @param environment {@code NAME=VALUE} each
   * @throws ErrnoException ENOENT if there is no such program
   */
  static ChildProgram start(List<byte[]> words, List<byte[]> environment) throws ErrnoException {
    Fd[] sockets = pair(true);
    Fd[] pipe = null;
    try {
      pipe = pair(false);
      int pid = spawn(words, environment, pipe[1], sockets[1]);
      return new ChildProgram(sockets[0], pipe[0], pid);
    } catch (Throwable e) {
      sockets[0].close();
      if (pipe != null) {
        pipe[0].close();
      }
      throw e;
    } finally {
      sockets[1].close();
      if (pipe != null) {
        pipe[1].close();
      }
    }
  }

  private static Fd[] pair(boolean ofSockets) throws ErrnoException {
    Scratch scratch = Scratch.get();
    long address = scratch.structAddress;
    int result =
        ofSockets
            ? Syscalls.LIBC.socketpair(AF_UNIX, SOCK_STREAM_CLOEXEC, 0, address)
            : Syscalls.LIBC.pipe2(address, Linux.O_CLOEXEC);
    ErrnoException.check(Syscalls.result(result));
    int second = scratch.struct.getInt(4);
    return new Fd[] {Fd.adopt(scratch.struct.getInt(0)), Fd.adopt(second)};
  }

  private static int spawn(List<byte[]> words, List<byte[]> environment, Fd error, Fd socket)
      throws ErrnoException {
    ByteBuffer actions = memory(FILE_ACTIONS_BYTES);
    ByteBuffer arguments = strings(words);
    ByteBuffer variables = strings(environment);
    ByteBuffer pid = memory(8);
    long actionsAddress = Syscalls.addressOf(actions);
    long argumentsAddress = Syscalls.addressOf(arguments);
    requireZero(Syscalls.LIBC.posix_spawn_file_actions_init(actionsAddress));
    try {
      // Only a descriptor that an action duplicates to a number stays open in the program.
      CloseOnExec.markAll();
      requireZero(
          Syscalls.LIBC.posix_spawn_file_actions_adddup2(
              actionsAddress, error.number(), STANDARD_ERROR));
      requireZero(
          Syscalls.LIBC.posix_spawn_file_actions_adddup2(
              actionsAddress, socket.number(), SOCKET_NUMBER));
      requireZero(
          Syscalls.LIBC.posix_spawnp(
              Syscalls.addressOf(pid),
              arguments.getLong(0),
              actionsAddress,
              0,
              argumentsAddress,
              Syscalls.addressOf(variables)));
      return pid.getInt(0);
    } finally {
      Syscalls.LIBC.posix_spawn_file_actions_destroy(actionsAddress);
      Reference.reachabilityFence(arguments);
      Reference.reachabilityFence(variables);
    }
  }

  /** The posix_spawn functions return the error number itself. */
  private static void requireZero(int result) throws ErrnoException {
    ErrnoException.check(-result);
  }

  /** {@code [address of each][0][string NUL]...}, as execve(2) takes them. */
  private static ByteBuffer strings(List<byte[]> strings) {
    int pointers = 8 * (strings.size() + 1);
    int length = pointers + strings.stream().mapToInt(s -> s.length + 1).sum();
    ByteBuffer memory = memory(length);
    long address = Syscalls.addressOf(memory);
    int at = pointers;
    for (int i = 0; i < strings.size(); i++) {
      memory.putLong(8 * i, address + at).put(at, strings.get(i));
      at += strings.get(i).length + 1;
    }
    return memory;
  }

  private static ByteBuffer memory(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  /**
   * The descriptor that the program sends over its socket; null if it ends without sending one.
   *
   * @throws ErrnoException EMFILE
   * @implNote {@code struct msghdr}: {@code [name][u32 namelen][iovec*][u64 1][control*][u64
   *     length][s32 flags]}, 56 bytes; {@code struct iovec}: {@code [base][u64 length]}; {@code
   *     struct cmsghdr}: {@code [u64 length][s32 level][s32 type][data]}
   */
  @Nullable Fd receiveDescriptor() throws ErrnoException {
    ByteBuffer memory = memory(128);
    long address = Syscalls.addressOf(memory);
    int vectorAt = 56;
    int byteAt = 72;
    int controlAt = 80;
    long result;
    do {
      memory.putLong(16, address + vectorAt).putLong(24, 1);
      memory.putLong(32, address + controlAt).putLong(40, 24);
      memory.putLong(vectorAt, address + byteAt).putLong(vectorAt + 8, 1);
      result = Syscalls.result(Syscalls.LIBC.recvmsg(socket.number(), address, MSG_CMSG_CLOEXEC));
    } while (Syscalls.interrupted(result));
    ErrnoException.check(result);
    boolean isThere =
        result > 0
            && memory.getLong(40) >= 20
            && memory.getInt(controlAt + 8) == SOL_SOCKET
            && memory.getInt(controlAt + 12) == SCM_RIGHTS;
    return isThere ? Fd.adopt(memory.getInt(controlAt + 16)) : null;
  }

  /**
   * Waits for the end of the program; returns its standard error, or an empty text if the exit code
   * is 0.
   */
  String awaitEnd() throws ErrnoException {
    String text = new String(allErrors(), UTF_8).strip();
    ByteBuffer status = memory(8);
    int result;
    do {
      result = Syscalls.result(Syscalls.LIBC.waitpid(pid, Syscalls.addressOf(status), 0));
    } while (Syscalls.interrupted(result));
    ErrnoException.check(result);
    int code = status.getInt(0);
    if (code == 0) {
      return "";
    }
    return text.isEmpty() ? "it ended with status " + (code >> 8) : text;
  }

  private byte[] allErrors() throws ErrnoException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteBuffer memory = memory(4096);
    byte[] chunk = new byte[memory.capacity()];
    while (true) {
      long count = FileSyscalls.read(errors, Syscalls.addressOf(memory), chunk.length);
      ErrnoException.check(count);
      if (count == 0) {
        return all.toByteArray();
      }
      memory.get(0, chunk, 0, (int) count);
      all.write(chunk, 0, (int) count);
    }
  }

  /** A word for {@link #start}. */
  static byte[] word(String text) {
    return text.getBytes(US_ASCII);
  }

  @Override
  public void close() {
    socket.close();
    errors.close();
  }
}
