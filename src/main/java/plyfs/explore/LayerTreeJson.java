package plyfs.explore;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import plyfs.sys.Name;

/** Writes a {@link LayerTree} as JSON. */
public final class LayerTreeJson {
  private LayerTreeJson() {}

  /**
   * One JSON object: {@code bytes}, {@code wastedBytes}, {@code efficiency} (0 to 1), {@code
   * layers} with all their changes, the lowest first, and {@code wasted}. Layers are numbered from
   * the base, 1; the upper layer is 0.
   *
   * @param layer number of the only layer to include; -1 for all
   */
  public static String of(LayerTree tree, int layer) {
    JsonObject top = new JsonObject();
    top.addProperty("bytes", tree.bytes());
    top.addProperty("wastedBytes", tree.wastedBytes());
    top.addProperty("efficiency", tree.efficiency());
    JsonArray layers = new JsonArray();
    for (LayerTree.OneLayer each : tree.layers()) {
      if (layer < 0 || tree.number(each) == layer) {
        layers.add(layer(tree, each));
      }
    }
    top.add("layers", layers);
    JsonArray wasted = new JsonArray();
    for (LayerTree.Wasted each : tree.wasted()) {
      JsonObject file = new JsonObject();
      file.addProperty("path", LayerTreeText.printable(each.path()));
      file.addProperty("bytes", each.bytes());
      LayerNumbers numbers = tree.explored().numbers();
      file.addProperty("layer", numbers.number(each.addedIn()));
      Integer by = each.hiddenBy();
      if (by != null) {
        file.addProperty(each.isDeleted() ? "deletedIn" : "replacedIn", numbers.number(by));
      }
      wasted.add(file);
    }
    top.add("wasted", wasted);
    return top.toString();
  }

  private static JsonObject layer(LayerTree tree, LayerTree.OneLayer layer) {
    JsonObject to = new JsonObject();
    to.addProperty("layer", tree.number(layer));
    to.addProperty("directory", Name.printable(tree.explored().path(layer.index())));
    LayerOrigin origin = tree.explored().origin(layer.index());
    if (origin != null) {
      to.addProperty("id", origin.id());
      to.addProperty("createdBy", origin.createdBy());
    }
    to.addProperty("bytes", layer.bytes());
    JsonArray changes = new JsonArray();
    for (LayerTree.Change change : layer.changes()) {
      JsonObject line = new JsonObject();
      line.addProperty("kind", JsonWords.of(change.kind()));
      line.addProperty("path", LayerTreeText.printable(change.path()));
      line.addProperty("directory", change.isDirectory());
      line.addProperty("bytes", change.bytes());
      changes.add(line);
    }
    to.add("changes", changes);
    return to;
  }
}
