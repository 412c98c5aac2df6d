package plyfs.image.model;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One image for one platform.
 *
 * @param layers lowest first
 * @implNote OCI image specification, manifest.md; Docker's schema 2 has the same shape
 */
public record Manifest(Descriptor config, List<Descriptor> layers) {
  public static Manifest of(Json json) throws BadImageException {
    List<Descriptor> layers = new ArrayList<>();
    for (Json layer : json.children("layers")) {
      layers.add(Descriptor.of(layer));
    }
    return new Manifest(Descriptor.of(json.child("config")), List.copyOf(layers));
  }

  /**
   * What a manifest holds that is no image: an SBOM, a signature, a chart; null for an image, for
   * an index, and for what cannot be told.
   *
   * @implNote OCI image specification, manifest.md, "Guidelines for Artifact Usage". Signatures of
   *     cosign have an image's configuration, so the layers are asked, too: those of images are
   *     tars, and their media types say so
   */
  public static @Nullable String artifact(Json json) throws BadImageException {
    String type = json.optionalText("artifactType");
    if (type != null && !type.isEmpty()) {
      return type;
    }
    if (!json.has("config")) {
      return null;
    }
    Manifest manifest = of(json);
    String config = manifest.config.mediaType();
    if (!config.isEmpty() && !config.contains("image.config") && !config.contains(".image.v1")) {
      return config;
    }
    boolean noTar =
        !manifest.layers.isEmpty()
            && manifest.layers.stream()
                .map(Descriptor::mediaType)
                .allMatch(layer -> !layer.isEmpty() && !layer.contains("tar"));
    return noTar ? manifest.layers.get(0).mediaType() : null;
  }
}
