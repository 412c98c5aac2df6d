package plyfs.image.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Digest;
import plyfs.image.model.ImageConfig;
import plyfs.image.model.Json;
import plyfs.image.model.Reference;

/**
 * What {@code docker save}, {@code skopeo copy docker-archive:} and {@code podman save} write:
 * {@code manifest.json} lists {@code {Config, RepoTags[], Layers[]}} for each image, with names of
 * members. The four variants in use differ only in how members are named and whether layers are
 * compressed, which is found out from the bytes.
 */
public final class DockerArchive implements ImageSource {
  static final String MANIFEST = "manifest.json";

  private static final Pattern BLOB = Pattern.compile("blobs/(sha256|sha512)/([0-9a-f]+)");
  private static final Pattern CONFIG = Pattern.compile("([0-9a-f]{64})(?:\\.json)?");

  private final ImageFiles files;

  DockerArchive(ImageFiles files) {
    this.files = files;
  }

  @Override
  public List<SourceImage> images() throws IOException {
    Blob manifest = files.require(MANIFEST);
    List<SourceImage> images = new ArrayList<>();
    for (Json item : Json.array(manifest.label(), manifest.readAll())) {
      images.add(image(item));
    }
    if (images.isEmpty()) {
      throw new BadImageException(manifest.label() + " lists no image");
    }
    return images;
  }

  private SourceImage image(Json item) throws IOException {
    String configName = item.text("Config");
    Blob configBlob = files.require(configName);
    byte[] bytes = configBlob.readAll();
    ImageConfig config = ImageConfig.parse(configBlob.label(), bytes);
    Digest named = digestIn(configName);
    if (named != null
        && !named.equals(Digest.of(named.algorithm(), named.newMessageDigest().digest(bytes)))) {
      throw new BadImageException(
          configBlob.label()
              + " is damaged: expected the digest "
              + named
              + ", found "
              + config.id());
    }
    List<String> layerNames = item.texts("Layers");
    SourceImage.requireSameCount(
        "'" + MANIFEST + "' in " + files.label(), layerNames.size(), config);
    List<SourceLayer> layers = new ArrayList<>();
    for (int i = 0; i < layerNames.size(); i++) {
      Blob blob = files.require(layerNames.get(i));
      Matcher name = BLOB.matcher(layerNames.get(i));
      Digest digest = name.matches() ? Digest.parse(name.group(1) + ":" + name.group(2)) : null;
      layers.add(new SourceLayer(blob, digest, blob.size(), config.diffIds().get(i)));
    }
    return new SourceImage(
        config, new SourceImage.ConfigBytes(bytes), tags(item), List.copyOf(layers), null);
  }

  private static @Nullable Digest digestIn(String configName) throws BadImageException {
    Matcher blob = BLOB.matcher(configName);
    if (blob.matches()) {
      return Digest.parse(blob.group(1) + ":" + blob.group(2));
    }
    Matcher plain = CONFIG.matcher(configName);
    return plain.matches() ? Digest.parse("sha256:" + plain.group(1)) : null;
  }

  private List<Reference> tags(Json item) throws BadImageException {
    List<Reference> tags = new ArrayList<>();
    for (String text : item.texts("RepoTags")) {
      Reference tag = Reference.parse(text);
      if (tag == null) {
        throw new BadImageException(
            "'" + MANIFEST + "' in " + files.label() + ": '" + text + "' is not an image name");
      }
      tags.add(tag);
    }
    return List.copyOf(tags);
  }

  @Override
  public void close() throws IOException {
    files.close();
  }
}
