package plyfs.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plyfs.sys.ErrnoException;

/** Unmounts, and waits until the daemon has closed all layers. */
@Command(
    name = "umount",
    header = "Unmount, and wait until the daemon has closed the layers and ended.")
final class UmountCommand implements Callable<Integer> {
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
    new Unmounting(at, lazy).run();
    return 0;
  }
}
