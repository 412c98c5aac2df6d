package plyfs.image.registry;

/** Hears how far a blob has come, and can stop it. */
public interface ByteProgress {
  /** Bytes that are there, of all. It may go back when something is sent again. */
  void moved(long done);

  /** Asked now and then: whether to give up. */
  boolean isCancelled();
}
