package plyfs.image.load;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/** Writes a new file, in which long zeros are holes: a layer may hold a file of a terabyte. */
final class SparseOutput extends OutputStream {
  private static final int LEAST_HOLE = 1 << 12;

  private final FileChannel file;
  private byte[] zeros = {};

  SparseOutput(Path path) throws IOException {
    file = FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
  }

  @Override
  public void write(int oneByte) throws IOException {
    write(new byte[] {(byte) oneByte}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (length >= LEAST_HOLE && isZero(bytes, offset, length)) {
      file.position(file.position() + length);
      return;
    }
    ByteBuffer left = ByteBuffer.wrap(bytes, offset, length);
    while (left.hasRemaining()) {
      file.write(left);
    }
  }

  private boolean isZero(byte[] bytes, int offset, int length) {
    if (zeros.length < length) {
      zeros = new byte[length];
    }
    return Arrays.equals(bytes, offset, offset + length, zeros, 0, length);
  }

  /** A hole at the end needs a last byte. */
  @Override
  public void close() throws IOException {
    try (file) {
      long end = file.position();
      if (end > file.size()) {
        file.write(ByteBuffer.wrap(new byte[1]), end - 1);
      }
    }
  }
}
