package plyfs.image.model;

/**
 * What a load takes at most, so that an archive of a few megabytes can exhaust neither memory nor
 * time. Data on disk is not limited here: the store's file system does that.
 */
public enum Limit {
  /** Of a manifest, an index or a configuration. */
  DOCUMENT_BYTES(16 << 20, "bytes of metadata", "get the archive again, no builder writes that"),
  /** Of one archive or layout. */
  IMAGES(1_000, "images", "save fewer of them into one archive"),
  /** Of one image, as many as the kernel's overlayfs mounts ({@code OVL_MAX_STACK}). */
  LAYERS(500, "layers", "rebuild the image with fewer"),
  /** Of the tar that holds an image. */
  MEMBERS(100_000, "members", "save fewer images into one archive"),
  /** Of one extended header or GNU long name. */
  EXTENSION_BYTES(1 << 20, "bytes of an extended header", "pack the layer again without it"),
  /** Before the header of one entry. */
  EXTENSIONS(16, "extended headers for one entry", "pack the layer again without them"),
  /**
   * Of the list of a sparse file's data: some 43,000 stretches.
   *
   * @implNote Go's archive/tar has the same bound for PAX 1.0, readGNUSparseMap1x0
   *     (CVE-2025-58183), and none for the blocks of the old GNU format
   */
  SPARSE_MAP_BYTES(
      1 << 20, "bytes of a sparse file's map", "pack the layer again without sparse files"),
  /** Of one layer; each takes some 200 bytes of memory until the layer's end. */
  WHITEOUTS(1_000_000, "whiteouts", "hide whole directories instead"),
  /** Of one layer; each takes some 400 bytes of memory until the layer's end. */
  DIRECTORIES(1_000_000, "directories", "split the layer"),
  /** Of one layer, for users that may make none; each takes some 200 bytes of memory. */
  DEVICES_LEFT_OUT(1_000_000, "device nodes that are left out", "load it as root"),
  /** That the dictionary of xz may take; xz -9 makes one of 65 MiB. */
  XZ_MEMORY_KIB(128 << 10, "KiB of memory for xz", "compress it again with xz -9 or less");

  private final int value;
  private final String what;
  private final String advice;

  Limit(int value, String what, String advice) {
    this.value = value;
    this.what = what;
    this.advice = advice;
  }

  public int value() {
    return value;
  }

  /**
   * Checks a number against the limit.
   *
   * @param subject what has so many, for the message
   * @throws BadImageException if they are too many
   */
  public void check(String subject, long found) throws BadImageException {
    if (found > value) {
      throw new BadImageException(
          subject
              + ": "
              + found
              + " "
              + what
              + " are more than the "
              + value
              + " that are allowed; "
              + advice);
    }
  }
}
