package plyfs.cli;

import picocli.CommandLine.Command;

/** The group of commands that measure. */
@Command(
    name = "bench",
    header = "Measure what copy-up costs, and compare measurements.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {BenchCopyUpCommand.class, BenchCompareCommand.class},
    footer = {"", "'plyfs bench COMMAND --help' says more about a command."})
final class BenchCommand {}
