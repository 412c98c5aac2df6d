package plyfs.explore;

/**
 * Layer numbers for a person: from the base, which is layer 1, as in the history of an image. The
 * engine counts from the top: its index is 0 for the upper layer, 1 for the topmost lower layer,
 * and so on to the data-only layers. A layer keeps its number when another layer is added on top.
 *
 * @param lowers number of lower layers, including data-only layers
 */
public record LayerNumbers(int lowers) {
  /** The number of the upper layer, which is not a layer of an image. */
  public static final int UPPER = 0;

  /** Number of the layer with an index of the engine. */
  public int number(int index) {
    return index == UPPER ? UPPER : lowers - index + 1;
  }

  /** {@code the upper layer}, {@code layer 2}: in a sentence. */
  String name(int index) {
    return index == UPPER ? "the upper layer" : "layer " + number(index);
  }

  /** {@code upper}, {@code layer 2}: at the beginning of a line. */
  String heading(int index) {
    return index == UPPER ? "upper" : "layer " + number(index);
  }

  /** {@code upper}, {@code 2}: in a list. */
  String brief(int index) {
    return index == UPPER ? "upper" : Integer.toString(number(index));
  }
}
