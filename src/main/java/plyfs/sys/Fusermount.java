package plyfs.sys;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * fusermount3(1), which mounts and unmounts for users who must not call mount(2): it is setuid
 * root, and part of the package {@code fuse3}.
 *
 * @implNote it sends the descriptor of /dev/fuse over the socket whose number {@code _FUSE_COMMFD}
 *     names
 */
public final class Fusermount {
  private static final byte[] PROGRAM = ChildProgram.word("fusermount3");
  private static final byte[] SUBTYPE = "subtype=plyfs".getBytes(US_ASCII);
  private static final List<byte[]> ENVIRONMENT =
      List.of(ChildProgram.word("_FUSE_COMMFD=" + ChildProgram.SOCKET_NUMBER));

  /** Flags of mount(2) and their options, except for {@code ro}. */
  private static final long[] FLAGS = {
    Linux.MS_NOSUID,
    Linux.MS_NODEV,
    Linux.MS_NOEXEC,
    Linux.MS_SYNCHRONOUS,
    Linux.MS_DIRSYNC,
    Linux.MS_NOATIME,
    Linux.MS_NODIRATIME
  };

  private static final String[] WORDS = {
    "nosuid", "nodev", "noexec", "sync", "dirsync", "noatime", "nodiratime"
  };

  private Fusermount() {}

  /** fusermount3 refused; the message is a sentence for a person. */
  public static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    RefusedException(String message) {
      super(message);
    }
  }

  /**
   * Mounts.
   *
   * @param path the mount point, absolute
   * @param flags {@code MS_*}
   * @return a descriptor of /dev/fuse that serves the mount
   */
  static Fd mount(byte[] source, byte[] path, long flags, boolean allowOther)
      throws RefusedException {
    List<byte[]> words = new ArrayList<>(List.of(PROGRAM, ChildProgram.word("-o")));
    words.add(options(source, flags, allowOther));
    words.add(ChildProgram.word("--"));
    words.add(path);
    try (ChildProgram program = ChildProgram.start(words, ENVIRONMENT)) {
      Fd device = program.receiveDescriptor();
      String complaint = program.awaitEnd();
      if (device == null) {
        throw new RefusedException(refusal(complaint));
      }
      return device;
    } catch (ErrnoException e) {
      throw new RefusedException(cannotRun(e));
    }
  }

  private static byte[] options(byte[] source, long flags, boolean allowOther) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(ChildProgram.word((flags & Linux.MS_RDONLY) != 0 ? "ro" : "rw"));
    for (int i = 0; i < FLAGS.length; i++) {
      if ((flags & FLAGS[i]) != 0) {
        all.writeBytes(ChildProgram.word("," + WORDS[i]));
      }
    }
    all.writeBytes(ChildProgram.word(",default_permissions,"));
    if (allowOther) {
      all.writeBytes(ChildProgram.word("allow_other,"));
    }
    all.writeBytes(SUBTYPE);
    all.writeBytes(ChildProgram.word(",fsname="));
    for (byte each : source) {
      if (each == ',' || each == '\\') {
        all.write('\\');
      }
      all.write(each);
    }
    return all.toByteArray();
  }

  private static String refusal(String complaint) {
    if (complaint.contains("user_allow_other")) {
      return "option 'allow_other' needs root, or the line 'user_allow_other' in"
          + " /etc/fuse.conf (EPERM)";
    }
    return "fusermount3 refused: " + complaint.replaceFirst("^fusermount3: ", "");
  }

  private static String cannotRun(ErrnoException e) {
    return e.errno() == Errno.ENOENT
        ? "cannot find fusermount3, which mounts by users other than root need: install"
            + " the package fuse3 (ENOENT)"
        : "cannot run fusermount3: " + Errno.describe(e.errno());
  }

  /**
   * Unmounts a mount of this user.
   *
   * @param path the mount point, absolute and without symbolic links
   * @param lazily detach at once, even while it is in use
   * @return 0; -EBUSY while it is in use; -EINVAL if it is no mount point; -ENOENT without
   *     fusermount3; -EPERM for the mount of another user
   */
  public static int unmount(byte[] path, boolean lazily) {
    try {
      unmountOrSay(path, lazily);
      return 0;
    } catch (RefusedException e) {
      return reason(path);
    } catch (ErrnoException e) {
      return -e.errno();
    }
  }

  /**
   * As {@link #unmount}, for a caller that shows the reason to a person.
   *
   * @throws ErrnoException EBUSY while it is in use; ENOENT without fusermount3
   * @throws RefusedException for any other reason, with the message of fusermount3
   */
  public static void unmountOrSay(byte[] path, boolean lazily)
      throws ErrnoException, RefusedException {
    List<byte[]> words = new ArrayList<>(List.of(PROGRAM, ChildProgram.word("-u")));
    if (lazily) {
      words.add(ChildProgram.word("-z"));
    }
    words.add(ChildProgram.word("--"));
    words.add(path);
    String complaint;
    try (ChildProgram program = ChildProgram.start(words, ENVIRONMENT)) {
      complaint = program.awaitEnd();
    }
    if (complaint.contains("busy")) {
      throw ErrnoException.of(Errno.EBUSY);
    }
    if (!complaint.isEmpty()) {
      throw new RefusedException(refusal(complaint));
    }
  }

  private static int reason(byte[] path) {
    try {
      boolean isMounted =
          MountEntry.all().stream().anyMatch(mount -> Arrays.equals(mount.mountpoint(), path));
      return isMounted ? -Errno.EPERM : -Errno.EINVAL;
    } catch (ErrnoException e) {
      return -e.errno();
    }
  }
}
