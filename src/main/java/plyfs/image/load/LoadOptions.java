package plyfs.image.load;

import plyfs.image.tree.UnpackRules;

/**
 * How images are loaded.
 *
 * @param rules what they may bring
 * @param keepsBlobs whether layers are also kept compressed, as they came, so that the manifest can
 *     be given back
 * @param layersAtOnce how many layers of an image are unpacked at the same time
 */
public record LoadOptions(UnpackRules rules, boolean keepsBlobs, int layersAtOnce) {
  /** Each layer keeps two processors busy: one decompresses and hashes, one makes files. */
  private static final int PROCESSORS_PER_LAYER = 2;

  private static final int MAX_LAYERS = 4;

  /** As many layers as this machine has processors for, and all that an image may have. */
  public static final LoadOptions DEFAULT = new LoadOptions(UnpackRules.ALL, true, forProcessors());

  private static int forProcessors() {
    int processors = Runtime.getRuntime().availableProcessors();
    return Math.max(1, Math.min(MAX_LAYERS, processors / PROCESSORS_PER_LAYER));
  }
}
