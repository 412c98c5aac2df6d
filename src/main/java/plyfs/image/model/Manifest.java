package plyfs.image.model;

import java.util.ArrayList;
import java.util.List;

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
}
