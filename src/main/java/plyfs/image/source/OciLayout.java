package plyfs.image.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Descriptor;
import plyfs.image.model.Digest;
import plyfs.image.model.ImageConfig;
import plyfs.image.model.Json;
import plyfs.image.model.Limit;
import plyfs.image.model.Manifest;
import plyfs.image.model.Platform;
import plyfs.image.model.ProgressListener;
import plyfs.image.model.Reference;

/**
 * An OCI image layout: {@code index.json} points to manifests or to further indexes, these to
 * manifests by platform, these to configuration and layers under {@code blobs/}. A name is an
 * annotation in {@code index.json}; one that is a bare tag such as {@code v1} is taken for the name
 * {@code v1:latest}, as the layout itself has no name. An image whose name cannot be used here is
 * known by its ID, and what lies beside the images (SBOMs, signatures) is passed over.
 *
 * @implNote OCI image specification, image-layout.md, image-index.md
 */
public final class OciLayout implements ImageSource {
  static final String INDEX = "index.json";

  private static final String REF_NAME = "org.opencontainers.image.ref.name";
  private static final String CONTAINERD_NAME = "io.containerd.image.name";
  private static final int MAX_NESTING = 8;

  private final ImageFiles files;
  private final String top;
  private final ProgressListener listener;
  private final Platform machine = Platform.current();

  /**
   * A layout.
   *
   * @param top name of the index that all begins with; it may be a manifest, too
   * @param listener hears what is left out
   */
  OciLayout(ImageFiles files, String top, ProgressListener listener) {
    this.files = files;
    this.top = top;
    this.listener = listener;
  }

  @Override
  public List<SourceImage> images() throws IOException {
    Blob index = files.require(top);
    byte[] bytes = index.readAll();
    Json json = Json.object(index.label(), bytes);
    if (json.has("config")) {
      Descriptor self = new Descriptor("", "", Digest.sha256(bytes), bytes.length, null, Map.of());
      var source = new SourceImage.SourceManifest(described(self, json), bytes);
      return List.of(image(index.label(), Manifest.of(json), source, null));
    }
    Map<String, List<Descriptor>> byName = new LinkedHashMap<>();
    List<SourceImage> images = new ArrayList<>();
    List<Descriptor> descriptors = descriptors(index.label(), json);
    Limit.IMAGES.check(index.label(), descriptors.size());
    for (Descriptor descriptor : descriptors) {
      String name = name(descriptor);
      if (name == null && descriptor.platform() == null) {
        images.add(resolve(descriptor, null, 0));
      } else {
        byName.computeIfAbsent(name == null ? "" : name, n -> new ArrayList<>()).add(descriptor);
      }
    }
    for (Map.Entry<String, List<Descriptor>> named : byName.entrySet()) {
      Reference tag = named.getKey().isEmpty() ? null : reference(named.getKey());
      images.add(resolve(choose(named.getValue(), index.label()), tag, 0));
    }
    return images;
  }

  /**
   * Manifests of an index, without those that only say something about another one.
   *
   * @throws BadImageException if none is left
   */
  private List<Descriptor> descriptors(String label, Json index) throws IOException {
    if (index.has("fsLayers")) {
      throw new BadImageException(
          label + " is of Docker's schema 1, which is not supported: save the image anew");
    }
    List<Descriptor> result = new ArrayList<>();
    String passed = "";
    for (Json item : index.children("manifests")) {
      Descriptor descriptor = Descriptor.of(item);
      if (descriptor.isAttestation()) {
        continue;
      }
      String artifact = artifact(descriptor);
      if (artifact == null) {
        result.add(descriptor);
      } else {
        passed = ", only " + descriptor.digest() + ", which is '" + artifact + "'";
        listener.notice(
            label + ": passed over " + descriptor.digest() + ", which is no image: " + artifact);
      }
    }
    if (result.isEmpty()) {
      throw new BadImageException(label + " lists no image" + passed);
    }
    return result;
  }

  /** What a descriptor leads to that is no image; null for images, also those of others. */
  private @Nullable String artifact(Descriptor descriptor) throws IOException {
    if (!descriptor.artifactType().isEmpty()) {
      return descriptor.artifactType();
    }
    Platform platform = descriptor.platform();
    if (platform != null && !platform.runsOn(machine)) {
      return null;
    }
    return Manifest.artifact(document(descriptor));
  }

  private Json document(Descriptor descriptor) throws IOException {
    String label = files.require(ImageFiles.blobName(descriptor.digest())).label();
    return Json.object(label, files.readVerified(descriptor));
  }

  private static @Nullable String name(Descriptor descriptor) {
    String full = descriptor.annotations().get(CONTAINERD_NAME);
    return full != null ? full : descriptor.annotations().get(REF_NAME);
  }

  private @Nullable Reference reference(String name) {
    Reference tag = Reference.parseWithDigest(name);
    if (tag == null) {
      listener.notice(
          files.label()
              + ": '"
              + name
              + "' cannot be the name of an image here, so this image has only its ID");
    }
    return tag;
  }

  /** The one for this machine; the only one also where it is for another. */
  private Descriptor choose(List<Descriptor> candidates, String label) throws BadImageException {
    if (candidates.size() == 1) {
      return candidates.get(0);
    }
    List<Platform> others = new ArrayList<>();
    for (Descriptor candidate : candidates) {
      Platform platform = candidate.platform();
      if (platform == null || platform.runsOn(machine)) {
        return candidate;
      }
      others.add(platform);
    }
    throw new BadImageException(
        label + " has no image for " + machine + (others.isEmpty() ? "" : ", only for " + others));
  }

  private SourceImage resolve(Descriptor descriptor, @Nullable Reference tag, int depth)
      throws IOException {
    String label = files.require(ImageFiles.blobName(descriptor.digest())).label();
    byte[] bytes = files.readVerified(descriptor);
    Json json = Json.object(label, bytes);
    if (!json.has("manifests")) {
      if (!json.has("config")) {
        throw new BadImageException(label + " is neither a manifest nor an index");
      }
      var source = new SourceImage.SourceManifest(described(descriptor, json), bytes);
      return image(label, Manifest.of(json), source, tag);
    }
    if (depth == MAX_NESTING) {
      throw new BadImageException(label + " is nested too deep");
    }
    return resolve(choose(descriptors(label, json), label), tag, depth + 1);
  }

  /** The descriptor as it is kept: without names, with the type that the manifest itself tells. */
  static Descriptor described(Descriptor descriptor, Json manifest) throws BadImageException {
    String mediaType = manifest.optionalText("mediaType");
    Map<String, String> annotations = new LinkedHashMap<>(descriptor.annotations());
    annotations.remove(REF_NAME);
    annotations.remove(CONTAINERD_NAME);
    return new Descriptor(
        mediaType == null ? descriptor.mediaType() : mediaType,
        descriptor.artifactType(),
        descriptor.digest(),
        descriptor.size(),
        descriptor.platform(),
        annotations);
  }

  private SourceImage image(
      String label, Manifest manifest, SourceImage.SourceManifest source, @Nullable Reference tag)
      throws IOException {
    byte[] bytes = files.readVerified(manifest.config());
    ImageConfig config = ImageConfig.parse("configuration " + manifest.config().digest(), bytes);
    SourceImage.requireSameCount(label, manifest.layers().size(), config);
    List<SourceLayer> layers = new ArrayList<>();
    for (int i = 0; i < manifest.layers().size(); i++) {
      Descriptor layer = manifest.layers().get(i);
      Blob blob = files.require(ImageFiles.blobName(layer.digest()));
      layers.add(new SourceLayer(blob, layer.digest(), layer.size(), config.diffIds().get(i)));
    }
    return new SourceImage(
        config,
        new SourceImage.ConfigBytes(bytes),
        tag == null ? List.of() : List.of(tag),
        List.copyOf(layers),
        source);
  }

  @Override
  public void close() throws IOException {
    files.close();
  }
}
