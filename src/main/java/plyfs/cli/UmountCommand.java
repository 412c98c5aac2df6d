package plyfs.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plyfs.daemon.MountState;
import plyfs.daemon.MountTable;
import plyfs.daemon.RuntimeDir;
import plyfs.sys.Capabilities;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.FuseMount;
import plyfs.sys.Fusermount;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Name;

/** Unmounts, and waits until the daemon has closed all layers. */
@Command(
    name = "umount",
    header = "Unmount, and wait until the daemon has closed the layers and ended.")
final class UmountCommand implements Callable<Integer> {
  private static final int SILENT_MILLIS = 2000;

  @Option(
      names = {"-l", "--lazy"},
      description =
          "Detach the mount at once and do not wait. The mount ends when no process uses" + " it.")
  private boolean lazy;

  @Parameters(paramLabel = "MOUNTPOINT", description = "The mount point of a Plyfs mount.")
  private String mountpoint = "";

  @Override
  public Integer call() throws CommandFailure, IOException, ErrnoException {
    byte[] at =
        GivenPath.absoluteDirectory(
            "mount point", RawArguments.bytes(mountpoint), CommandFailure.FAILED);
    String type = MountTable.typeAt(at);
    MountState state = RuntimeDir.standard().find(at);
    if (type == null || !type.startsWith(FuseMount.TYPE)) {
      throw new CommandFailure(notMounted(at, state));
    }
    String device = MountTable.deviceAt(at);
    unmount(at);
    if (state != null && !lazy && !ProcessEnd.await(state.pid(), SILENT_MILLIS)) {
      sayWhoHolds(at, device, state.pid());
      ProcessEnd.await(state.pid(), ProcessEnd.NO_LIMIT);
    }
    return 0;
  }

  private void unmount(byte[] at) throws CommandFailure {
    int result = MountSyscalls.umount(at, lazy ? Linux.MNT_DETACH : 0);
    try {
      if (result == -Errno.EPERM && !Capabilities.mayMount()) {
        Fusermount.unmountOrSay(at, lazy);
        return;
      }
      ErrnoException.check(result);
    } catch (Fusermount.RefusedException e) {
      throw new CommandFailure(Name.printable(at) + ": " + e.getMessage());
    } catch (ErrnoException e) {
      throw new CommandFailure(refusal(at, e.errno()));
    }
  }

  private static void sayWhoHolds(byte[] at, String device, int pid) throws IOException {
    String daemon = "process " + pid;
    MountHolders holders = MountHolders.of(device);
    if (holders.areNone()) {
      Console.complain(
          Name.printable(at) + " is unmounted; waiting for " + daemon + ", which is still busy");
      return;
    }
    Console.complain(
        Name.printable(at)
            + " is unmounted here, but still mounted in another mount namespace; waiting for "
            + daemon
            + " (--lazy does not wait)");
    for (String sentence : holders.sentences()) {
      Console.complain(sentence);
    }
  }

  private static String notMounted(byte[] at, @Nullable MountState state) throws IOException {
    if (state == null) {
      return Name.printable(at) + " is not a Plyfs mount: see 'plyfs ps'";
    }
    String device = state.device();
    StringBuilder all = new StringBuilder(Name.printable(at) + " is no longer a Plyfs mount");
    all.append(": its daemon, process ")
        .append(state.pid())
        .append(", ends when nothing uses the mount");
    if (device != null) {
      for (String holder : MountHolders.of(device).sentences()) {
        all.append("; ").append(holder);
      }
    }
    return all.toString();
  }

  private static String refusal(byte[] at, int errno) {
    String reason = Name.printable(at) + ": " + Errno.describe(errno);
    return errno == Errno.EBUSY
        ? reason + ": end the processes that use it ('fuser -vm' lists them), or use -l"
        : reason;
  }
}
