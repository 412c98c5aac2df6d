package plyfs.image.registry;

import java.io.IOException;

/** A registry refused something. The message is one sentence for people. */
public final class RegistryException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int status;

  RegistryException(int status, String message) {
    super(message);
    this.status = status;
  }

  /** HTTP status of the answer; 0 where there was none, or the fault is not in the status. */
  public int status() {
    return status;
  }

  /** Whether the registry does not have what it was asked for. */
  public boolean isNotFound() {
    return status == 404;
  }

  /** Whether other credentials could help. */
  public boolean isDenied() {
    return status == 401 || status == 403;
  }
}
