package plyfs.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import plyfs.daemon.MountState;
import plyfs.daemon.RuntimeDir;
import plyfs.explore.UpperDiff;
import plyfs.layer.MountPlan;
import plyfs.layer.MountRefusedException;
import plyfs.options.MountOptions;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;

/** Prints the changes of a mount. */
@Command(
    name = "diff",
    header = "List what was added (A), changed (C) and deleted (D) in a mount.",
    description = {
      "The format is that of 'docker diff'. A file is changed if its type, mode,"
          + " owner, size, content, modification time or capability differs. A directory is"
          + " also listed as changed if an entry in it is listed. The entries of a deleted"
          + " directory are not listed. An unprintable byte is shown as \\xHH, a backslash"
          + " as \\\\."
    })
final class DiffCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MOUNTPOINT", description = "The mount point of a Plyfs mount.")
  private String mountpoint = "";

  @Override
  public Integer call() throws CommandFailure, IOException {
    byte[] at =
        GivenPath.absoluteDirectory(
            "mount point", RawArguments.bytes(mountpoint), CommandFailure.FAILED);
    MountState state = RuntimeDir.standard().find(at);
    if (state == null) {
      throw new CommandFailure(Name.printable(at) + " is not a Plyfs mount: see 'plyfs ps'");
    }
    byte[] upper = state.upper();
    if (upper == null) {
      return 0; // a mount without an upper directory has no changes
    }
    MountOptions standing = state.standing();
    MountPlan plan =
        new MountPlan(state.lowers(), upper, null, standing.marks())
            .withOverride(standing.engine().override())
            .withDataOnly(state.dataOnly());
    boolean aufs = standing.engine().aufs();
    try {
      UpperDiff.compare(
          plan, aufs ? UpperDiff.Aufs.MARKS : UpperDiff.Aufs.NAMES, DiffCommand::printLine);
    } catch (MountRefusedException | ErrnoException e) {
      throw new CommandFailure("cannot compare the layers: " + e.getMessage());
    }
    return 0;
  }

  private static void printLine(UpperDiff.Kind kind, byte[] path) {
    Console.OUT.println(kind.letter() + " " + Name.printable(path));
  }
}
