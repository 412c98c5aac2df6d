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

/** Prints what was changed in a mount. */
@Command(
    name = "diff",
    header = "List what was added (A), changed (C) and deleted (D) in a mount.",
    description = {
      "As 'docker diff' does: a change is another type, mode, owner, size, content, time of"
          + " modification or capability. A directory whose contents changed is listed too; below a deleted"
          + " directory nothing is. Bytes that cannot be shown are \\xHH, a backslash is two."
    })
final class DiffCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MOUNTPOINT", description = "Where the mount is.")
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
      return 0; // nothing can have changed
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
