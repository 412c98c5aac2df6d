package plyfs.image.source;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Descriptor;
import plyfs.image.model.Digest;

/** The files that make up a saved image, by name: members of a tar, or files of a directory. */
public sealed interface ImageFiles extends Closeable permits TarFiles, DirectoryFiles {
  /** Largest metadata document that is read. */
  int MAX_DOCUMENT_BYTES = 16 << 20;

  /** The file with this name, {@code /} between components; null if there is none. */
  @Nullable Blob find(String name) throws IOException;

  /** What all of it is, for messages. */
  String label();

  /**
   * The file with this name.
   *
   * @throws BadImageException if there is none
   */
  default Blob require(String name) throws IOException {
    Blob blob = find(name);
    if (blob == null) {
      throw new BadImageException("'" + name + "' is missing in " + label());
    }
    return blob;
  }

  /** Where an OCI layout keeps a blob. */
  static String blobName(Digest digest) {
    return "blobs/" + digest.algorithm() + "/" + digest.hex();
  }

  /** A small blob, checked against its descriptor. */
  default byte[] readVerified(Descriptor descriptor) throws IOException {
    Blob blob = require(blobName(descriptor.digest()));
    if (descriptor.size() > MAX_DOCUMENT_BYTES) {
      throw new BadImageException(
          blob.label() + " is said to have " + descriptor.size() + " bytes, too many to read");
    }
    try (var in =
        new VerifyingInputStream(
            blob.open(), blob.label(), descriptor.digest(), descriptor.size())) {
      byte[] content = in.readNBytes((int) descriptor.size());
      in.verifyRest();
      return content;
    }
  }
}
