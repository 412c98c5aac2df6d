package plyfs.image.model;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What Plyfs needs of an image's configuration.
 *
 * @param id digest of the configuration's bytes: the image ID
 * @param diffIds digests of the uncompressed layers, lowest first
 * @param created null where it is not given or not a time
 * @param commands that made the layers; empty texts where the history does not say
 * @implNote OCI image specification, config.md
 */
public record ImageConfig(
    Digest id, List<Digest> diffIds, @Nullable Instant created, List<String> commands) {

  /**
   * Parses a configuration.
   *
   * @param document what the bytes are, for messages
   */
  public static ImageConfig parse(String document, byte[] bytes) throws BadImageException {
    Json json = Json.object(document, bytes);
    if (!json.has("rootfs")) {
      throw new BadImageException(
          document + " is not the configuration of an image: field 'rootfs' is missing");
    }
    List<Digest> diffIds = new ArrayList<>();
    for (String diffId : json.child("rootfs").texts("diff_ids")) {
      diffIds.add(Digest.parse(diffId));
    }
    return new ImageConfig(
        Digest.sha256(bytes),
        List.copyOf(diffIds),
        instant(json.optionalText("created")),
        commands(json, diffIds.size()));
  }

  /** Only shown to people: an image without a sound history is still an image. */
  private static List<String> commands(Json json, int layers) {
    List<String> commands = new ArrayList<>();
    try {
      for (Json step : json.children("history")) {
        String empty = step.optionalText("empty_layer");
        if (!"true".equals(empty)) {
          String command = step.optionalText("created_by");
          commands.add(command == null ? "" : command);
        }
      }
    } catch (BadImageException e) {
      commands.clear();
    }
    return commands.size() == layers
        ? List.copyOf(commands)
        : List.copyOf(Collections.nCopies(layers, ""));
  }

  private static @Nullable Instant instant(@Nullable String text) {
    try {
      return text == null ? null : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      // Only shown to people; an image without a sound date is still an image.
      return null;
    }
  }

  /** Chain identifiers of all layers, lowest first. */
  public List<Digest> chainIds() {
    List<Digest> chain = new ArrayList<>();
    for (Digest diffId : diffIds) {
      chain.add(chain.isEmpty() ? diffId : Digest.chain(chain.get(chain.size() - 1), diffId));
    }
    return chain;
  }
}
