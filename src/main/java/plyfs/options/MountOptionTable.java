package plyfs.options;

import static plyfs.options.KnownTo.BOTH;
import static plyfs.options.KnownTo.FUSE_OVERLAYFS;
import static plyfs.options.KnownTo.KERNEL;
import static plyfs.options.KnownTo.PLYFS;
import static plyfs.options.OptionGroup.KERNEL_ONLY;
import static plyfs.options.OptionGroup.LAYERS;
import static plyfs.options.OptionGroup.LIBFUSE;
import static plyfs.options.OptionGroup.MOUNT_TABLE;
import static plyfs.options.OptionGroup.NOT_THERE;
import static plyfs.options.OptionGroup.OWNERS;
import static plyfs.options.OptionGroup.PASSED_OVER;
import static plyfs.options.OptionGroup.REQUESTS;
import static plyfs.options.OptionGroup.UNION;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plyfs.layer.OverrideAttribute;
import plyfs.layer.WhiteoutForm;
import plyfs.sys.Linux;
import plyfs.union.api.IdMapping;
import plyfs.union.api.IdRange;
import plyfs.union.api.InodeNumbering;

/**
 * Every option of a mount, one row each: its name, the form of its value, its default, the other
 * file systems that have it, and its help text. The option reader, the help text and {@code
 * docs/OPTIONS.md} use only this list; {@link OptionValues} returns the value of an option by its
 * row.
 *
 * @implNote Linux fs/overlayfs/params.c, fuse-overlayfs main.c, util-linux libmount/src/optmap.c
 */
public final class MountOptionTable {
  private static final int MOST_THREADS = 256;
  private static final int LEAST_MAX_WRITE = 4096;
  private static final int MOST_MAX_WRITE = 1 << 20;
  private static final int MOST_BUSY_POLL_MICROS = 10_000;

  private static final List<MountOption<?>> ROWS = new ArrayList<>();
  private static final Map<String, MountOption<?>> BY_WORD = new HashMap<>();

  static final MountOption<List<byte[]>> LOWERS =
      row(
          LAYERS,
          "lowerdir",
          new LayerListForm(),
          BOTH,
          "Lower directories, topmost first. '::' precedes each data-only layer.");
  static final MountOption<byte[]> ONE_LOWER =
      row(
          LAYERS,
          "lowerdir+",
          new TextForm.Raw("DIR"),
          KERNEL,
          "One lower directory, below those given before. Only a comma needs a backslash."
              + " May be repeated.");
  static final MountOption<byte[]> ONE_DATA_ONLY =
      row(
          LAYERS,
          "datadir+",
          new TextForm.Raw("DIR"),
          KERNEL,
          "One data-only layer, below all other layers. Only a comma needs a backslash."
              + " May be repeated.");
  static final MountOption<byte[]> UPPER =
      row(
          LAYERS,
          "upperdir",
          new TextForm("DIR"),
          BOTH,
          "The directory that stores the changes. Without it the mount is read-only.");
  static final MountOption<byte[]> WORK =
      row(
          LAYERS,
          "workdir",
          new TextForm("DIR"),
          BOTH,
          "An empty directory on the same file system as upperdir.");

  static final MountOption<RedirectDir> REDIRECT_DIR =
      row(
          UNION,
          "redirect_dir",
          ChoiceForm.of(
              "on|follow|nofollow|off",
              RedirectDir.ON,
              RedirectDir.FOLLOW,
              RedirectDir.NOFOLLOW,
              RedirectDir.FOLLOW),
          null,
          "on; off for a mount program",
          KERNEL,
          "Redirects, which make it possible to rename a directory of a lower layer: make"
              + " and follow them (on), only follow them (follow, off), or neither (nofollow).");
  static final MountOption<Boolean> INDEX =
      row(
          UNION,
          "index",
          ChoiceForm.onOff(),
          false,
          "off",
          KERNEL,
          "A copy-up keeps the hard links of a lower file together.");
  static final MountOption<Boolean> METACOPY =
      row(
          UNION,
          "metacopy",
          ChoiceForm.onOff(),
          false,
          "off",
          KERNEL,
          "A change of attributes copies no data. Unsafe if others can write the overlay"
              + " attributes of the layers.");
  static final MountOption<InodeNumbering> XINO =
      row(
          UNION,
          "xino",
          ChoiceForm.of("auto|on|off", InodeNumbering.AUTO, InodeNumbering.ON, InodeNumbering.OFF),
          InodeNumbering.AUTO,
          "auto",
          KERNEL,
          "Inode numbers if the layers are on several file systems: unique (auto), unique"
              + " and the same at each mount (on), or those of the layers (off). With off,"
              + " different files can share a number, and tar and rsync -H treat them as one.");
  static final MountOption<Boolean> AUFS =
      row(
          UNION,
          "aufs",
          ChoiceForm.onOff(),
          true,
          "on",
          PLYFS,
          "Treat names that begin with .wh. as whiteouts and opaque marks, and hide them"
              + " (on), or as ordinary names (off).");
  static final MountOption<WhiteoutForm> WHITEOUT =
      row(
          UNION,
          "whiteout",
          ChoiceForm.of("auto|char|file", WhiteoutForm.AUTO, WhiteoutForm.CHAR, WhiteoutForm.FILE),
          WhiteoutForm.AUTO,
          "auto",
          PLYFS,
          "How whiteouts are stored: as character devices 0:0 (char), or as files"
              + " .wh.NAME (file), which only Plyfs reads; auto selects the first that works.");
  static final MountOption<Boolean> USERXATTR =
      row(
          UNION,
          "userxattr",
          FlagForm.FLAG,
          false,
          "on without root",
          KERNEL,
          "Use user.overlay.* attributes instead of trusted.overlay.*.");
  static final MountOption<Boolean> VOLATILE =
      row(
          UNION,
          "volatile",
          FlagForm.FLAG,
          false,
          "",
          BOTH,
          "Sync nothing. After a crash the upper directory must not be used again.");
  static final MountOption<Boolean> FSYNC =
      row(
          UNION,
          "fsync",
          ChoiceForm.zeroOrOne(),
          true,
          "1",
          FUSE_OVERLAYFS,
          "Whether fsync(2) and copy-up write the data to disk.");
  static final MountOption<Boolean> NOACL =
      row(
          UNION,
          "noacl",
          FlagForm.FLAG,
          false,
          "",
          FUSE_OVERLAYFS,
          "POSIX ACLs have no effect, and programs cannot set them.");
  static final MountOption<Boolean> NOXATTRS =
      row(
          UNION,
          "noxattrs",
          ChoiceForm.zeroOrOne(),
          false,
          "0",
          FUSE_OVERLAYFS,
          "Programs see no extended attributes.");
  static final MountOption<Boolean> STATIC_NLINK =
      row(
          UNION,
          "static_nlink",
          FlagForm.FLAG,
          false,
          "",
          FUSE_OVERLAYFS,
          "The link count of every directory is 1.");
  static final MountOption<OverrideAttribute> XATTR_PERMISSIONS =
      row(
          UNION,
          "xattr_permissions",
          ChoiceForm.of(
              "0|1|2",
              OverrideAttribute.NONE,
              OverrideAttribute.SECURITY,
              OverrideAttribute.CONTAINERS),
          OverrideAttribute.NONE,
          "0",
          FUSE_OVERLAYFS,
          "Read owner, mode and type from the inode (0), from"
              + " security.fuseoverlayfs.override_stat (1) or from"
              + " user.containers.override_stat (2). 1 and 2 imply noacl.");

  static final MountOption<ImmutableList<IdRange>> UIDMAPPING =
      row(
          OWNERS,
          "uidmapping",
          new IdRangesForm(),
          ImmutableList.of(),
          "",
          FUSE_OVERLAYFS,
          "Show user ids L to L+N-1 of the layers as S to S+N-1.");
  static final MountOption<ImmutableList<IdRange>> GIDMAPPING =
      row(
          OWNERS,
          "gidmapping",
          new IdRangesForm(),
          ImmutableList.of(),
          "",
          FUSE_OVERLAYFS,
          "As uidmapping, for group ids.");
  static final MountOption<Boolean> SQUASH_TO_ROOT =
      row(
          OWNERS,
          "squash_to_root",
          FlagForm.FLAG,
          false,
          "",
          FUSE_OVERLAYFS,
          "Show root as the owner of all files; chown has no effect.");
  static final MountOption<Long> SQUASH_TO_UID =
      row(
          OWNERS,
          "squash_to_uid",
          new IdForm(),
          IdMapping.NOT_SQUASHED,
          "",
          FUSE_OVERLAYFS,
          "Show this user as the owner of all files.");
  static final MountOption<Long> SQUASH_TO_GID =
      row(
          OWNERS,
          "squash_to_gid",
          new IdForm(),
          IdMapping.NOT_SQUASHED,
          "",
          FUSE_OVERLAYFS,
          "Show this group as the group of all files.");

  static final MountOption<TransportKind> TRANSPORT =
      row(
          REQUESTS,
          "transport",
          ChoiceForm.of("native|jnr-fuse", TransportKind.NATIVE, TransportKind.JNR_FUSE),
          TransportKind.NATIVE,
          "native",
          PLYFS,
          "Read requests from /dev/fuse directly (native), or through libfuse 2.9"
              + " (jnr-fuse), which supports fewer operations.");
  static final MountOption<Duration> TIMEOUT =
      row(
          REQUESTS,
          "timeout",
          new SecondsForm(),
          EngineOptions.UNLIMITED,
          "unlimited",
          FUSE_OVERLAYFS,
          "How long the kernel caches names and attributes.");
  static final MountOption<Integer> THREADS =
      row(
          REQUESTS,
          "threads",
          new NumberForm("N", 1, MOST_THREADS),
          0,
          "the number of processors, from 2 to 16",
          PLYFS,
          "Number of threads that serve requests, 1 to 256.");
  static final MountOption<Boolean> THREADED =
      row(
          REQUESTS,
          "threaded",
          ChoiceForm.zeroOrOne(),
          true,
          "1",
          FUSE_OVERLAYFS,
          "0 means threads=1.");
  static final MountOption<Integer> BUSY_POLL =
      row(
          REQUESTS,
          "busy_poll",
          new NumberForm("MICROSECONDS", 0, MOST_BUSY_POLL_MICROS),
          SessionRules.NOT_GIVEN,
          "50; 0 with one processor",
          PLYFS,
          "How long a worker polls for the next request before it sleeps, 0 to 10000. It"
              + " polls only while requests arrive in quick succession.");
  static final MountOption<Integer> MAX_WRITE =
      row(
          REQUESTS,
          "max_write",
          new NumberForm("BYTES", LEAST_MAX_WRITE, MOST_MAX_WRITE),
          MOST_MAX_WRITE,
          "1048576",
          PLYFS,
          "Most bytes that one write request carries, 4096 to 1048576.");
  static final MountOption<OpenPolicy> OPEN =
      row(
          REQUESTS,
          "open",
          ChoiceForm.of(
              "none|cache|passthrough", OpenPolicy.NONE, OpenPolicy.CACHE, OpenPolicy.PASSTHROUGH),
          OpenPolicy.NONE,
          "none",
          PLYFS,
          "The kernel opens files without a request (none), sends a request for each open"
              + " (cache), or reads and writes upper files itself (passthrough).");
  static final MountOption<Boolean> PASSTHROUGH =
      row(
          REQUESTS,
          "passthrough",
          ChoiceForm.of("upper|all", false, true),
          false,
          "upper",
          PLYFS,
          "Which files the kernel reads itself: those of the upper layer, or of all" + " layers.");
  static final MountOption<Boolean> WRITEBACK =
      row(
          REQUESTS,
          "writeback",
          ChoiceForm.zeroOrOne(),
          false,
          "0",
          FUSE_OVERLAYFS,
          "The kernel caches written data, and sends many small writes as one request.");
  static final MountOption<Boolean> IO_URING =
      row(
          REQUESTS,
          "io_uring",
          ChoiceForm.zeroOrOne(),
          false,
          "0",
          PLYFS,
          "Receive requests through io_uring, if the fuse module has enable_uring set.");
  static final MountOption<Boolean> DEBUG =
      row(REQUESTS, "debug", FlagForm.FLAG, false, "", FUSE_OVERLAYFS, "Log each request.");

  static final MountOption<byte[]> FSNAME =
      row(
          MOUNT_TABLE,
          "fsname",
          new TextForm("NAME"),
          OptionReader.DEFAULT_SOURCE,
          "the image, or plyfs",
          FUSE_OVERLAYFS,
          "The source in the mount table.");
  static final MountOption<byte[]> SUBTYPE =
      row(
          MOUNT_TABLE,
          "subtype",
          new TextForm("NAME"),
          OptionReader.DEFAULT_SOURCE,
          "plyfs",
          FUSE_OVERLAYFS,
          "The type in the mount table is fuse.NAME.");
  static final MountOption<Boolean> ALLOW_OTHER =
      row(
          MOUNT_TABLE,
          "allow_other",
          FlagForm.FLAG,
          false,
          "on for root",
          FUSE_OVERLAYFS,
          "All users can use the mount.");
  static final MountOption<Boolean> ALLOW_ROOT =
      row(
          MOUNT_TABLE,
          "allow_root",
          FlagForm.FLAG,
          false,
          "",
          FUSE_OVERLAYFS,
          "Only root and the user who mounts can use the mount.");
  static final MountOption<Boolean> AUTO_UNMOUNT =
      row(
          MOUNT_TABLE,
          "auto_unmount",
          FlagForm.FLAG,
          false,
          "",
          FUSE_OVERLAYFS,
          "Unmount when the daemon is killed.");

  static {
    label("context");
    label("fscontext");
    label("defcontext");
    label("rootcontext");

    vfs("ro", VfsChange.set(Linux.MS_RDONLY), "The mount is read-only.");
    vfs("rw", VfsChange.clear(Linux.MS_RDONLY), "The opposite.");
    vfs("nosuid", VfsChange.set(Linux.MS_NOSUID), "Setuid bits and capabilities have no effect.");
    vfs("suid", VfsChange.clear(Linux.MS_NOSUID), "The opposite.");
    vfs("nodev", VfsChange.set(Linux.MS_NODEV), "Devices cannot be opened.");
    vfs("dev", VfsChange.clear(Linux.MS_NODEV), "The opposite.");
    vfs("noexec", VfsChange.set(Linux.MS_NOEXEC), "Programs cannot be executed.");
    vfs("exec", VfsChange.clear(Linux.MS_NOEXEC), "The opposite.");
    vfs("noatime", VfsChange.accessTimes(Linux.MS_NOATIME), "Reads do not update access times.");
    vfs("atime", VfsChange.clear(Linux.MS_NOATIME), "The opposite.");
    vfs(
        "relatime",
        VfsChange.accessTimes(Linux.MS_RELATIME),
        "Access times are updated at most once a day, or after a change.");
    vfs("norelatime", VfsChange.clear(Linux.MS_RELATIME), "The opposite.");
    vfs(
        "strictatime",
        VfsChange.accessTimes(Linux.MS_STRICTATIME),
        "Each read updates the access time.");
    vfs("nostrictatime", VfsChange.clear(Linux.MS_STRICTATIME), "The opposite.");
    vfs("nodiratime", VfsChange.set(Linux.MS_NODIRATIME), "As noatime, but only for directories.");
    vfs("diratime", VfsChange.clear(Linux.MS_NODIRATIME), "The opposite.");
    vfs("lazytime", VfsChange.set(Linux.MS_LAZYTIME), "Times are written to disk late.");
    vfs("nolazytime", VfsChange.clear(Linux.MS_LAZYTIME), "The opposite.");
    vfs("sync", VfsChange.set(Linux.MS_SYNCHRONOUS), "Each write is synced.");
    vfs("async", VfsChange.clear(Linux.MS_SYNCHRONOUS), "The opposite.");
    vfs("dirsync", VfsChange.set(Linux.MS_DIRSYNC), "Each change of a directory is synced.");
    vfs("nosymfollow", VfsChange.set(Linux.MS_NOSYMFOLLOW), "Symbolic links are not followed.");
    vfs("symfollow", VfsChange.clear(Linux.MS_NOSYMFOLLOW), "The opposite.");

    propagation("private", Linux.MS_PRIVATE);
    propagation("shared", Linux.MS_SHARED);
    propagation("slave", Linux.MS_SLAVE);
    propagation("unbindable", Linux.MS_UNBINDABLE);

    kernelOnly("uuid", ChoiceForm.implementedUpTo(3, "off|null|auto|on"));
    kernelOnly("nfs_export", ChoiceForm.implementedUpTo(1, "off|on"));
    kernelOnly("verity", ChoiceForm.implementedUpTo(1, "off|on|require"));
    row(
        NOT_THERE,
        "fast_ino",
        ChoiceForm.implementedUpTo(1, "0|1"),
        FUSE_OVERLAYFS,
        "1 is not implemented.");
    row(NOT_THERE, "plugins", new RefusedForm(), FUSE_OVERLAYFS, "");
    row(NOT_THERE, "ino32_t", new RefusedForm(), FUSE_OVERLAYFS, "");

    String plain = "defaults auto noauto users nousers nouser owner noowner group nogroup nofail";
    passedOver(
        ShapeForm.WITHOUT_VALUE, plain + " _netdev mand nomand iversion noiversion silent loud");
    passedOver(ShapeForm.EITHER, "user comment"); // mount(8) adds the name: user=NAME
    passedOver(ShapeForm.WITH_VALUE, "helper uhelper");
    libfuse(ShapeForm.WITHOUT_VALUE, "default_permissions kernel_cache auto_cache clone_fd");
    libfuse(ShapeForm.WITHOUT_VALUE, "splice_read splice_write splice_move nonempty big_writes");
    libfuse(ShapeForm.WITH_VALUE, "max_idle_threads max_threads max_read");
  }

  /** Words for other programs that read fstab, such as {@code x-systemd.automount}. */
  private static final MountOption<Boolean> FOR_OTHERS =
      row(PASSED_OVER, "x-*", ShapeForm.EITHER, PLYFS, "");

  private MountOptionTable() {}

  /** All rows, ordered by group. */
  public static List<MountOption<?>> rows() {
    return Collections.unmodifiableList(ROWS);
  }

  /** The row for an option; null if the option is unknown. */
  static @Nullable MountOption<?> find(GivenOption option) {
    String word = option.key();
    MountOption<?> row =
        word.startsWith("x-") || word.startsWith("X-") ? FOR_OTHERS : BY_WORD.get(word);
    return row == null || !row.form().fits(option) ? null : row;
  }

  /** The change of the mount(2) flags that an option makes; null if it is not such an option. */
  public static @Nullable VfsChange vfsChange(GivenOption option) {
    MountOption<?> row = find(option);
    return row != null && row.group() == OptionGroup.VFS ? (VfsChange) row.form() : null;
  }

  /** Whether an option is for mount(8) and fstab and has no effect in Plyfs. */
  public static boolean isPassedOver(GivenOption option) {
    MountOption<?> row = find(option);
    return row != null && row.group() == OptionGroup.PASSED_OVER;
  }

  /** Whether an option is a label for a security module. */
  static boolean isLabel(MountOption<?> row) {
    return row.form() instanceof TextForm.Label;
  }

  private static <T> MountOption<T> row(
      OptionGroup group, String word, ValueForm<T> form, KnownTo knownTo, String help) {
    return row(group, word, form, null, "", knownTo, help);
  }

  private static <T> MountOption<T> row(
      OptionGroup group,
      String word,
      ValueForm<T> form,
      @Nullable T preset,
      String presetText,
      KnownTo knownTo,
      String help) {
    MountOption<T> row =
        new MountOption<>(ROWS.size(), group, word, form, preset, presetText, knownTo, help);
    ROWS.add(row);
    BY_WORD.put(word, row);
    return row;
  }

  private static void label(String word) {
    String help = "Passed to the kernel's security module unchanged.";
    row(MOUNT_TABLE, word, new TextForm.Label(), KERNEL, help);
  }

  private static void vfs(String word, VfsChange change, String help) {
    row(OptionGroup.VFS, word, change, BOTH, help);
  }

  private static void propagation(String word, long flag) {
    String help = "How mounts below the mount point propagate to other mount namespaces.";
    row(OptionGroup.PROPAGATION, word, VfsChange.set(flag), KERNEL, help);
    row(
        OptionGroup.PROPAGATION,
        "r" + word,
        VfsChange.set(Linux.MS_REC | flag),
        KERNEL,
        "The same, for all mounts below as well.");
  }

  private static void kernelOnly(String word, ChoiceForm<String> form) {
    row(KERNEL_ONLY, word, form, KERNEL, "Only the values that need no support are accepted.");
  }

  private static void passedOver(ShapeForm shape, String words) {
    for (String word : words.split(" ", -1)) {
      row(PASSED_OVER, word, shape, BOTH, "");
    }
  }

  private static void libfuse(ShapeForm shape, String words) {
    for (String word : words.split(" ", -1)) {
      row(LIBFUSE, word, shape, FUSE_OVERLAYFS, "");
    }
  }
}
