package plyfs.image.disk;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file that is written on the way of bytes to somewhere else. What goes wrong, a full disk for
 * one, is noted and does not disturb that; {@link #complete} tells it.
 */
public final class FileCopy extends OutputStream {
  private static final int BUFFER_BYTES = 1 << 16;

  private final Path file;
  private final OutputStream out;
  private @Nullable IOException failure;

  /** Makes a file, which must not be there. */
  public FileCopy(Path file) throws IOException {
    this.file = file;
    try {
      out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES);
    } catch (IOException e) {
      throw cannotWrite(e);
    }
  }

  private IOException cannotWrite(IOException cause) {
    return new IOException("cannot write " + file + ": " + StoreFiles.reason(cause), cause);
  }

  @Override
  public void write(int oneByte) {
    write(new byte[] {(byte) oneByte}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    if (failure == null) {
      try {
        out.write(bytes, offset, length);
      } catch (IOException e) {
        failure = cannotWrite(e);
      }
    }
  }

  /**
   * Ends the file.
   *
   * @throws IOException if not all of it could be written
   */
  public void complete() throws IOException {
    close();
    if (failure != null) {
      throw failure;
    }
  }

  /** Ends the file, which may not be whole. */
  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      if (failure == null) {
        failure = cannotWrite(e);
      }
    }
  }
}
