package plyfs.options;

/** Which transport a mount has. */
public enum TransportKind {
  /** /dev/fuse spoken directly. */
  NATIVE,
  /** libfuse 2.9, through jnr-fuse. */
  JNR_FUSE
}
