package plyfs.image.transfer;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.zip.GZIPOutputStream;
import plyfs.image.model.Digest;
import plyfs.image.save.ImageParts;

/**
 * A layer as it is sent: the blob that the store keeps, or one that is made in a temporary file
 * without a name.
 */
final class PackedLayer implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 16;

  private final FileChannel file;
  private final Digest digest;

  private PackedLayer(FileChannel file, Digest digest) {
    this.file = file;
    this.digest = digest;
  }

  static PackedLayer of(ImageParts parts, ImageParts.Layer layer) throws IOException {
    Path blob = layer.blob();
    Digest known = layer.digest();
    if (blob != null && known != null) {
      return new PackedLayer(FileChannel.open(blob, StandardOpenOption.READ), known);
    }
    FileChannel made = temporaryFile();
    try {
      Counted out = new Counted(made);
      if (known != null) {
        parts.writeTar(layer, out); // the manifest names the tar itself
      } else {
        // Level and header are always the same, so one zlib gives the same bytes each time.
        GZIPOutputStream gzip = new GZIPOutputStream(out, BUFFER_BYTES);
        parts.writeTar(layer, gzip);
        gzip.finish();
      }
      out.flush();
      return new PackedLayer(made, out.digest());
    } catch (Throwable e) {
      made.close();
      throw e;
    }
  }

  private static FileChannel temporaryFile() throws IOException {
    Path path = Files.createTempFile("plyfs-push", "");
    try {
      return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } finally {
      Files.delete(path);
    }
  }

  /** Computes the digest on the way. */
  private static final class Counted extends FilterOutputStream {
    private final MessageDigest sha256 = Digest.newMessageDigest("sha256");

    Counted(FileChannel file) {
      super(new BufferedOutputStream(Channels.newOutputStream(file), BUFFER_BYTES));
    }

    @Override
    public void write(int oneByte) throws IOException {
      write(new byte[] {(byte) oneByte}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      sha256.update(bytes, offset, length);
      out.write(bytes, offset, length);
    }

    Digest digest() {
      return Digest.of("sha256", sha256.digest());
    }
  }

  FileChannel file() {
    return file;
  }

  Digest digest() {
    return digest;
  }

  long size() throws IOException {
    return file.size();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
