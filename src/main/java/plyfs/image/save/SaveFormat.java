package plyfs.image.save;

/** In which form images are written. */
public enum SaveFormat {
  /** A tar as {@code docker save} writes it. */
  DOCKER_ARCHIVE,
  /** An OCI image layout as tar. */
  OCI_ARCHIVE,
  /** An OCI image layout. */
  OCI_DIRECTORY
}
