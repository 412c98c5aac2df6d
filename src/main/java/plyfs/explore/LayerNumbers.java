package plyfs.explore;

/**
 * How people count layers: from the base, which is layer 1, as the history of an image does. The
 * engine counts from the top: its index is 0 for the upper layer, 1 for the topmost lower one, and
 * so on to the data-only ones. A layer keeps its number when another is put on top.
 *
 * @param lowers how many lower layers there are, data-only ones included
 */
public record LayerNumbers(int lowers) {
  /** What stands for the upper layer, which is no layer of an image, where a number is needed. */
  public static final int UPPER = 0;

  /** Number of the layer with an index of the engine. */
  public int number(int index) {
    return index == UPPER ? UPPER : lowers - index + 1;
  }

  /** {@code the upper layer}, {@code layer 2}: for a sentence. */
  String name(int index) {
    return index == UPPER ? "the upper layer" : "layer " + number(index);
  }

  /** {@code upper}, {@code layer 2}: as a line begins. */
  String heading(int index) {
    return index == UPPER ? "upper" : "layer " + number(index);
  }

  /** {@code upper}, {@code 2}: for a list. */
  String brief(int index) {
    return index == UPPER ? "upper" : Integer.toString(number(index));
  }
}
