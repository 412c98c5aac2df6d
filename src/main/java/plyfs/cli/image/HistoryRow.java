package plyfs.cli.image;

import com.google.gson.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.cli.format.Fields;
import plyfs.cli.format.Units;
import plyfs.image.model.Digest;
import plyfs.image.model.HistoryStep;
import plyfs.image.store.StoredImage;

/**
 * A line of {@code plyfs history}: a step of the making of an image, with the layer that it made.
 *
 * @param id of the image, which is known of the last step only
 * @param layer its number from the base, 1; 0 where the step made none
 * @param chainId of that layer
 * @param bytes of its files
 */
record HistoryRow(
    @Nullable Digest id, HistoryStep step, int layer, @Nullable Digest chainId, long bytes) {
  private static final HistoryStep UNKNOWN = new HistoryStep(null, "", "", "", false);
  private static final int SHOWN_CHARACTERS = 45;

  /** All steps of an image, the last first. */
  static List<HistoryRow> of(StoredImage image) {
    List<HistoryStep> steps = image.details().history();
    int layers = image.chainIds().size();
    if (!fits(image)) {
      steps = Collections.nCopies(layers, UNKNOWN);
    }
    List<HistoryRow> rows = new ArrayList<>();
    int layer = 0;
    for (int i = 0; i < steps.size(); i++) {
      HistoryStep step = steps.get(i);
      Digest id = i + 1 == steps.size() ? image.id() : null;
      if (step.isEmpty()) {
        rows.add(new HistoryRow(id, step, 0, null, 0));
      } else {
        rows.add(
            new HistoryRow(
                id, step, layer + 1, image.chainIds().get(layer), image.layerSizes().get(layer)));
        layer++;
      }
    }
    Collections.reverse(rows);
    return rows;
  }

  /** Whether the history of an image names as many layers as the image has. */
  static boolean fits(StoredImage image) {
    long made = image.details().history().stream().filter(step -> !step.isEmpty()).count();
    return made == image.chainIds().size();
  }

  /**
   * What templates can name.
   *
   * @param isWhole whether IDs and commands are shown to their end
   * @param isHuman whether sizes and times are in people's words
   */
  static Fields<HistoryRow> fields(boolean isWhole, boolean isHuman) {
    return new Fields<HistoryRow>()
        .add("ID", "IMAGE", row -> row.shownId(isWhole))
        .add("CreatedSince", "CREATED", row -> isHuman ? ImageRow.since(row.created()) : row.at())
        .add("CreatedAt", "CREATED AT", HistoryRow::at)
        .add("CreatedBy", "CREATED BY", row -> row.command(isWhole))
        .add("Size", "SIZE", row -> isHuman ? Units.size(row.bytes) : Long.toString(row.bytes))
        .add("Layer", "LAYER", row -> row.layer == 0 ? "" : Integer.toString(row.layer))
        .add("Comment", "COMMENT", row -> row.step.comment());
  }

  private @Nullable Instant created() {
    return step.created();
  }

  private String shownId(boolean isWhole) {
    if (id == null) {
      return "<missing>";
    }
    return isWhole ? id.toString() : id.shortHex();
  }

  private String at() {
    Instant created = created();
    return created == null ? "N/A" : created.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** In one line, cut where tables would become too wide. */
  private String command(boolean isWhole) {
    String command = step.createdBy().replace('\t', ' ').replace('\n', ' ');
    int characters = command.codePointCount(0, command.length());
    return isWhole || characters <= SHOWN_CHARACTERS
        ? command
        : command.substring(0, command.offsetByCodePoints(0, SHOWN_CHARACTERS - 1)) + "…";
  }

  JsonObject toJson() {
    JsonObject to = new JsonObject();
    if (id != null) {
      to.addProperty("id", id.toString());
    }
    if (created() != null) {
      to.addProperty("created", created().toString());
    }
    to.addProperty("createdBy", step.createdBy());
    to.addProperty("author", step.author());
    to.addProperty("comment", step.comment());
    if (chainId != null) {
      to.addProperty("layer", layer);
      to.addProperty("chainId", chainId.toString());
    }
    to.addProperty("bytes", bytes);
    return to;
  }
}
