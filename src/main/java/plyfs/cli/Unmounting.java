package plyfs.cli;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.container.TakenMounts;
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

/** Takes a mount away, with what was mounted below it, and waits until its daemon has ended. */
public final class Unmounting {
  private static final int SILENT_MILLIS = 2000;

  private final byte[] at;
  private final boolean lazy;

  /** The process whose mount is meant; 0 for whatever is mounted there. */
  private final int daemon;

  /**
   * Prepares it.
   *
   * @param at mount point, absolute and without symbolic links
   * @param lazy whether to detach the mount at once and not to wait
   */
  public Unmounting(byte[] at, boolean lazy) {
    this(at, lazy, 0);
  }

  private Unmounting(byte[] at, boolean lazy, int daemon) {
    this.at = at;
    this.lazy = lazy;
    this.daemon = daemon;
  }

  /**
   * Prepares it for the mount of one daemon: another one that covers it stays.
   *
   * @param daemon its process
   */
  public static Unmounting of(byte[] at, boolean lazy, int daemon) {
    return new Unmounting(at, lazy, daemon);
  }

  /**
   * Unmounts.
   *
   * @throws CommandFailure it is no Plyfs mount, or it is in use and stays as it is
   */
  public void run() throws CommandFailure, IOException, ErrnoException {
    String type = MountTable.typeAt(at);
    MountState state = RuntimeDir.standard().find(at);
    if (type == null || !type.startsWith(FuseMount.TYPE)) {
      throw new CommandFailure(notMounted(at, state));
    }
    if (daemon != 0 && state != null && state.pid() != daemon) {
      throw new CommandFailure(covered(at, type + " of process " + state.pid()));
    }
    String device = MountTable.deviceAt(at);
    List<byte[]> below = state == null ? List.of() : state.below();
    try (TakenMounts taken = TakenMounts.take(below, lazy)) {
      if (taken.busy().length > 0) {
        throw new CommandFailure(refusal(taken.busy(), Errno.EBUSY));
      }
      unmount(taken);
    }
    if (state != null && !lazy && !ProcessEnd.await(state.pid(), SILENT_MILLIS)) {
      sayWhoHolds(device, state.pid());
      ProcessEnd.await(state.pid(), ProcessEnd.NO_LIMIT);
    }
  }

  private void unmount(TakenMounts taken) throws CommandFailure, IOException {
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
      taken.putBack();
      throw new CommandFailure(refusal(at, e.errno()));
    }
  }

  private void sayWhoHolds(String device, int pid) throws IOException {
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

  private static String covered(byte[] at, String what) {
    return "another mount, " + what + ", covers " + Name.printable(at) + ": unmount it first";
  }

  private static String notMounted(byte[] at, @Nullable MountState state)
      throws IOException, ErrnoException {
    if (state == null) {
      return Name.printable(at) + " is not a Plyfs mount: see 'plyfs ps'";
    }
    String device = state.device();
    String type = MountTable.typeAt(at);
    if (device != null && type != null && MountTable.isMountedAt(at, device)) {
      return covered(at, type);
    }
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

  private String refusal(byte[] path, int errno) throws IOException {
    String reason = Name.printable(path) + ": " + Errno.describe(errno);
    if (errno != Errno.EBUSY) {
      return reason;
    }
    List<String> users = MountUsers.below(path);
    return users.isEmpty()
        ? reason + ": end the processes that use it ('fuser -vm' lists them), or use -l"
        : reason
            + ": "
            + String.join(", ", users)
            + ": end what uses it, or detach it with 'plyfs umount -l'";
  }
}
