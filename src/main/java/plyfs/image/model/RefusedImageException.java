package plyfs.image.model;

/** An image has more than the person who loads it allows; it may be sound. */
public final class RefusedImageException extends BadImageException {
  private static final long serialVersionUID = 1L;

  /** With a sentence for people. */
  public RefusedImageException(String message) {
    super(message);
  }
}
