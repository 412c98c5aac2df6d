package plyfs.layer;

/** How an upper layer stores that a name is deleted. */
public enum WhiteoutForm {
  /** {@link #CHAR}, or {@link #FILE} where the machine refuses that. */
  AUTO,
  /** A character device 0:0 in place of the name, as the kernel's overlayfs does. */
  CHAR,
  /**
   * An empty regular file {@code .wh.NAME} beside the name, as in images. It hides {@code NAME} in
   * the layers below and not in its own, so it may stay when the name is made again.
   */
  FILE
}
