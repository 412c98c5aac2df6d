package plyfs.image.source;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import plyfs.image.disk.StoreFiles;
import plyfs.image.model.BadImageException;
import plyfs.image.tar.PaxTap;
import plyfs.sys.Undo;

/** A saved image, or several, as a file or directory. */
public sealed interface ImageSource extends Closeable permits DockerArchive, OciLayout {
  /** All images, metadata read and verified, layers not yet. */
  List<SourceImage> images() throws IOException;

  /**
   * Finds out what a path holds. An archive that is compressed as a whole is first decompressed.
   *
   * @param spool file to decompress into, which is the caller's to remove
   * @throws BadImageException if it is not an image
   */
  static ImageSource open(Path path, Path spool) throws IOException {
    if (!Files.exists(path)) {
      throw new BadImageException("there is no file or directory " + path);
    }
    if (Files.isDirectory(path)) {
      DirectoryFiles files = new DirectoryFiles(path);
      if (files.find(OciLayout.INDEX) == null) {
        throw new BadImageException(
            path + " is not an OCI image layout: it has no '" + OciLayout.INDEX + "'");
      }
      return new OciLayout(files);
    }
    TarFiles files = openTar(path, spool);
    try {
      return ofTar(files);
    } catch (Throwable e) {
      Undo.after(e, files::close);
      throw e;
    }
  }

  /**
   * Docker writes both sets of metadata, and a wrong OCI manifest in 25.0.0: its own goes first.
   */
  private static ImageSource ofTar(TarFiles files) throws IOException {
    if (files.find(DockerArchive.MANIFEST) != null) {
      return new DockerArchive(files);
    }
    if (files.find(OciLayout.INDEX) != null) {
      return new OciLayout(files);
    }
    throw new BadImageException(
        files.label()
            + " is not an image: the archive has neither '"
            + DockerArchive.MANIFEST
            + "' nor '"
            + OciLayout.INDEX
            + "'");
  }

  private static TarFiles openTar(Path path, Path spool) throws IOException {
    byte[] start;
    try (InputStream in = Files.newInputStream(path)) {
      start = in.readNBytes(PaxTap.BLOCK_BYTES);
    }
    try {
      if (Compression.of(start) == Compression.NONE) {
        if (start.length < PaxTap.BLOCK_BYTES) {
          throw new BadImageException("it has only " + start.length + " bytes");
        }
        return TarFiles.open(path, path);
      }
      try (InputStream in = Compression.decompress(Files.newInputStream(path), path.toString())) {
        StoreFiles.copy(in, path.toString(), spool);
      }
      return TarFiles.open(spool, path);
    } catch (BadImageException e) {
      throw new BadImageException(
          path + " is not an image archive, or is damaged: " + e.getMessage(), e);
    }
  }
}
