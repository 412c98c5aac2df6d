package plyfs.layer;

/**
 * The layers cannot be mounted. The message is one sentence for a person: which layer, why, and
 * what to do.
 */
public final class MountRefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  /** An exception with a message. */
  public MountRefusedException(String message) {
    super(message);
  }
}
