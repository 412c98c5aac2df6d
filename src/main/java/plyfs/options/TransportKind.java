package plyfs.options;

/** The transports. */
public enum TransportKind {
  /** Plyfs reads /dev/fuse directly. */
  NATIVE,
  /** libfuse 2.9, through jnr-fuse. */
  JNR_FUSE
}
