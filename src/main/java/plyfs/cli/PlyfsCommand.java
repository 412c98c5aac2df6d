package plyfs.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;

/** The command without a subcommand: prints help and version. */
@Command(
    name = "plyfs",
    header = "Mount container images and stacks of directories as one file system.",
    synopsisSubcommandLabel = "COMMAND",
    versionProvider = PlyfsCommand.Version.class,
    subcommands = HelpCommand.class,
    footer = {"", "'plyfs COMMAND --help' describes a command."})
final class PlyfsCommand {
  /** Reads the version from the jar. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = PlyfsCommand.class.getPackage().getImplementationVersion();
      return new String[] {"plyfs " + (version == null ? "(not packaged)" : version)};
    }
  }
}
