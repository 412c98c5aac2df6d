package plyfs.daemon;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.layer.MountRefusedException;
import plyfs.sys.Capabilities;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.FuseMount;
import plyfs.sys.Linux;
import plyfs.sys.Loggers;
import plyfs.sys.MountEntry;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.StatFs;
import plyfs.sys.Syscalls;

/** Handles a mount that already exists at the mount point of a new one. */
public final class StandingMount {
  /** The type of Plyfs mounts, unless the option {@code subtype=} sets another. */
  private static final String OURS = FuseMount.TYPE + "plyfs";

  private static final Logger LOG = Loggers.named("plyfs.daemon");

  private StandingMount() {}

  /**
   * Unmounts Plyfs mounts at a mount point whose daemons have died, and refuses to mount the same
   * layers twice. Other mounts stay, and the new mount covers them.
   *
   * @param wanted the new mount
   * @param running the runtime directory of the running mounts
   * @return a notice that the new mount covers a Plyfs mount; null if it covers none
   * @throws MountRefusedException EBUSY the same layers are already mounted there; ENOTCONN a dead
   *     mount of another program is there, or one that this user cannot unmount
   * @throws IOException the running mounts cannot be read
   */
  public static @Nullable String makeWay(MountState wanted, RuntimeDir running)
      throws MountRefusedException, IOException {
    byte[] point = wanted.mountpoint();
    Stat stat = new Stat();
    try {
      while (isMountPoint(point, stat)) {
        MountState state = running.find(point);
        if (state != null) {
          return covered(wanted, state);
        }
        MountEntry top = MountTable.topAt(point);
        if (!isDead(point, top)) {
          return null;
        }
        takeAway(point, top);
      }
      return null;
    } catch (ErrnoException e) {
      throw OverlayMount.refused(point, e);
    }
  }

  /**
   * The mount points of Plyfs mounts whose daemons have died, as far as this user has access.
   *
   * @param running the mounts whose daemons run
   */
  public static List<byte[]> dead(List<MountState> running) throws ErrnoException {
    List<byte[]> dead = new ArrayList<>();
    for (MountEntry entry : MountEntry.all()) {
      byte[] point = entry.mountpoint();
      if (entry.type().equals(OURS)
          && !isServed(point, running)
          && isDead(point, MountTable.topAt(point))) {
        dead.add(point);
      }
    }
    return dead;
  }

  private static boolean isServed(byte[] point, List<MountState> running) {
    for (MountState state : running) {
      if (Arrays.equals(state.mountpoint(), point)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isMountPoint(byte[] point, Stat stat) throws ErrnoException {
    int result = Syscalls.statxFollowing(Fd.CWD, point, stat);
    return result == -Errno.ENOTCONN || ErrnoException.check(result) == 0 && stat.isMountRoot();
  }

  private static String covered(MountState wanted, MountState there) throws MountRefusedException {
    String point = Name.printable(there.mountpoint());
    if (wanted.hasLayersOf(there)) {
      throw new MountRefusedException(
          "mount point "
              + point
              + ": the same layers are already mounted there by process "
              + there.pid()
              + ": unmount them first (EBUSY)");
    }
    return "mount point "
        + point
        + ": the new mount covers the mount of process "
        + there.pid()
        + " until it is unmounted";
  }

  /**
   * Whether the daemon of the topmost mount has ended. Cached attributes outlive the daemon, so
   * this method sends a request, but only to a mount of the Plyfs type: daemons of other programs
   * may be slow.
   */
  private static boolean isDead(byte[] point, @Nullable MountEntry top) throws ErrnoException {
    if (top == null || !top.type().equals(OURS)) {
      return Syscalls.statxFollowing(Fd.CWD, point, new Stat()) == -Errno.ENOTCONN;
    }
    try (Fd root = Fd.openIfPresent(Fd.CWD, point, Linux.O_PATH | Linux.O_DIRECTORY)) {
      return root != null && FileSyscalls.fstatfs(root, new StatFs()) == -Errno.ENOTCONN;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOTCONN || e.errno() == Errno.EACCES) {
        return e.errno() == Errno.ENOTCONN;
      }
      throw e;
    }
  }

  private static void takeAway(byte[] point, @Nullable MountEntry dead)
      throws MountRefusedException {
    String there = "mount point " + Name.printable(point);
    if (dead == null || !dead.type().equals(OURS)) {
      String type = dead == null ? "another file system" : "type " + dead.type();
      throw new MountRefusedException(
          there
              + ": the program behind the mount there ("
              + type
              + ") has ended: unmount it first (ENOTCONN)");
    }
    int result = FuseMount.unmount(point, !Capabilities.mayMount(), true);
    if (result < 0) {
      throw new MountRefusedException(
          there
              + ": cannot unmount the mount there, whose daemon has ended: "
              + Errno.describe(-result));
    }
    LOG.log(Level.WARNING, "{0}: unmounted a mount whose daemon had ended", there);
  }
}
