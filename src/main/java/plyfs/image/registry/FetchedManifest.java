package plyfs.image.registry;

import plyfs.image.model.Digest;

/** A manifest or an index as a registry sent it. */
public final class FetchedManifest {
  private final Digest digest;
  private final String mediaType;
  private final byte[] bytes;

  FetchedManifest(Digest digest, String mediaType, byte[] bytes) {
    this.digest = digest;
    this.mediaType = mediaType;
    this.bytes = bytes;
  }

  public Digest digest() {
    return digest;
  }

  /** As the registry said. */
  public String mediaType() {
    return mediaType;
  }

  /** Not to be changed. */
  public byte[] bytes() {
    return bytes;
  }
}
