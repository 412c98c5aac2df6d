package plyfs.cli.container;

import picocli.CommandLine.Command;

/** The group of commands for volumes. */
@Command(
    name = "volume",
    header = "Make, list and remove volumes, which outlive containers.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      VolumeCreateCommand.class,
      VolumeLsCommand.class,
      VolumeInspectCommand.class,
      VolumeRmCommand.class,
      VolumePruneCommand.class
    },
    footer = {"", "'plyfs volume COMMAND --help' describes a command."})
final class VolumeCommand {}
