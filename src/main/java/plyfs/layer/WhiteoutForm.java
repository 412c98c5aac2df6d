package plyfs.layer;

/** The forms in which an upper layer stores whiteouts. */
public enum WhiteoutForm {
  /** {@link #CHAR}, or {@link #FILE} if the file system or the privilege does not permit that. */
  AUTO,
  /** A character device 0:0 under the deleted name, as in the kernel's overlayfs. */
  CHAR,
  /**
   * An empty regular file {@code .wh.NAME} beside the name, as in images. It hides {@code NAME} in
   * the layers below but not in its own layer, so it may stay when the name is created again.
   */
  FILE
}
