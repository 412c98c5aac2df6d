package plyfs.image.transfer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Descriptor;
import plyfs.image.model.Digest;
import plyfs.image.model.Json;
import plyfs.image.model.Limit;
import plyfs.image.model.Manifest;
import plyfs.image.model.Platform;
import plyfs.image.registry.FetchedManifest;
import plyfs.image.registry.RegistryClient;

/**
 * What a registry has under a name: the manifest for one platform and its configuration.
 *
 * @implNote OCI image specification, image-index.md; the choice of a platform as in moby,
 *     distribution/pull_v2.go
 */
final class RemoteImage {
  private static final int MOST_NESTING = 8;

  /** Of what the registry was asked for: perhaps an index. */
  final Digest asked;

  final Descriptor descriptor;
  final byte[] manifestBytes;
  final byte[] configBytes;
  final Manifest manifest;

  private RemoteImage(
      Digest asked, Descriptor descriptor, byte[] manifestBytes, Manifest manifest, byte[] config) {
    this.asked = asked;
    this.descriptor = descriptor;
    this.manifestBytes = manifestBytes;
    this.manifest = manifest;
    this.configBytes = config;
  }

  /**
   * Asks the registry.
   *
   * @param platform null for this machine's, where there is a choice
   */
  static RemoteImage find(RegistryClient client, RemoteName name, @Nullable Platform platform)
      throws IOException {
    FetchedManifest top = client.manifest(name.repository(), name.reference());
    Platform wanted = platform == null ? Platform.current() : platform;
    FetchedManifest current = top;
    Descriptor descriptor = null;
    for (int depth = 0; ; depth++) {
      String label = name + " (" + current.digest() + ")";
      Json json = Json.object(label, current.bytes());
      requireKnown(label, current.mediaType(), json);
      if (!json.has("manifests")) {
        return manifest(client, name, top.digest(), current, descriptor, json, platform);
      }
      if (depth == MOST_NESTING) {
        throw new BadImageException(label + " is nested too deep");
      }
      descriptor = choose(label, json, wanted);
      current = client.manifest(name.repository(), descriptor.digest().toString());
      if (current.bytes().length != descriptor.size()) {
        throw new BadImageException(
            "manifest "
                + descriptor.digest()
                + " has "
                + current.bytes().length
                + " bytes, but the index says "
                + descriptor.size());
      }
    }
  }

  private static void requireKnown(String label, String mediaType, Json json)
      throws BadImageException {
    boolean isOld =
        json.has("fsLayers")
            || mediaType.contains("docker.distribution.manifest.v1")
            || "1".equals(json.optionalText("schemaVersion"));
    if (isOld) {
      throw new BadImageException(
          label + " is of Docker's schema 1, which is not supported: push the image anew");
    }
  }

  private static Descriptor choose(String label, Json index, Platform wanted)
      throws BadImageException {
    List<Platform> others = new ArrayList<>();
    for (Json item : index.children("manifests")) {
      Descriptor candidate = Descriptor.of(item);
      if (candidate.isAttestation() || !candidate.artifactType().isEmpty()) {
        continue;
      }
      Platform platform = candidate.platform();
      if (platform == null || platform.runsOn(wanted)) {
        return candidate;
      }
      others.add(platform);
    }
    throw new BadImageException(
        label + " has no image for " + wanted + (others.isEmpty() ? "" : ", only for " + others));
  }

  private static RemoteImage manifest(
      RegistryClient client,
      RemoteName name,
      Digest asked,
      FetchedManifest found,
      @Nullable Descriptor listed,
      Json json,
      @Nullable Platform platform)
      throws IOException {
    String artifact = Manifest.artifact(json);
    if (artifact != null || !json.has("config")) {
      throw new BadImageException(
          name + " is no image" + (artifact == null ? "" : " but '" + artifact + "'"));
    }
    Manifest manifest = Manifest.of(json);
    Limit.LAYERS.check("image " + name, manifest.layers().size());
    byte[] config =
        client.document(name.repository(), manifest.config(), Limit.DOCUMENT_BYTES.value());
    if (platform != null) {
      requirePlatform(name, config, platform);
    }
    Descriptor descriptor =
        listed != null
            ? listed
            : new Descriptor(
                found.mediaType(), "", found.digest(), found.bytes().length, null, Map.of());
    return new RemoteImage(asked, descriptor, found.bytes(), manifest, config);
  }

  private static void requirePlatform(RemoteName name, byte[] config, Platform wanted)
      throws BadImageException {
    Json json = Json.object("configuration of " + name, config);
    String variant = json.optionalText("variant");
    Platform found =
        new Platform(json.text("os"), json.text("architecture"), variant == null ? "" : variant);
    if (!found.runsOn(wanted)) {
      throw new BadImageException(name + " is for " + found + ", not for " + wanted);
    }
  }
}
