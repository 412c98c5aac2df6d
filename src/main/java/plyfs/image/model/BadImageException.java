package plyfs.image.model;

import java.io.IOException;

/**
 * What was given is not an image, or not a sound one. The message is one sentence for people: which
 * file, digest or entry, what was expected, what was found.
 */
public class BadImageException extends IOException {
  private static final long serialVersionUID = 1L;

  public BadImageException(String message) {
    super(message);
  }

  public BadImageException(String message, Throwable cause) {
    super(message, cause);
  }
}
