package plyfs.image.foreign;

import java.io.IOException;
import java.nio.file.Path;
import plyfs.image.store.ImageLayers;

/** The storage of another container engine. Nothing in it is ever written. */
public interface ForeignStore {
  /**
   * The image that a person means: a name as that engine takes it, an image ID, or the first digits
   * of one.
   *
   * @throws IOException if there is none, or the digits fit several, or a layer is missing
   */
  ImageLayers find(String name) throws IOException;

  /** The directory with the layers. Its owner tells which engine user wrote them. */
  Path layers();
}
