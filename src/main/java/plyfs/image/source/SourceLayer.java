package plyfs.image.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Digest;

/**
 * One layer as it is stored.
 *
 * @param blob its bytes, perhaps compressed
 * @param digest of those bytes, null where the archive does not say
 * @param size promised bytes of the blob
 * @param diffId digest of the uncompressed bytes
 */
public record SourceLayer(Blob blob, @Nullable Digest digest, long size, Digest diffId) {

  /** How messages call it. */
  public String label() {
    return "layer " + (digest != null ? digest : diffId);
  }

  /** The stored bytes, checked at their end. */
  VerifyingInputStream openStored() throws IOException {
    return openStored(OutputStream.nullOutputStream());
  }

  /** The stored bytes, checked at their end and copied on the way. */
  VerifyingInputStream openStored(OutputStream copy) throws IOException {
    return new VerifyingInputStream(new TeeInputStream(blob.open(), copy), label(), digest, size);
  }

  /** Checks uncompressed bytes at their end. */
  VerifyingInputStream verifyingTar(InputStream plain) {
    return new VerifyingInputStream(plain, "the uncompressed " + label(), diffId, -1);
  }

  /**
   * Reads everything and unpacks nothing, to learn whether the bytes are at fault.
   *
   * @throws BadImageException if they are
   */
  public void verify() throws IOException {
    try (VerifyingInputStream stored = openStored()) {
      stored.verifyRest();
    }
    try (LayerPipe pipe = new LayerPipe(this)) {
      pipe.readRest();
    }
  }
}
