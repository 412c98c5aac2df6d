package plyfs.explore;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.Name;
import plyfs.union.api.Forecast;

/** Writes an explanation as JSON. */
public final class ExplanationJson {
  private ExplanationJson() {}

  /**
   * One JSON object: {@code path}, {@code followed}, {@code exists}, {@code layers}, {@code
   * entries} of a directory, and {@code changes} with the steps of a write, chmod, delete and
   * rename. Layers are numbered from the base, 1; the upper layer is 0.
   *
   * @param cost estimates how long changes take; may be null
   */
  public static String of(Explanation told, @Nullable CopyUpCost cost) {
    JsonObject top = new JsonObject();
    top.addProperty("path", Name.printable(told.path()));
    JsonArray followed = new JsonArray();
    told.followed().forEach(link -> followed.add(followed(link)));
    top.add("followed", followed);
    Explanation.Shown object = told.object();
    top.addProperty("exists", object != null);
    if (told.failure() != 0) {
      top.addProperty("error", Errno.name(told.failure()));
    }
    if (object != null) {
      put(top, object);
      byte[] target = told.target();
      if (target != null) {
        top.addProperty("target", Name.printable(target));
      }
      top.addProperty("layer", told.layers().numbers().number(told.source()));
      top.addProperty("byIndex", told.isByIndex());
      if (told.dataSource() >= 0) {
        top.addProperty("dataLayer", told.layers().numbers().number(told.dataSource()));
      }
    }
    JsonArray layers = new JsonArray();
    told.answers().forEach(answer -> layers.add(answer(told.layers(), answer)));
    top.add("layers", layers);
    if (object != null && Explain.isDirectory(object.mode())) {
      JsonArray entries = new JsonArray();
      told.entries().forEach(entry -> entries.add(entry(told.layers(), entry)));
      top.add("entries", entries);
    }
    JsonObject changes = new JsonObject();
    put(changes, "write", told.write(), cost);
    put(changes, "chmod", told.chmod(), cost);
    put(changes, "delete", told.delete(), cost);
    put(changes, "rename", told.rename(), cost);
    top.add("changes", changes);
    return top.toString();
  }

  private static void put(JsonObject to, Explanation.Shown object) {
    to.addProperty("type", JsonWords.ofType(object.mode()));
    to.addProperty("mode", String.format(Locale.ROOT, "%04o", object.mode() & 07777));
    to.addProperty("size", object.size());
  }

  private static JsonObject followed(Explanation.Followed link) {
    JsonObject to = new JsonObject();
    to.addProperty("link", Name.printable(link.link()));
    to.addProperty("target", Name.printable(link.target()));
    return to;
  }

  private static JsonObject answer(ExploredLayers layers, Explanation.Answer answer) {
    JsonObject to = new JsonObject();
    to.addProperty("layer", layers.numbers().number(answer.layer()));
    to.addProperty("directory", Name.printable(layers.path(answer.layer())));
    to.addProperty("verdict", JsonWords.of(answer.verdict()));
    to.addProperty("why", answer.why());
    to.addProperty("at", Name.printable(answer.at()));
    Explanation.Shown object = answer.object();
    if (object != null) {
      JsonObject has = new JsonObject();
      put(has, object);
      to.add("object", has);
    }
    return to;
  }

  private static JsonObject entry(ExploredLayers explored, Explanation.Entry entry) {
    JsonObject to = new JsonObject();
    to.addProperty("name", Name.printable(entry.name()));
    JsonArray layers = new JsonArray();
    entry.layers().forEach(layer -> layers.add(explored.numbers().number(layer)));
    to.add("layers", layers);
    if (!entry.why().isEmpty()) {
      to.addProperty("hidden", entry.why());
    }
    Explanation.Shown object = entry.object();
    if (object != null) {
      put(to, object);
    }
    return to;
  }

  private static void put(
      JsonObject to, String change, @Nullable Forecast forecast, @Nullable CopyUpCost cost) {
    if (forecast == null) {
      return;
    }
    JsonObject told = new JsonObject();
    if (forecast.errno() != 0) {
      told.addProperty("error", Errno.name(forecast.errno()));
    }
    JsonArray steps = new JsonArray();
    for (Forecast.Step step : forecast.steps()) {
      steps.add(step(step));
    }
    told.add("steps", steps);
    if (cost != null) {
      JsonObject nanos = new JsonObject();
      cost.of(forecast).forEach(nanos::addProperty);
      told.add("estimatedNanos", nanos);
    }
    to.add(change, told);
  }

  private static JsonObject step(Forecast.Step step) {
    JsonObject to = new JsonObject();
    to.addProperty("kind", step.kind().word());
    to.addProperty("path", Name.printable(step.path()));
    Forecast.Copy copy = step.copy();
    if (copy != null) {
      to.addProperty("type", JsonWords.ofType(copy.type()));
      to.addProperty("size", copy.size());
      to.addProperty("bytes", copy.dataBytes());
      to.addProperty("extents", copy.extents());
      to.addProperty("xattrs", copy.xattrs());
      to.addProperty("dataStaysBelow", copy.dataStaysBelow());
      to.addProperty("separatedLinks", copy.separatedLinks());
      to.addProperty("intoIndex", copy.intoIndex());
      to.addProperty("sync", copy.sync());
    }
    return to;
  }
}
