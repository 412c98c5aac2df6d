package plyfs.image.save;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/** Where a tar goes to: a file, which appears when it is whole, or a stream. */
public final class TarTarget {
  private static final int BUFFER_BYTES = 1 << 18;

  private TarTarget() {}

  /** Writes the tar. */
  @FunctionalInterface
  public interface Writer {
    /**
     * Writes it.
     *
     * @param out buffered
     */
    void write(OutputStream out) throws IOException;
  }

  /**
   * Writes a file; a device or pipe is written to as it is.
   *
   * @param isCancelled asked now and then: whether to give up
   * @throws OutputException if the file cannot be written; there is none then
   */
  public static void write(Path place, BooleanSupplier isCancelled, Writer writer)
      throws IOException {
    try (NewFile file = NewFile.beside(place)) {
      write(file.stream(), place.toString(), isCancelled, writer);
      file.commit();
    }
  }

  /**
   * Writes to a stream, which stays open.
   *
   * @param label what it is, for messages
   */
  public static void write(
      OutputStream stream, String label, BooleanSupplier isCancelled, Writer writer)
      throws IOException {
    OutputStream out =
        new BufferedOutputStream(new CheckedOutput(stream, label, isCancelled), BUFFER_BYTES);
    writer.write(out);
    out.flush();
  }
}
