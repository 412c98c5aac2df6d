package plyfs.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;

/** Runs every command but mount by means of the option library, which has their help texts. */
final class WithHelp {
  private WithHelp() {}

  /** Runs a command; its exit code. */
  static int execute(List<byte[]> arguments) {
    CommandLine line = new CommandLine(new PlyfsCommand());
    addHelp(line);
    line.setOut(new PrintWriter(Console.OUT, true, StandardCharsets.UTF_8));
    line.setUsageHelpWidth(100);
    line.setParameterExceptionHandler(WithHelp::wrongUsage);
    line.setExecutionExceptionHandler(WithHelp::failed);
    if (arguments.isEmpty()) {
      line.usage(line.getOut());
      return CommandFailure.USAGE;
    }
    return line.execute(RawArguments.texts(arguments));
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
    }
  }

  private static int wrongUsage(ParameterException failure, String[] arguments) {
    String name = failure.getCommandLine().getCommandSpec().qualifiedName();
    String message = Name.printable(RawArguments.bytes(String.valueOf(failure.getMessage())));
    Console.complain(message + ": see '" + name + " --help'");
    return CommandFailure.USAGE;
  }

  private static int failed(Exception failure, CommandLine line, ParseResult parsed) {
    if (failure instanceof CommandFailure known) {
      Console.complain(String.valueOf(failure.getMessage()));
      return known.exitCode();
    }
    if (failure instanceof ErrnoException || failure instanceof IOException) {
      Console.complain(String.valueOf(failure.getMessage()));
      return CommandFailure.FAILED;
    }
    throw new IllegalStateException(failure);
  }
}
