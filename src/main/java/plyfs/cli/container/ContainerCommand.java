package plyfs.cli.container;

import picocli.CommandLine.Command;

/** The group of commands for all containers. */
@Command(
    name = "container",
    header = "Remove containers that are stopped.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = ContainerPruneCommand.class,
    footer = {"", "'plyfs container COMMAND --help' describes a command."})
final class ContainerCommand {}
