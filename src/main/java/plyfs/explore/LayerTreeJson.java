package plyfs.explore;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import plyfs.sys.Name;

/** A {@link LayerTree} for programs. */
public final class LayerTreeJson {
  private LayerTreeJson() {}

  /**
   * One JSON object: {@code bytes}, {@code wastedBytes}, {@code efficiency} (0 to 1), {@code
   * layers} with all their changes, the lowest first, and {@code wasted}.
   *
   * @param layer the only layer to tell of; -1 for all
   */
  public static String of(LayerTree tree, int layer) {
    JsonObject top = new JsonObject();
    top.addProperty("bytes", tree.bytes());
    top.addProperty("wastedBytes", tree.wastedBytes());
    top.addProperty("efficiency", tree.efficiency());
    JsonArray layers = new JsonArray();
    for (LayerTree.OneLayer each : tree.layers()) {
      if (layer < 0 || each.number() == layer) {
        layers.add(layer(tree, each));
      }
    }
    top.add("layers", layers);
    JsonArray wasted = new JsonArray();
    for (LayerTree.Wasted each : tree.wasted()) {
      JsonObject file = new JsonObject();
      file.addProperty("path", LayerTreeText.printable(each.path()));
      file.addProperty("bytes", each.bytes());
      file.addProperty("layer", each.addedIn());
      if (each.hiddenBy() != null) {
        file.addProperty(each.isDeleted() ? "deletedIn" : "replacedIn", each.hiddenBy());
      }
      wasted.add(file);
    }
    top.add("wasted", wasted);
    return top.toString();
  }

  private static JsonObject layer(LayerTree tree, LayerTree.OneLayer layer) {
    JsonObject to = new JsonObject();
    to.addProperty("layer", layer.number());
    to.addProperty("directory", Name.printable(tree.explored().path(layer.number())));
    String label = tree.explored().label(layer.number());
    if (label != null) {
      to.addProperty("id", label);
    }
    to.addProperty("bytes", layer.bytes());
    JsonArray changes = new JsonArray();
    for (LayerTree.Change change : layer.changes()) {
      JsonObject line = new JsonObject();
      line.addProperty("kind", String.valueOf(change.kind().letter()));
      line.addProperty("path", LayerTreeText.printable(change.path()));
      line.addProperty("directory", change.isDirectory());
      line.addProperty("bytes", change.bytes());
      changes.add(line);
    }
    to.add("changes", changes);
    return to;
  }
}
