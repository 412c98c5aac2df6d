package plyfs.image.source;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import plyfs.image.model.Descriptor;
import plyfs.image.model.Digest;
import plyfs.image.model.ImageConfig;
import plyfs.image.model.Json;
import plyfs.image.model.Manifest;
import plyfs.image.model.Reference;

/** An image of a registry: its documents are at hand, its layers come when they are asked for. */
public final class FetchedImage implements ImageSource {
  private final SourceImage image;
  private final Layers layers;

  /** Gives the layers. */
  public interface Layers extends Closeable {
    /**
     * The bytes of a layer as the registry has it, from their start.
     *
     * @throws IOException if they cannot be had
     */
    InputStream open(Descriptor layer) throws IOException;
  }

  /**
   * An image.
   *
   * @param manifest leads to the bytes of the manifest
   * @param origin under which digest it was asked for
   * @param tags names that it is going to have
   * @param ownedLayers closed with this
   */
  public FetchedImage(
      Descriptor manifest,
      byte[] manifestBytes,
      byte[] configBytes,
      SourceImage.Origin origin,
      List<Reference> tags,
      Layers ownedLayers)
      throws IOException {
    this.layers = ownedLayers;
    String label = "manifest " + manifest.digest();
    Json json = Json.object(label, manifestBytes);
    Manifest parsed = Manifest.of(json);
    ImageConfig config =
        ImageConfig.parse("configuration " + parsed.config().digest(), configBytes);
    SourceImage.requireSameCount(label, parsed.layers().size(), config);
    this.image =
        new SourceImage(
            config,
            new SourceImage.ConfigBytes(configBytes),
            List.copyOf(tags),
            layers(parsed, config.diffIds()),
            new SourceImage.SourceManifest(OciLayout.described(manifest, json), manifestBytes),
            origin);
  }

  private List<SourceLayer> layers(Manifest manifest, List<Digest> diffIds) {
    List<SourceLayer> result = new ArrayList<>();
    for (int i = 0; i < diffIds.size(); i++) {
      Descriptor layer = manifest.layers().get(i);
      Blob blob = new Blob("layer " + layer.digest(), layer.size(), () -> layers.open(layer));
      result.add(new SourceLayer(blob, layer.digest(), layer.size(), diffIds.get(i)));
    }
    return List.copyOf(result);
  }

  @Override
  public List<SourceImage> images() {
    return List.of(image);
  }

  @Override
  public void close() throws IOException {
    layers.close();
  }
}
