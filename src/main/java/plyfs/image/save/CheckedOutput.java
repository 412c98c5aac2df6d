package plyfs.image.save;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.function.BooleanSupplier;
import plyfs.image.disk.StoreFiles;

/** Says in its failures what could not be written, and stops when a person asks for it. */
final class CheckedOutput extends FilterOutputStream {
  private final String label;
  private final BooleanSupplier isCancelled;

  CheckedOutput(OutputStream out, String label, BooleanSupplier isCancelled) {
    super(out);
    this.label = label;
    this.isCancelled = isCancelled;
  }

  @Override
  public void write(int oneByte) throws IOException {
    write(new byte[] {(byte) oneByte}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (isCancelled.getAsBoolean()) {
      throw new IOException("interrupted, nothing is saved");
    }
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      throw new OutputException(label, StoreFiles.reason(e), e);
    }
  }

  @Override
  public void flush() throws IOException {
    try {
      out.flush();
    } catch (IOException e) {
      throw new OutputException(label, StoreFiles.reason(e), e);
    }
  }
}
