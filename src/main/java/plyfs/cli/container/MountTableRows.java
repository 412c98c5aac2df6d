package plyfs.cli.container;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.cli.Ages;
import plyfs.cli.Console;
import plyfs.cli.MountLog;
import plyfs.cli.format.Table;
import plyfs.container.Container;
import plyfs.container.Containers;
import plyfs.daemon.MountState;
import plyfs.daemon.RuntimeDir;
import plyfs.daemon.StandingMount;
import plyfs.image.disk.StoreFiles;
import plyfs.image.store.LayerStore;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;

/** The mounts of this user, each with the name of its container. */
final class MountTableRows {
  private static final String NONE = "-";

  private MountTableRows() {}

  static void print() throws IOException, ErrnoException {
    Table table = new Table("PID", "SOURCE", "MOUNTPOINT", "UPPER", "NAME", "MOUNTED", "LOG");
    Instant now = Instant.now();
    List<MountState> running = RuntimeDir.standard().list();
    for (MountState state : running) {
      byte[] upper = state.upper();
      table.row(
          Integer.toString(state.pid()),
          Name.printable(state.source()),
          Name.printable(state.mountpoint()),
          upper == null ? NONE : Name.printable(upper),
          nameOf(upper),
          Ages.about(Duration.between(state.since(), now)) + " ago",
          state.log().length == 0 ? NONE : Name.printable(state.log()));
    }
    for (byte[] point : StandingMount.dead(running)) {
      byte[] log = MountLog.existingFor(point);
      table.row(
          "dead",
          NONE,
          Name.printable(point),
          NONE,
          NONE,
          NONE,
          log.length == 0 ? NONE : Name.printable(log));
    }
    table.print(Console.OUT);
  }

  /** The name of the container with an upper directory. */
  private static String nameOf(byte @Nullable [] upper) throws IOException {
    if (upper == null) {
      return NONE;
    }
    LayerStore store = LayerStore.holding(upper);
    if (store == null) {
      return NONE;
    }
    Container container = new Containers(store).above(StoreFiles.path(upper));
    return container == null ? NONE : container.name();
  }
}
