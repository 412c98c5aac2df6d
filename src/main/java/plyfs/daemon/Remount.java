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
 * Changes the flags of an existing mount: {@code -o remount} with options of the VFS. All other
 * options stay as they are: an option that asks for another value is refused, and an option that
 * the mount already has is ignored, because mount(8) passes on the options of fstab and of the
 * mount table.
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
   * The options of {@code -o} arguments, one by one, as they were given; {@link #apply} compares
   * with them.
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

  /** What the options describe. */
  public enum Extent {
    /** All flags that apply afterwards, as mount(8) passes them to its helpers. */
    WHOLE,
    /** Only the changes. */
    CHANGES
  }

  /**
   * Changes the flags of the topmost mount at a mount point.
   *
   * @param mountpoint absolute, without symbolic links
   * @param state the state that its daemon published, or null
   * @throws MountOptionException an option asks for more than a change of flags; the mount is
   *     unchanged
   * @throws MountRefusedException it is not a Plyfs mount, EROFS without an upper directory, EBUSY
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
   * Syncs written data, as kernel overlayfs does: after a remount to read-only the machine may be
   * switched off. The kernel has already sent all cached writes to the daemon.
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
      throw refused(mountpoint, e.errno(), ": cannot sync the upper directory");
    }
  }

  private static boolean isReadOnly(long flags) {
    return (flags & Linux.MS_RDONLY) != 0;
  }

  /**
   * Sets noatime on the daemon's own mount of the upper directory. The access times are those of
   * the upper files, and FUSE does not tell the daemon about flags of the mount.
   *
   * @param mayFail true if a failure loses nothing: the flag does not change, or the remount fails
   *     anyway
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
        "option 'noatime' cannot be changed by remount, because the mount of the upper directory"
            + " cannot be changed ("
            + why
            + "): unmount, and mount again");
  }

  private static boolean isNoatime(long flags) {
    return (flags & Linux.MS_NOATIME) != 0;
  }

  /**
   * Checks as {@link #apply} does, but changes nothing.
   *
   * @return the flags after the change, {@code MS_*}
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
      throw fixedTimes("it could not be cloned");
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

  /**
   * The options that ask for no change: those of the mount, and those that the kernel adds to the
   * mount table.
   */
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
