package plyfs.image.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Points to a blob.
 *
 * @param mediaType empty where it is not given
 * @param size bytes
 * @param platform of a manifest in an index
 * @implNote OCI image specification, descriptor.md
 */
public record Descriptor(
    String mediaType,
    Digest digest,
    long size,
    @Nullable Platform platform,
    Map<String, String> annotations) {

  public static Descriptor of(Json json) throws BadImageException {
    String mediaType = json.optionalText("mediaType");
    Json platform = json.optionalChild("platform");
    return new Descriptor(
        mediaType == null ? "" : mediaType,
        Digest.parse(json.text("digest")),
        json.size("size"),
        platform == null ? null : new Platform(platform.text("os"), platform.text("architecture")),
        json.textMap("annotations"));
  }

  /** Whether it is a statement about another manifest instead of an image. */
  public boolean isAttestation() {
    return platform != null && platform.isUnknown()
        || annotations.containsKey("vnd.docker.reference.type");
  }
}
