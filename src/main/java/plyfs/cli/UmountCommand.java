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

/** Unmounts and waits until the daemon has closed all layers. */
@Command(
    name = "umount",
    header = "Unmount, and wait until the daemon has ended and closed the layers.")
final class UmountCommand implements Callable<Integer> {
  @Option(
      names = {"-l", "--lazy"},
      description = "Take the mount out of the tree now; it ends when nothing uses it any more.")
  private boolean lazy;

  @Parameters(paramLabel = "MOUNTPOINT", description = "Where the mount is.")
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
    int result = MountSyscalls.umount(at, lazy ? Linux.MNT_DETACH : 0);
    if (result == -Errno.EPERM && !Capabilities.mayMount()) {
      result = Fusermount.unmount(at, lazy);
    }
    if (result < 0) {
      throw new CommandFailure(refusal(at, -result));
    }
    if (state != null && !lazy) {
      ProcessEnd.await(state.pid());
    }
    return 0;
  }

  private static String notMounted(byte[] at, @Nullable MountState state) {
    String sentence = Name.printable(at) + " is not a Plyfs mount";
    return state == null
        ? sentence
        : sentence + " any more: process " + state.pid() + " ends when nothing uses it";
  }

  private static String refusal(byte[] at, int errno) {
    String reason = Name.printable(at) + ": " + Errno.describe(errno);
    return errno == Errno.EBUSY
        ? reason + ": end what uses it ('fuser -vm' shows it), or give -l"
        : reason;
  }
}
