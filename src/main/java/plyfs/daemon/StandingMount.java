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

/** What is mounted already where a mount is to be made. */
public final class StandingMount {
  /** The type of our mounts, unless the option {@code subtype=} says another. */
  private static final String OURS = FuseMount.TYPE + "plyfs";

  private static final Logger LOG = Loggers.named("plyfs.daemon");

  private StandingMount() {}

  /**
   * Takes away mounts of Plyfs at a mount point whose daemons have died, and refuses a mount that
   * is there already. A mount that is served and one of another program stay.
   *
   * @param wanted the mount that is to be made
   * @param running where the running mounts are
   * @return what the mount covers, for people; null if that is nothing of ours
   * @throws MountRefusedException EBUSY the same layers are mounted there; ENOTCONN a dead mount of
   *     another program is there, or one that this user may not take away
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
   * The mount points of mounts of Plyfs whose daemons have died, as far as this user may use them.
   *
   * @param running the mounts that are served
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
              + ": the same layers are mounted there by process "
              + there.pid()
              + ": unmount them first (EBUSY)");
    }
    return "mount point "
        + point
        + ": the mount covers that of process "
        + there.pid()
        + ", which comes back when it is unmounted";
  }

  /**
   * Whether the program that served the topmost mount has ended. Attributes in the kernel's cache
   * outlive it, so this sends a request; but only if the type says that the mount is ours, for the
   * programs of others may be slow.
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
              + ": a mount of "
              + type
              + " is there whose program has ended: unmount it (ENOTCONN)");
    }
    int result = FuseMount.unmount(point, !Capabilities.mayMount(), true);
    if (result < 0) {
      throw new MountRefusedException(
          there
              + ": a mount is there whose daemon has ended, and it cannot be unmounted: "
              + Errno.describe(-result));
    }
    LOG.log(Level.WARNING, "{0}: took away a mount whose daemon had ended", there);
  }
}
