package plyfs.container.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.base.Splitter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.List;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/** Looks into the mounted root of a container; symbolic links stay inside. */
public final class ContainerRoot implements AutoCloseable {
  private static final int RESOLVE = Linux.RESOLVE_IN_ROOT | Linux.RESOLVE_NO_MAGICLINKS;
  private static final int MOST_BYTES = 1 << 20;
  private static final int EXECUTABLE = 0111;

  private final Fd root;

  /** Opens a root. */
  public ContainerRoot(byte[] path) throws IOException {
    try {
      root = Fd.open(path, Linux.O_PATH | Linux.O_DIRECTORY);
    } catch (ErrnoException e) {
      throw new IOException("cannot open the root of the container: " + e.getMessage(), e);
    }
  }

  /** How a program that is not there, or cannot run, is told. */
  public static final class NoProgramException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    NoProgramException(int exitCode, String message) {
      super(message);
      this.exitCode = exitCode;
    }

    /** 127: there is none; 126: it cannot run. */
    public int exitCode() {
      return exitCode;
    }
  }

  /** Text of a file of at most 1 MiB; empty where there is none. */
  public String text(String path) throws IOException {
    try (Fd file = Fd.openat2(root, path.getBytes(UTF_8), Linux.O_RDONLY, 0, RESOLVE)) {
      return text(file);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
        return "";
      }
      throw new IOException("cannot read " + path + " in the container: " + e.getMessage(), e);
    }
  }

  private static String text(Fd file) throws ErrnoException {
    ByteBuffer memory = ByteBuffer.allocateDirect(1 << 16);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      long address = Syscalls.addressOf(memory);
      long read;
      do {
        read = ErrnoException.check(FileSyscalls.read(file, address, memory.capacity()));
        byte[] part = new byte[(int) read];
        memory.get(0, part);
        all.writeBytes(part);
      } while (read > 0 && all.size() < MOST_BYTES);
    } finally {
      Reference.reachabilityFence(memory);
    }
    return all.toString(UTF_8);
  }

  /**
   * The path of a program in the container.
   *
   * @param search directories of PATH
   * @throws NoProgramException with Docker's sentence
   */
  public String program(String name, String search, String workingDirectory)
      throws NoProgramException {
    if (name.contains("/")) {
      String path = name.startsWith("/") ? name : workingDirectory + "/" + name;
      int errno = tryProgram(path);
      if (errno == 0) {
        return path;
      }
      String why = errno == Errno.ENOENT ? "no such file or directory" : "permission denied";
      throw new NoProgramException(
          errno == Errno.ENOENT ? 127 : 126, "exec: \"" + name + "\": " + why);
    }
    List<String> directories = Splitter.on(':').omitEmptyStrings().splitToList(search);
    for (String directory : directories) {
      if (tryProgram(directory + "/" + name) == 0) {
        return directory + "/" + name;
      }
    }
    throw new NoProgramException(127, "exec: \"" + name + "\": executable file not found in $PATH");
  }

  private int tryProgram(String path) {
    Stat stat = new Stat();
    try (Fd file = Fd.openat2(root, path.getBytes(UTF_8), Linux.O_PATH, 0, RESOLVE)) {
      ErrnoException.check(Syscalls.statx(file, Syscalls.SELF, stat));
    } catch (ErrnoException e) {
      return Errno.ENOENT;
    }
    return stat.isRegular() && (stat.mode() & EXECUTABLE) != 0 ? 0 : Errno.EACCES;
  }

  /** Makes a directory with those above it, of this owner, where there is none. */
  public void makeDirectory(String path, int uid, int gid) throws IOException {
    StringBuilder walked = new StringBuilder();
    try {
      for (String name : Splitter.on('/').omitEmptyStrings().split(path)) {
        String above = walked.length() == 0 ? "/" : walked.toString();
        walked.append('/').append(name);
        make(above, walked.toString(), name, uid, gid);
      }
    } catch (ErrnoException e) {
      throw new IOException("cannot make the working directory " + path + ": " + e.getMessage(), e);
    }
  }

  private void make(String above, String path, String name, int uid, int gid)
      throws ErrnoException {
    int flags = Linux.O_PATH | Linux.O_DIRECTORY;
    try {
      Fd.openat2(root, path.getBytes(UTF_8), flags, 0, RESOLVE).close();
    } catch (ErrnoException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
      try (Fd directory = Fd.openat2(root, above.getBytes(UTF_8), flags, 0, RESOLVE)) {
        byte[] bytes = name.getBytes(UTF_8);
        ErrnoException.check(Syscalls.mkdirat(directory, bytes, 0755));
        ErrnoException.check(Syscalls.chownat(directory, bytes, uid, gid));
      }
    }
  }

  @Override
  public void close() {
    root.close();
  }
}
