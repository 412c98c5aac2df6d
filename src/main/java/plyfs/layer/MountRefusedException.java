package plyfs.layer;

/**
 * The layers cannot be mounted; the message says which, why, and what to do, in one sentence for a
 * person.
 */
public final class MountRefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  /** A reason. */
  public MountRefusedException(String message) {
    super(message);
  }
}
