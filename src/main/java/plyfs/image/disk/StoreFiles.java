package plyfs.image.disk;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import plyfs.image.model.BadImageException;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/** Small files of the store, with messages that name the file. */
public final class StoreFiles {
  private static final int BUFFER_BYTES = 1 << 16;

  /** What Java itself uses to turn a path into bytes. */
  private static final Charset PATHS =
      Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

  private StoreFiles() {}

  public static byte[] bytes(Path path) {
    return path.toAbsolutePath().toString().getBytes(PATHS);
  }

  /** The path that {@link #bytes} turns into these. */
  public static Path path(byte[] bytes) {
    return Path.of(new String(bytes, PATHS));
  }

  /** The last component of a path. */
  static byte[] nameBytes(Path path) {
    return path.toAbsolutePath().getFileName().toString().getBytes(PATHS);
  }

  /** Type of an object, {@code S_IF*}; 0 where there is none. */
  public static int type(Path path) throws IOException {
    Stat stat = new Stat();
    int result = Syscalls.statx(Fd.CWD, bytes(path), stat);
    if (result == -Errno.ENOENT || result == -Errno.ENOTDIR) {
      return 0;
    }
    if (result < 0) {
      throw new IOException("cannot read " + path + ": " + Errno.describe(-result));
    }
    return stat.type();
  }

  public static Fd openDirectory(Path path) throws IOException {
    try {
      return Fd.open(bytes(path), Linux.O_RDONLY | Linux.O_DIRECTORY);
    } catch (ErrnoException e) {
      throw new IOException("cannot open the directory " + path + ": " + e.getMessage(), e);
    }
  }

  static void write(Path file, byte[] content) throws IOException {
    try {
      Files.write(file, content);
    } catch (IOException e) {
      throw new IOException("cannot write " + file + ": " + reason(e), e);
    }
  }

  static void write(Path file, String content) throws IOException {
    write(file, content.getBytes(UTF_8));
  }

  /** Makes a directory with those above it. */
  static void makeDirectories(Path directory) throws IOException {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new IOException("cannot make the directory " + directory + ": " + reason(e), e);
    }
  }

  /**
   * Copies a decompressed stream into a file.
   *
   * @param label what is read, for messages
   */
  public static void copy(InputStream in, String label, Path file) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    try (var out = Files.newOutputStream(file)) {
      while (true) {
        int read;
        try {
          read = in.read(buffer);
        } catch (IOException e) {
          throw new BadImageException("it cannot be decompressed: " + e.getMessage(), e);
        }
        if (read < 0) {
          return;
        }
        out.write(buffer, 0, read);
      }
    } catch (BadImageException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException("cannot write " + file + " for " + label + ": " + reason(e), e);
    }
  }

  /** The part of a message that is not the path, which we say ourselves. */
  public static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "No such file or directory";
    }
    if (e instanceof AccessDeniedException) {
      return "Permission denied";
    }
    String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
    return reason == null ? e.getClass().getSimpleName() : reason;
  }
}
