package plyfs.container;

import java.io.IOException;

/** Another container has the name; the sentence is Docker's. */
public final class NameTakenException extends IOException {
  private static final long serialVersionUID = 1L;

  NameTakenException(Container other) {
    super(
        "Conflict. The container name \"/"
            + other.name()
            + "\" is already in use by container \""
            + other.id()
            + "\". You have to remove (or rename) that container to be able to reuse that name.");
  }
}
