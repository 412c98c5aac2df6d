package plyfs.image.load;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.BadImageException;
import plyfs.image.model.ConfigDraft;
import plyfs.image.model.Digest;
import plyfs.image.model.ProgressListener;
import plyfs.image.model.Reference;
import plyfs.image.source.Compression;
import plyfs.image.store.LayerStore;

/** Makes an image of the tar of a file system. */
public final class TreeImport {
  private static final int BUFFER_BYTES = 1 << 18;

  private TreeImport() {}

  /**
   * Makes it.
   *
   * @param tar plain, or compressed with gzip, bzip2, xz or zstd; stays the caller's to close
   * @param label what it is, for messages
   * @return the image ID
   * @throws BadImageException if it is not a sound tar
   */
  public static Digest run(
      InputStream tar,
      String label,
      LayerStore store,
      ConfigDraft config,
      ConfigDraft.Step step,
      @Nullable Reference name,
      ProgressListener listener)
      throws IOException {
    try {
      InputStream plain = Compression.decompress(tar, label);
      return ImageMaker.make(store, config, step, out -> copy(plain, out), name, listener);
    } catch (BadImageException e) {
      throw new BadImageException(
          label + " is not the tar of a file system, or is damaged: " + e.getMessage(), e);
    }
  }

  private static boolean copy(InputStream in, OutputStream out) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    boolean isEmpty = true;
    for (int read = read(in, buffer); read >= 0; read = read(in, buffer)) {
      out.write(buffer, 0, read);
      isEmpty = false;
    }
    if (isEmpty) {
      throw new BadImageException("it is empty");
    }
    return true;
  }

  private static int read(InputStream in, byte[] buffer) throws IOException {
    try {
      return in.read(buffer);
    } catch (IOException e) {
      throw new BadImageException("it cannot be read: " + e.getMessage(), e);
    }
  }
}
