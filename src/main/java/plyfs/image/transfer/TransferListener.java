package plyfs.image.transfer;

import plyfs.image.model.Digest;

/** Hears how far a pull or a push has come; called by several threads. */
public interface TransferListener {
  /** Hears nothing. */
  TransferListener SILENT = new TransferListener() {};

  /**
   * A layer is somewhere now.
   *
   * @param layer as people see it: its digest in the registry for a pull, its diff_id for a push
   * @param detail what else is to be said; perhaps empty
   */
  default void state(Digest layer, LayerState state, String detail) {}

  /**
   * A layer moves.
   *
   * @param done bytes of {@code total}
   */
  default void progress(Digest layer, LayerState state, long done, long total) {}

  /** One sentence about something that could not be kept, to be shown to the person. */
  default void notice(String sentence) {}
}
