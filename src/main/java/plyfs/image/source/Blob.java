package plyfs.image.source;

import java.io.IOException;
import java.io.InputStream;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Limit;

/**
 * Some bytes of an archive or layout, to be read any number of times.
 *
 * @param label what they are, for messages
 * @param size bytes
 */
public record Blob(String label, long size, Opener opener) {

  /** Opens the bytes from their start. */
  @FunctionalInterface
  interface Opener {
    InputStream open() throws IOException;
  }

  InputStream open() throws IOException {
    return opener.open();
  }

  /**
   * Reads a document whole.
   *
   * @throws BadImageException if it is too long or ends early
   */
  byte[] readAll() throws IOException {
    Limit.DOCUMENT_BYTES.check(label, size);
    try (InputStream in = open()) {
      byte[] content = in.readNBytes((int) size + 1);
      if (content.length != size) {
        throw new BadImageException(
            label + " is truncated: expected " + size + " bytes, found " + content.length);
      }
      return content;
    }
  }
}
