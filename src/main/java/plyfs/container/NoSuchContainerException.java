package plyfs.container;

import java.io.IOException;

/** There is no container of a name or ID; the message is Docker's. */
public final class NoSuchContainerException extends IOException {
  private static final long serialVersionUID = 1L;

  NoSuchContainerException(String message) {
    super(message);
  }
}
