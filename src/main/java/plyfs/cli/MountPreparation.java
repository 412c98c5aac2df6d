package plyfs.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import plyfs.daemon.MountOptionException;
import plyfs.daemon.MountOptions;
import plyfs.daemon.Privilege;
import plyfs.sys.Name;

/** Turns the arguments of mount into what is to be mounted. */
final class MountPreparation {
  private final MountArguments arguments;
  private final MountReport report;

  MountPreparation(MountArguments arguments, MountReport report) {
    this.arguments = arguments;
    this.report = report;
  }

  /**
   * Finds the layers and the mount point, and makes the upper directory where one is implied.
   *
   * @throws MountOptionException an option is wrong
   * @throws CommandFailure anything else is, with the exit code of mount
   */
  MountRequest prepare() throws MountOptionException, CommandFailure {
    MountOptions options = parsed();
    if (options.session().debug()) {
      LogLines.showDebug();
    }
    byte[] mountpoint =
        GivenPath.absoluteDirectory("mount point", arguments.mountpoint(), MountArguments.REFUSED);
    byte[] source = arguments.source();
    if (source != null) {
      options = options.withDefaultSource(source);
    }
    options = withUpper(options);
    options.plan(); // complains if there are no layers at all
    options.notices().forEach(report::notice);
    return new MountRequest(options, mountpoint);
  }

  private MountOptions parsed() throws MountOptionException {
    List<byte[]> words = new ArrayList<>(arguments.options());
    if (arguments.isReadOnly()) {
      words.add("ro".getBytes(US_ASCII));
    }
    if (arguments.isDebug()) {
      words.add("debug".getBytes(US_ASCII));
    }
    return arguments.isTolerant()
        ? MountOptions.parseTolerantly(words, Privilege.current())
        : MountOptions.parse(words, Privilege.current());
  }

  private MountOptions withUpper(MountOptions options) throws CommandFailure {
    byte[] upper = arguments.upper();
    return upper == null ? options : withUpper(options, GivenPath.javaPath(upper));
  }

  /** Options with the upper directory {@code directory/diff}, made if it is not there. */
  static MountOptions withUpper(MountOptions options, Path directory) throws CommandFailure {
    if (options.upper() != null) {
      throw new CommandFailure(
          MountArguments.USAGE, "options '--upper' and 'upperdir=' contradict each other");
    }
    if (options.vfs().isReadOnly()) {
      throw new CommandFailure(
          MountArguments.USAGE, "options '--upper' and 'ro' contradict each other");
    }
    Path diff = directory.resolve("diff");
    Path work = directory.resolve("work");
    try {
      Files.createDirectories(diff);
      Files.createDirectories(work);
    } catch (IOException e) {
      throw new CommandFailure(
          MountArguments.REFUSED,
          "upper directory "
              + Name.printable(GivenPath.bytes(directory))
              + " cannot be made: "
              + e);
    }
    return options.withUpper(GivenPath.bytes(diff), GivenPath.bytes(work));
  }
}
