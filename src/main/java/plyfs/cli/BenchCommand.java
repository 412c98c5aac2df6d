package plyfs.cli;

import picocli.CommandLine.Command;

/** The group of benchmark commands. */
@Command(
    name = "bench",
    header = "Measure what copy-up costs, and compare measurements.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {BenchCopyUpCommand.class, BenchCompareCommand.class},
    footer = {"", "'plyfs bench COMMAND --help' describes a command."})
final class BenchCommand {}
