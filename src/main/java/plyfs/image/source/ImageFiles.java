package plyfs.image.source;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Descriptor;
import plyfs.image.model.Digest;
import plyfs.image.model.Limit;

/** The files that make up a saved image, by name: members of a tar, or files of a directory. */
public sealed interface ImageFiles extends Closeable permits TarFiles, DirectoryFiles, FlatFiles {
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
    Limit.DOCUMENT_BYTES.check(blob.label(), descriptor.size());
    try (var in =
        new VerifyingInputStream(
            blob.open(), blob.label(), descriptor.digest(), descriptor.size())) {
      byte[] content = in.readNBytes((int) descriptor.size());
      in.verifyRest();
      return content;
    }
  }
}
