package plyfs.cli;

import java.io.IOException;
import plyfs.image.transfer.RemoteName;
import plyfs.sys.Name;

/** A name of an image in a registry, as it is given on the command line. */
public final class RemoteImageName {
  private RemoteImageName() {}

  /** The name in an argument. */
  public static RemoteName of(String text) throws CommandFailure {
    try {
      return RemoteName.parse(text);
    } catch (IOException e) {
      throw new CommandFailure(
          "'"
              + Name.printable(RawArguments.bytes(text))
              + "' is not a name of an image in a registry: "
              + e.getMessage());
    }
  }
}
