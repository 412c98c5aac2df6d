package plyfs.daemon;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import plyfs.layer.MountRefusedException;
import plyfs.layer.UpperMount;
import plyfs.options.GivenOption;
import plyfs.options.MountOptionException;
import plyfs.options.MountOptionTable;
import plyfs.options.VfsChange;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.FuseMount;
import plyfs.sys.Linux;
import plyfs.sys.MountEntry;
import plyfs.sys.Name;

/**
 * Changes the flags of a mount that is there: {@code -o remount} with words of the VFS. Everything
 * else stays as it was mounted, so a word that asks for something else is refused, and one that the
 * mount was made with is passed over: mount(8) hands on what fstab and the mount table say.
 */
public final class Remount {
  private static final String REMOUNT = "remount";

  private final List<GivenOption> options;

  private Remount(List<GivenOption> options) {
    this.options = options;
  }

  /**
   * The remount that {@code -o} arguments ask for; null if they ask for none.
   *
   * @throws MountOptionException an argument is malformed
   */
  public static @Nullable Remount asked(List<byte[]> arguments) throws MountOptionException {
    List<GivenOption> options = GivenOption.splitAll(arguments);
    for (GivenOption option : options) {
      if (option.key().equals(REMOUNT) && option.value() == null) {
        return new Remount(options);
      }
    }
    return null;
  }

  /**
   * The words of {@code -o} arguments, one by one as they were given: what {@link #apply} compares
   * with.
   *
   * @throws MountOptionException an argument is malformed
   */
  public static ImmutableList<byte[]> words(List<byte[]> arguments) throws MountOptionException {
    ImmutableList.Builder<byte[]> words = ImmutableList.builder();
    for (GivenOption option : GivenOption.splitAll(arguments)) {
      words.add(option.given().getBytes(ISO_8859_1));
    }
    return words.build();
  }

  /** What the words say. */
  public enum Extent {
    /** All that shall hold afterwards, as mount(8) calls its helpers. */
    WHOLE,
    /** What shall change. */
    CHANGES
  }

  /**
   * Changes the flags of the topmost mount at a mount point.
   *
   * @param mountpoint absolute, without symbolic links
   * @param state what its daemon has told about it, or null
   * @throws MountOptionException a word asks for more than flags; the mount is unchanged
   * @throws MountRefusedException it is no mount of ours, EROFS without an upper directory, EBUSY
   *     while files are open for writing; the mount is unchanged
   */
  public void apply(byte[] mountpoint, @Nullable MountState state, Extent extent)
      throws MountOptionException, MountRefusedException {
    long before = standingFlags(entryAt(mountpoint));
    long flags = check(mountpoint, state, extent);
    boolean keepsTimes = isNoatime(flags) == isNoatime(before);
    boolean becomesReadOnly = isReadOnly(flags) && !isReadOnly(before);
    MountState toSync = becomesReadOnly && state != null && syncs(state) ? state : null;
    String upper = state == null ? null : state.upperMount();
    if (upper != null) {
      setNoatime(upper, isNoatime(flags), keepsTimes);
    }
    int result = FuseMount.remount(mountpoint, flags);
    if (result < 0) {
      if (upper != null) {
        setNoatime(upper, isNoatime(before), true);
      }
      String why = result == -Errno.EBUSY ? ": files are open for writing" : "";
      throw refused(mountpoint, -result, why);
    }
    if (toSync != null) {
      sync(mountpoint, toSync, before);
    }
  }

  private static boolean syncs(MountState state) throws MountRefusedException {
    try {
      return state.standing().engine().fsync();
    } catch (IOException e) {
      throw new MountRefusedException(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Makes durable what was written, as kernel overlayfs does: who remounts read-only may switch the
   * machine off then. The kernel has handed all cached writes to the daemon before.
   */
  private static void sync(byte[] mountpoint, MountState state, long before)
      throws MountOptionException, MountRefusedException {
    String clone = state.upperMount();
    byte[] upper = clone == null ? state.upper() : UpperMount.pathOf(clone);
    if (upper == null) {
      return;
    }
    try (Fd directory = Fd.open(upper, Linux.O_RDONLY | Linux.O_DIRECTORY)) {
      ErrnoException.check(FileSyscalls.syncfs(directory));
    } catch (ErrnoException e) {
      FuseMount.remount(mountpoint, before);
      if (clone != null) {
        setNoatime(clone, isNoatime(before), true);
      }
      throw refused(mountpoint, e.errno(), ": the upper directory could not be synced");
    }
  }

  private static boolean isReadOnly(long flags) {
    return (flags & Linux.MS_RDONLY) != 0;
  }

  /**
   * Access times are those of the files in the upper directory, and FUSE tells the daemon nothing
   * of flags: so its own mount of that directory gets the flag.
   *
   * @param mayFail because nothing is lost then: it is as it was, or the remount fails anyhow
   */
  private static void setNoatime(String upper, boolean noatime, boolean mayFail)
      throws MountOptionException {
    try {
      UpperMount.setNoatime(upper, noatime);
    } catch (ErrnoException e) {
      if (!mayFail) {
        throw fixedTimes(Errno.describe(e.errno()));
      }
    }
  }

  private static MountOptionException fixedTimes(String why) {
    return new MountOptionException(
        "option 'noatime' cannot be changed by remount, because access times of the upper directory"
            + " cannot be changed: unmount, and mount again: "
            + why);
  }

  private static boolean isNoatime(long flags) {
    return (flags & Linux.MS_NOATIME) != 0;
  }

  /**
   * As {@link #apply}, but changes nothing.
   *
   * @return the flags that would hold, {@code MS_*}
   */
  public long check(byte[] mountpoint, @Nullable MountState state, Extent extent)
      throws MountOptionException, MountRefusedException {
    MountEntry entry = entryAt(mountpoint);
    long standing = standingFlags(entry);
    long flags = extent == Extent.WHOLE ? 0 : standing;
    Set<String> words = standingWords(entry, state);
    for (GivenOption option : options) {
      VfsChange change = MountOptionTable.vfsChange(option);
      if (change != null) {
        flags = change.applyTo(flags);
      } else if (!option.key().equals(REMOUNT)
          && !MountOptionTable.isPassedOver(option)
          && !words.contains(option.given())) {
        throw new MountOptionException(
            "option '" + option + "' cannot be changed by remount: unmount, and mount again");
      }
    }
    boolean changesTimes = isNoatime(flags) != isNoatime(standing);
    if (changesTimes && state != null && state.upper() != null && state.upperMount() == null) {
      throw fixedTimes("its mount could not be cloned");
    }
    if (!isReadOnly(flags) && (state == null || state.upper() == null)) {
      throw refused(
          mountpoint, Errno.EROFS, ": it was mounted without an upper directory, or with 'ro'");
    }
    return flags;
  }

  private static long standingFlags(MountEntry entry) {
    long flags = 0;
    for (String word : (entry.flags() + "," + entry.options()).split(",", -1)) {
      VfsChange change = MountOptionTable.vfsChange(new GivenOption(word, null));
      if (change != null && !word.equals("rw")) { // the mount or its file system may be read-only
        flags = change.applyTo(flags);
      }
    }
    return flags;
  }

  /** What asks for no change: the words of the mount, and the kernel's own of the mount table. */
  private static Set<String> standingWords(MountEntry entry, @Nullable MountState state) {
    Set<String> words = new HashSet<>(Arrays.asList(entry.options().split(",", -1)));
    if (state != null) {
      state.words().forEach(word -> words.add(new String(word, ISO_8859_1)));
    }
    return words;
  }

  private static MountEntry entryAt(byte[] mountpoint) throws MountRefusedException {
    MountEntry entry;
    try {
      entry = MountTable.topAt(mountpoint);
    } catch (ErrnoException e) {
      throw refused(mountpoint, e.errno(), "");
    }
    if (entry == null || !entry.type().startsWith(FuseMount.TYPE)) {
      throw refused(mountpoint, Errno.EINVAL, ": it is not a Plyfs mount");
    }
    return entry;
  }

  private static MountRefusedException refused(byte[] mountpoint, int errno, String why) {
    return new MountRefusedException(
        "cannot remount " + Name.printable(mountpoint) + ": " + Errno.describe(errno) + why);
  }
}
