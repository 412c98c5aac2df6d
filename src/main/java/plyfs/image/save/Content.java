package plyfs.image.save;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import plyfs.image.disk.StoreFiles;
import plyfs.image.model.Digest;
import plyfs.image.tree.LayerTar;

/** One file of a saved image, written when its turn comes. */
interface Content {
  int BUFFER_BYTES = 1 << 18;

  /** Bytes that {@link #write} is going to write. */
  long size() throws IOException;

  /**
   * Writes all of it.
   *
   * @throws IOException if it is not what its digest promises, for one
   */
  void write(OutputStream out) throws IOException;

  /** A document. */
  static Content of(byte[] bytes) {
    return new Content() {
      @Override
      public long size() {
        return bytes.length;
      }

      @Override
      public void write(OutputStream out) throws IOException {
        out.write(bytes);
      }
    };
  }

  /** What the store keeps as it came. */
  static Content ofBlob(Path blob, Digest digest) {
    return new Content() {
      @Override
      public long size() throws IOException {
        try {
          return Files.size(blob);
        } catch (IOException e) {
          throw cannotRead(e);
        }
      }

      @Override
      public void write(OutputStream out) throws IOException {
        MessageDigest found = digest.newMessageDigest();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = open()) {
          int read;
          while ((read = read(in, buffer)) >= 0) {
            found.update(buffer, 0, read);
            out.write(buffer, 0, read);
          }
        }
        if (!Digest.of(digest.algorithm(), found.digest()).equals(digest)) {
          throw new IOException(blob + " was changed in the store; 'plyfs verify' checks all");
        }
      }

      private InputStream open() throws IOException {
        try {
          return Files.newInputStream(blob);
        } catch (IOException e) {
          throw cannotRead(e);
        }
      }

      private int read(InputStream in, byte[] buffer) throws IOException {
        try {
          return in.read(buffer);
        } catch (IOException e) {
          throw cannotRead(e);
        }
      }

      private IOException cannotRead(IOException cause) {
        return new IOException("cannot read " + blob + ": " + StoreFiles.reason(cause), cause);
      }
    };
  }

  /** A layer that is not compressed. */
  static Content of(LayerTar tar) {
    return new Content() {
      private long known = -1;

      @Override
      public long size() throws IOException {
        if (known < 0) {
          known = tar.size();
        }
        return known;
      }

      @Override
      public void write(OutputStream out) throws IOException {
        tar.write(out);
      }
    };
  }
}
