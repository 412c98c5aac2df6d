package plyfs.container;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.image.disk.StoreFiles;
import plyfs.image.model.ProgressListener;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoreLock;
import plyfs.sys.Capabilities;
import plyfs.sys.DetachedMount;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/**
 * Mounts bind mounts, volumes and tmpfs of a container below the mount of its layers. Every path is
 * resolved inside that mount: a symbolic link of the image leads nowhere else. What is missing
 * there is made, and so becomes a part of the container's changes.
 */
public final class BelowMounts implements AutoCloseable {
  private static final int RESOLVE = Linux.RESOLVE_IN_ROOT | Linux.RESOLVE_NO_MAGICLINKS;
  private static final byte[] TMPFS = "tmpfs".getBytes(US_ASCII);

  private final LayerStore store;
  private final ProgressListener listener;
  private final List<StoreLock> volumesInUse = new ArrayList<>();

  /**
   * Prepares mounts.
   *
   * @param listener hears what is made on the host
   */
  public BelowMounts(LayerStore store, ProgressListener listener) {
    this.store = store;
    this.listener = listener;
  }

  /**
   * Mounts all; when one fails, those before it are taken away again.
   *
   * @param root the mount of the layers
   * @return where they are, in order; absolute
   * @throws IOException one sentence
   */
  public List<byte[]> make(byte[] root, List<ContainerMount> mounts) throws IOException {
    List<byte[]> made = new ArrayList<>();
    if (mounts.isEmpty()) {
      return made;
    }
    if (!Capabilities.mayMount()) {
      throw new IOException(
          "volumes and tmpfs need the right to mount (CAP_SYS_ADMIN): run this as root, or in"
              + " 'unshare -Urm'");
    }
    try (Fd top = Fd.open(root, Linux.O_PATH | Linux.O_DIRECTORY)) {
      for (ContainerMount mount : mounts) {
        made.add(make(top, mount));
      }
      return made;
    } catch (IOException | ErrnoException e) {
      TakenMounts.take(made, true).close();
      throw e instanceof IOException known
          ? known
          : new IOException(Name.printable(root) + ": " + e.getMessage(), e);
    }
  }

  private byte[] make(Fd top, ContainerMount mount) throws IOException {
    String at = Name.printable(mount.target());
    try {
      if (mount.kind() == ContainerMount.Kind.TMPFS) {
        try (Fd target = target(top, mount.target(), true)) {
          mountTmpfs(target, mount.options());
          return Syscalls.realPath(target);
        }
      }
      if (mount.kind() == ContainerMount.Kind.VOLUME) {
        return makeVolume(top, mount);
      }
      makeSource(mount);
      return bind(top, mount, mount.source());
    } catch (ErrnoException e) {
      throw new IOException("cannot mount " + what(mount) + " at " + at + ": " + reason(e), e);
    }
  }

  private static String reason(ErrnoException e) {
    return switch (e.errno()) {
      case Errno.ENOSYS -> "this needs Linux 5.12 (ENOSYS)";
      case Errno.ENOTDIR ->
          "one of the two is a directory and the other is not: mount a directory over a directory,"
              + " or a file over a file (ENOTDIR)";
      default -> String.valueOf(e.getMessage());
    };
  }

  private static String what(ContainerMount mount) {
    return switch (mount.kind()) {
      case TMPFS -> "a tmpfs";
      case VOLUME -> "the volume " + mount.volume();
      case BIND -> Name.printable(mount.source());
    };
  }

  private byte[] makeVolume(Fd top, ContainerMount mount) throws IOException, ErrnoException {
    return bind(top, mount, StoreFiles.bytes(use(top, mount).data()));
  }

  /**
   * Gives a volume to this container until it is closed, filled with what the image has there if it
   * is empty, may be filled, and no other container uses it now.
   *
   * @param root the mount of the layers
   */
  public Volume use(byte[] root, ContainerMount mount) throws IOException {
    try (Fd top = Fd.open(root, Linux.O_PATH | Linux.O_DIRECTORY)) {
      return use(top, mount);
    } catch (ErrnoException e) {
      throw new IOException(Name.printable(root) + ": " + e.getMessage(), e);
    }
  }

  private Volume use(Fd top, ContainerMount mount) throws IOException, ErrnoException {
    Volume volume = new Volumes(store).find(mount.volume());
    Path directory = store.paths().volume(volume.name());
    if (mount.isCopied()) {
      try (Fd image = openIfPresent(top, mount.target());
          StoreLock alone = StoreLock.tryDirectory(directory, Linux.LOCK_EX)) {
        if (image != null && alone != null) {
          new VolumeFill(store, listener).fill(volume, image);
        }
      }
    }
    StoreLock shared = StoreLock.sharedOfDirectory(directory);
    volumesInUse.add(shared);
    return volume;
  }

  /** Gives the volumes back. */
  @Override
  public void close() {
    volumesInUse.forEach(StoreLock::close);
    volumesInUse.clear();
  }

  /** Docker makes a directory of the host that is missing. */
  private void makeSource(ContainerMount mount) throws IOException {
    Path source = StoreFiles.path(mount.source());
    if (StoreFiles.type(source) == 0) {
      try {
        Files.createDirectories(source);
      } catch (IOException e) {
        throw new IOException(
            "cannot make the directory " + source + ": " + StoreFiles.reason(e), e);
      }
      listener.notice("there was no " + source + ": made a directory");
    }
  }

  private static byte[] bind(Fd top, ContainerMount mount, byte[] source) throws ErrnoException {
    Stat stat = new Stat();
    try (Fd from = Fd.open(source, Linux.O_PATH)) {
      ErrnoException.check(Syscalls.statx(from, Syscalls.SELF, stat));
      try (Fd target = target(top, mount.target(), stat.isDirectory());
          DetachedMount tree = DetachedMount.of(from)) {
        tree.makePrivate(mount.isReadOnly());
        byte[] path = Syscalls.realPath(target);
        requireSameKind(stat, target);
        tree.attach(target);
        return path;
      }
    }
  }

  private static void requireSameKind(Stat source, Fd target) throws ErrnoException {
    Stat stat = new Stat();
    ErrnoException.check(Syscalls.statx(target, Syscalls.SELF, stat));
    if (source.isDirectory() != stat.isDirectory()) {
      throw ErrnoException.of(Errno.ENOTDIR);
    }
  }

  /** What is at a path inside a root; null if there is no directory. */
  private static @Nullable Fd openIfPresent(Fd top, byte[] path) throws ErrnoException {
    try {
      return Fd.openat2(top, path, Linux.O_RDONLY | Linux.O_DIRECTORY, 0, RESOLVE);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
        return null;
      }
      throw e;
    }
  }

  /**
   * Opens what will be covered. What is missing is made: directories, and a file at the end for a
   * file.
   */
  private static Fd target(Fd top, byte[] path, boolean isDirectory) throws ErrnoException {
    StringBuilder walked = new StringBuilder();
    List<String> names =
        Splitter.on('/').omitEmptyStrings().splitToList(new String(path, ISO_8859_1));
    Fd at = Fd.openat2(top, new byte[] {'.'}, Linux.O_PATH | Linux.O_DIRECTORY, 0, RESOLVE);
    for (int i = 0; i < names.size(); i++) {
      byte[] name = names.get(i).getBytes(ISO_8859_1);
      walked.append(i == 0 ? "" : "/").append(names.get(i));
      byte[] all = walked.toString().getBytes(ISO_8859_1);
      try (Fd above = at) {
        boolean isLast = i == names.size() - 1;
        int flags = Linux.O_PATH | (isLast && !isDirectory ? 0 : Linux.O_DIRECTORY);
        at = openOrMake(top, all, above, name, flags);
      }
    }
    return at;
  }

  private static Fd openOrMake(Fd top, byte[] path, Fd above, byte[] name, int flags)
      throws ErrnoException {
    try {
      return Fd.openat2(top, path, flags, 0, RESOLVE);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
    }
    // A symbolic link that leads nowhere gives EEXIST here: it is not followed.
    if ((flags & Linux.O_DIRECTORY) != 0) {
      ErrnoException.check(Syscalls.mkdirat(above, name, 0755));
    } else {
      int made = Linux.O_WRONLY | Linux.O_CREAT | Linux.O_EXCL | Linux.O_NOFOLLOW;
      Fd.openat(above, name, made, 0644).close();
    }
    return Fd.openat2(top, path, flags, 0, RESOLVE);
  }

  /**
   * Mounts a tmpfs.
   *
   * @implNote Docker's flags without options: nosuid, nodev, noexec
   */
  private static void mountTmpfs(Fd target, String options) throws ErrnoException {
    long flags = Linux.MS_NOSUID | Linux.MS_NODEV | Linux.MS_NOEXEC;
    List<String> data = new ArrayList<>();
    for (String option : Splitter.on(',').omitEmptyStrings().split(options)) {
      switch (option) {
        case "rw", "noexec", "nosuid", "nodev" -> {}
        case "ro" -> flags |= Linux.MS_RDONLY;
        case "exec" -> flags &= ~Linux.MS_NOEXEC;
        case "suid" -> flags &= ~Linux.MS_NOSUID;
        case "dev" -> flags &= ~Linux.MS_NODEV;
        case "noatime" -> flags |= Linux.MS_NOATIME;
        case "relatime" -> flags |= Linux.MS_RELATIME;
        case "strictatime" -> flags |= Linux.MS_STRICTATIME;
        default -> data.add(option);
      }
    }
    byte[] path = MountSyscalls.pathOf(target).getBytes(US_ASCII);
    ErrnoException.check(
        MountSyscalls.mount(TMPFS, path, TMPFS, flags, String.join(",", data).getBytes(US_ASCII)));
  }
}
