package plyfs.image.save;

import java.io.IOException;

/** What was saved cannot be written. */
public final class OutputException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String reason;

  OutputException(String label, String reason, IOException cause) {
    super("cannot write " + label + ": " + reason, cause);
    this.reason = reason;
  }

  /** Whether the program that read it has ended. */
  public boolean isReaderGone() {
    return reason.equals("Broken pipe");
  }
}
