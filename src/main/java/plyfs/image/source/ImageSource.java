package plyfs.image.source;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import plyfs.image.disk.StoreFiles;
import plyfs.image.model.BadImageException;
import plyfs.image.model.ProgressListener;
import plyfs.image.tar.PaxTap;
import plyfs.sys.Undo;

/** A saved image, or several, as a file, a stream or a directory; or one of a registry. */
public sealed interface ImageSource extends Closeable
    permits DockerArchive, OciLayout, FetchedImage {
  /** All images, metadata read and verified, layers not yet. */
  List<SourceImage> images() throws IOException;

  /**
   * Finds out what a path holds. A file is opened once, so that a FIFO or {@code /dev/stdin} will
   * do.
   *
   * @param spool file to copy an archive into that is compressed as a whole, or comes out of a
   *     pipe; the caller's to remove
   * @param listener hears what is left out
   * @throws BadImageException if it is not an image
   */
  static ImageSource open(Path path, Path spool, ProgressListener listener) throws IOException {
    if (!Files.exists(path)) {
      throw new BadImageException("there is no file or directory " + path);
    }
    if (!Files.isDirectory(path)) {
      return open(
          FileChannel.open(path, StandardOpenOption.READ), path.toString(), spool, listener);
    }
    DirectoryFiles files = new DirectoryFiles(path);
    if (files.find(OciLayout.INDEX) != null) {
      return new OciLayout(files, OciLayout.INDEX, listener);
    }
    if (files.find(DockerArchive.MANIFEST) != null) {
      return new OciLayout(new FlatFiles(files), DockerArchive.MANIFEST, listener);
    }
    throw new BadImageException(
        path
            + " is not an OCI image layout: it has neither '"
            + OciLayout.INDEX
            + "' nor, as skopeo's dir: has, '"
            + DockerArchive.MANIFEST
            + "'");
  }

  /**
   * As {@link #open(Path, Path, ProgressListener)}, for an archive that is open.
   *
   * @param owned read from its position on
   * @param label what it is called in messages
   */
  static ImageSource open(FileChannel owned, String label, Path spool, ProgressListener listener)
      throws IOException {
    TarFiles files;
    try {
      files = openTar(owned, label, spool);
    } catch (BadImageException e) {
      throw new BadImageException(
          label + " is not an image archive, or is damaged: " + e.getMessage(), e);
    }
    try {
      return ofTar(files, listener);
    } catch (Throwable e) {
      Undo.after(e, files::close);
      throw e;
    }
  }

  /**
   * Docker writes both sets of metadata, and a wrong OCI manifest in 25.0.0: its own goes first.
   */
  private static ImageSource ofTar(TarFiles files, ProgressListener listener) throws IOException {
    if (files.find(DockerArchive.MANIFEST) != null) {
      return new DockerArchive(files);
    }
    if (files.find(OciLayout.INDEX) != null) {
      return new OciLayout(files, OciLayout.INDEX, listener);
    }
    throw new BadImageException(
        files.label()
            + " is not an image: the archive has neither '"
            + DockerArchive.MANIFEST
            + "' nor '"
            + OciLayout.INDEX
            + "'");
  }

  private static TarFiles openTar(FileChannel owned, String label, Path spool) throws IOException {
    boolean kept = false;
    try {
      long position = positionOf(owned);
      if (position >= 0 && isPlain(owned, position)) {
        kept = true;
        return TarFiles.open(owned, position, label);
      }
      InputStream whole =
          position < 0
              ? new PipeInputStream(owned)
              : new ChannelInputStream(owned, position, owned.size());
      try (InputStream in = Compression.decompress(whole, label)) {
        StoreFiles.copy(in, label, spool);
      }
      return TarFiles.open(FileChannel.open(spool, StandardOpenOption.READ), 0, label);
    } finally {
      if (!kept) {
        owned.close();
      }
    }
  }

  /** Where a file is read next; -1 for a pipe, which cannot be read by position. */
  private static long positionOf(FileChannel channel) {
    try {
      return channel.position();
    } catch (IOException e) {
      return -1;
    }
  }

  private static boolean isPlain(FileChannel channel, long position) throws IOException {
    InputStream in =
        new ChannelInputStream(channel, position, Math.addExact(position, PaxTap.BLOCK_BYTES));
    return Compression.of(in.readNBytes(PaxTap.BLOCK_BYTES)) == Compression.NONE;
  }
}
