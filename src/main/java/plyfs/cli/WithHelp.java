package plyfs.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;
import plyfs.cli.format.UsageException;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;

/** Runs every command but mount with picocli, which also prints the help texts. */
final class WithHelp {
  /** The minimum width of a terminal. */
  private static final int HELP_COLUMNS = 80;

  /** The end of the help text of mount, in lines. */
  static final List<String> EXIT_CODES_OF_MOUNT =
      List.of(
          "Exit codes: 0 mounted; 1 wrong usage or option; 2 the system lacks something",
          "that Plyfs needs; 32 the mount was refused.");

  private WithHelp() {}

  /** Runs a command; its exit code. */
  static int execute(List<byte[]> arguments) {
    CommandLine line = commands(needed(arguments));
    line.setOut(new PrintWriter(Console.OUT, true, StandardCharsets.UTF_8));
    line.setParameterExceptionHandler(WithHelp::wrongUsage);
    line.setExecutionExceptionHandler(WithHelp::failed);
    if (arguments.isEmpty()) {
      line.usage(line.getOut());
      return CommandFailure.USAGE;
    }
    return line.execute(RawArguments.texts(arguments));
  }

  /**
   * The commands that picocli has to know: the one that is called, because to describe all of them
   * takes longer than most of them run.
   */
  private static List<String> needed(List<byte[]> arguments) {
    List<String> names = CommandList.names();
    String called = arguments.isEmpty() ? "" : RawArguments.text(arguments.get(0));
    return names.contains(called) ? List.of(called) : names;
  }

  /** All commands, each with {@code --help}. */
  static CommandLine commands() {
    return commands(CommandList.names());
  }

  private static CommandLine commands(List<String> names) {
    CommandLine line = new CommandLine(new PlyfsCommand());
    CommandLine help = Objects.requireNonNull(line.getSubcommands().get("help"));
    line.getCommandSpec().removeSubcommand("help"); // to list it last
    for (String name : names) {
      line.addSubcommand(CommandList.classOf(name));
    }
    line.addSubcommand(help);
    addHelp(line);
    line.setUsageHelpWidth(HELP_COLUMNS);
    // Of an option that is given twice the last value counts, as in Docker.
    line.setOverwrittenOptionsAllowed(true);
    if (names.contains("mount")) {
      explainMountOptions(commandOf(line, "mount"));
    }
    if (names.contains("run")) {
      // What follows the image is the command to run, with its own options.
      commandOf(line, "run").setStopAtPositional(true);
    }
    return line;
  }

  /** A command of {@link #commands}. */
  static CommandLine commandOf(CommandLine all, String name) {
    return Objects.requireNonNull(all.getSubcommands().get(name), name);
  }

  private static void explainMountOptions(CommandLine mount) {
    List<String> footer = new ArrayList<>(List.of(""));
    footer.addAll(OptionHelp.lines());
    footer.add("");
    footer.addAll(EXIT_CODES_OF_MOUNT);
    mount.getCommandSpec().usageMessage().footer(footer.toArray(new String[0]));
  }

  private static void addHelp(CommandLine line) {
    line.getCommandSpec()
        .addOption(
            OptionSpec.builder("-V", "--version")
                .versionHelp(true)
                .description("Show the version.")
                .build());
    addUsage(line);
    addUsageBelow(line);
  }

  private static void addUsageBelow(CommandLine line) {
    for (CommandLine subcommand : line.getSubcommands().values()) {
      addUsage(subcommand);
      addUsageBelow(subcommand);
    }
  }

  private static void addUsage(CommandLine line) {
    if (line.getCommandSpec().findOption('h') == null) {
      line.getCommandSpec()
          .addOption(
              OptionSpec.builder("-h", "--help")
                  .usageHelp(true)
                  .description("Show this text.")
                  .build());
    } else if (line.getCommandSpec().findOption("--help") == null) {
      line.getCommandSpec()
          .addOption(
              OptionSpec.builder("--help").usageHelp(true).description("Show this text.").build());
    }
  }

  private static int wrongUsage(ParameterException failure, String[] arguments) {
    String name = failure.getCommandLine().getCommandSpec().qualifiedName();
    String message =
        failure instanceof UnmatchedArgumentException unknown
            ? unknown(unknown)
            : String.valueOf(failure.getMessage());
    String sentence = Name.printable(RawArguments.bytes(message)).replaceFirst("\\.$", "");
    String see = sentence.endsWith("?") ? " See '" : ": see '";
    Console.complain(sentence + see + name + " --help'");
    return failure.getCommandLine().getCommandSpec().exitCodeOnInvalidInput();
  }

  /** The message for an unknown argument, with the most similar commands or options. */
  private static String unknown(UnmatchedArgumentException failure) {
    String message = "unknown argument '" + failure.getUnmatched().get(0) + "'";
    List<String> nearest =
        failure.getSuggestions().stream().limit(2).map(word -> "'" + word + "'").toList();
    return nearest.isEmpty()
        ? message
        : message + ": did you mean " + String.join(" or ", nearest) + "?";
  }

  private static int failed(Exception failure, CommandLine line, ParseResult parsed) {
    if (failure instanceof CommandFailure known) {
      Console.complain(String.valueOf(failure.getMessage()));
      return known.exitCode();
    }
    if (failure instanceof UsageException) {
      Console.complain(String.valueOf(failure.getMessage()));
      return CommandFailure.USAGE;
    }
    if (failure instanceof ErrnoException || failure instanceof IOException) {
      Console.complain(FailureText.of(failure));
      return CommandFailure.FAILED;
    }
    throw new IllegalStateException(failure);
  }
}
