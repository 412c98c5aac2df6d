package plyfs.cli;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Syscalls;

/** Paths as given on the command line, which are bytes. */
public final class GivenPath {
  private static final int PATH_ONLY = Linux.O_PATH;

  private GivenPath() {}

  /**
   * Absolute path of an existing directory, without symbolic links.
   *
   * @param what names the path in the message, such as {@code mount point}
   * @param exitCode for the failure
   */
  public static byte[] absoluteDirectory(String what, byte[] path, int exitCode)
      throws CommandFailure {
    try (Fd fd = Fd.open(path, PATH_ONLY | Linux.O_DIRECTORY)) {
      return Syscalls.realPath(fd);
    } catch (ErrnoException e) {
      throw new CommandFailure(exitCode, what + " " + Name.printable(path) + ": " + e.getMessage());
    }
  }

  /**
   * As {@link #absoluteDirectory}, but the last component may be missing.
   *
   * @return null if the parent directory does not exist either
   */
  public static byte @Nullable [] absoluteEvenIfMissing(byte[] path) {
    try (Fd fd = Fd.open(path, PATH_ONLY | Linux.O_DIRECTORY)) {
      return Syscalls.realPath(fd);
    } catch (ErrnoException e) {
      return absoluteInItsDirectory(path);
    }
  }

  private static byte @Nullable [] absoluteInItsDirectory(byte[] path) {
    int slash = path.length - 1;
    while (slash >= 0 && path[slash] != '/') {
      slash--;
    }
    if (!Name.isComponent(Arrays.copyOfRange(path, slash + 1, path.length))) {
      return null;
    }
    byte[] above = slash < 0 ? new byte[] {'.'} : Arrays.copyOf(path, slash + 1);
    try (Fd fd = Fd.open(above, PATH_ONLY | Linux.O_DIRECTORY)) {
      byte[] directory = Syscalls.realPath(fd);
      int end = directory.length == 1 ? 0 : directory.length;
      byte[] all = Arrays.copyOf(directory, end + 1 + path.length - slash - 1);
      all[end] = '/';
      System.arraycopy(path, slash + 1, all, end + 1, path.length - slash - 1);
      return all;
    } catch (ErrnoException e) {
      return null;
    }
  }

  /**
   * A path for the Java library.
   *
   * @throws CommandFailure the bytes are not UTF-8, which the Java library cannot represent
   */
  public static Path javaPath(byte[] path) throws CommandFailure {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(path)).toString();
      return Path.of(text);
    } catch (CharacterCodingException | InvalidPathException e) {
      throw new CommandFailure(
          "path "
              + Name.printable(path)
              + " is not valid UTF-8: rename it, or give a symbolic link to it");
    }
  }

  /** The bytes of a path of the Java library. */
  public static byte[] bytes(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Whether the last bytes of a path are these. */
  public static boolean endsWith(byte[] path, String end) {
    int start = path.length - end.length();
    boolean ends = start >= 0;
    for (int i = 0; ends && i < end.length(); i++) {
      ends = path[start + i] == end.charAt(i);
    }
    return ends;
  }
}
