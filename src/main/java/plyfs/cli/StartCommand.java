package plyfs.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Help text of {@code start}, whose arguments {@link StartArguments} parses without picocli. */
@Command(
    name = "start",
    header = "Mount containers again.",
    description = {
      "Each is mounted where it was before, with its changes, volumes and tmpfs. The command"
          + " prints the names of those that are mounted, also of those that were already.",
      "",
      "Exit codes: 0 done; 1 failed, or 32 where the mount was refused; 2 wrong usage.",
      ""
    })
interface StartCommand {
  @Option(
      names = "--at",
      paramLabel = "DIR",
      description = "Mount it in this directory, now and from now on.")
  String at();

  @Option(
      names = {"-f", "--foreground"},
      description = "Stay in the foreground and log to standard error.")
  boolean foreground();

  @Option(
      names = "--store",
      paramLabel = "DIR",
      description = "Where images are kept (default: $PLYFS_STORE, else /var/lib/plyfs for root).")
  String store();

  @Parameters(arity = "1..*", paramLabel = "CONTAINER", description = "Names or IDs of containers.")
  String[] containers();
}
