package plyfs.image.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Points to a blob.
 *
 * @param mediaType empty where it is not given
 * @param artifactType what a manifest that is no image holds; empty where it is not given
 * @param size bytes
 * @param platform of a manifest in an index
 * @implNote OCI image specification, descriptor.md
 */
public record Descriptor(
    String mediaType,
    String artifactType,
    Digest digest,
    long size,
    @Nullable Platform platform,
    Map<String, String> annotations) {

  public static Descriptor of(Json json) throws BadImageException {
    Json platform = json.optionalChild("platform");
    return new Descriptor(
        orEmpty(json, "mediaType"),
        orEmpty(json, "artifactType"),
        Digest.parse(json.text("digest")),
        json.size("size"),
        platform == null ? null : platform(platform),
        json.textMap("annotations"));
  }

  private static Platform platform(Json json) throws BadImageException {
    return new Platform(
        orEmpty(json, "os"), orEmpty(json, "architecture"), orEmpty(json, "variant"));
  }

  private static String orEmpty(Json json, String field) throws BadImageException {
    String text = json.optionalText(field);
    return text == null ? "" : text;
  }

  /** Whether it is a statement about another manifest instead of an image. */
  public boolean isAttestation() {
    return platform != null && platform.isUnknown()
        || annotations.containsKey("vnd.docker.reference.type");
  }
}
