package plyfs.cli.image;

import plyfs.cli.CommandFailure;
import plyfs.cli.RawArguments;
import plyfs.image.model.Reference;
import plyfs.sys.Name;

/** Names for new images, as typed. */
final class NewName {
  private NewName() {}

  /**
   * Reads a name.
   *
   * @throws CommandFailure it is none
   */
  static Reference parse(String text) throws CommandFailure {
    Reference name = Reference.parse(text);
    if (name == null) {
      throw new CommandFailure(
          "'"
              + Name.printable(RawArguments.bytes(text))
              + "' is not a name for an image: use [REGISTRY/]REPOSITORY[:TAG], in lower case");
    }
    return name;
  }
}
