package plyfs.cli;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import plyfs.cli.format.Table;
import plyfs.daemon.MountState;
import plyfs.daemon.RuntimeDir;
import plyfs.daemon.StandingMount;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;

/** Lists running mounts. */
@Command(name = "ps", header = "List the mounts of this user, and mounts whose daemon has died.")
final class PsCommand implements Callable<Integer> {
  @Override
  public Integer call() throws IOException, ErrnoException {
    Table table = new Table("PID", "SOURCE", "MOUNTPOINT", "UPPER", "MOUNTED", "LOG");
    Instant now = Instant.now();
    List<MountState> running = RuntimeDir.standard().list();
    for (MountState state : running) {
      byte[] upper = state.upper();
      table.row(
          Integer.toString(state.pid()),
          Name.printable(state.source()),
          Name.printable(state.mountpoint()),
          upper == null ? "-" : Name.printable(upper),
          Ages.about(Duration.between(state.since(), now)) + " ago",
          state.log().length == 0 ? "-" : Name.printable(state.log()));
    }
    for (byte[] point : StandingMount.dead(running)) {
      byte[] log = MountLog.existingFor(point);
      table.row(
          "dead",
          "-",
          Name.printable(point),
          "-",
          "-",
          log.length == 0 ? "-" : Name.printable(log));
    }
    table.print(Console.OUT);
    return 0;
  }
}
