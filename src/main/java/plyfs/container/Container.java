package plyfs.container;

import java.time.Instant;
import plyfs.image.model.Digest;

/**
 * A container: a writable layer above an image, with what was asked for when it was made.
 *
 * @param id 64 hexadecimal digits; also the name of its writable layer in {@code overlay2}
 * @param name unique in the store
 * @param image ID of the image
 * @param imageName the image as it was named
 */
public record Container(
    String id,
    String name,
    Instant created,
    Digest image,
    String imageName,
    ContainerSettings settings) {
  private static final int SHORT = 12;

  /** The first twelve digits, as listings show a container. */
  public String shortId() {
    return id.substring(0, SHORT);
  }

  Container renamed(String newName) {
    return new Container(id, newName, created, image, imageName, settings);
  }

  Container with(ContainerSettings newSettings) {
    return new Container(id, name, created, image, imageName, newSettings);
  }

  /** The name with {@code container} before it, for messages. */
  @Override
  public String toString() {
    return "container " + name;
  }
}
