package plyfs.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import plyfs.sys.CallerCalls;
import plyfs.sys.Errno;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.Stat;

/**
 * Bugs of other file systems, mostly overlays, that users or tests have reported about files. A
 * scenario is named after the reported symptom, which must not occur here; its comment names the
 * project and the issue.
 */
final class FileBugReports {
  private FileBugReports() {}

  private static void run(MountedUnion union, String command) throws Exception {
    MountedUnion.Output output = union.as("--reuid=0", command);
    assertThat(output.text()).as(command).isEmpty();
    assertThat(output.exitCode()).as(command).isZero();
  }

  /** tytso/e2fsprogs issue 223: the tail of the old content stays. */
  @Item("4.35")
  static void shellRedirection_leavesTheEndOfTheOldContent(MountedUnion union) throws Throwable {
    union.lower("low=long content");
    DiskTree at = union.mount();
    run(union, "printf abc >new; printf 1 >new; printf 2 >low; printf 3 >>low");
    assertThat(at.render()).containsExactly("low=23", "new=1");
  }

  /** rpodgorny/unionfs-fuse issue 75. */
  @Item("4.96")
  static void readingAFile_movesItsModificationTime(MountedUnion union) throws Throwable {
    union.lower("low=1").utimens("low", 5, 6, 7, 8);
    DiskTree at = union.mount();
    at.write("up", "1");
    at.utimens("up", 5, 6, 7, 8);
    for (String name : List.of("low", "up")) {
      Stat before = at.stat(name);
      assertThat(at.read(name)).isEqualTo("1");
      Stat after = at.stat(name);
      assertThat(after.mtimeSeconds()).isEqualTo(7);
      assertThat(after.mtimeNanos()).isEqualTo(8);
      assertThat(after.ctimeSeconds()).isEqualTo(before.ctimeSeconds());
      assertThat(after.ctimeNanos()).isEqualTo(before.ctimeNanos());
    }
  }

  /** rpodgorny/unionfs-fuse issue 102: another user owns the directories above the file. */
  @Item("4.33, 8.2")
  static void ownFileBelowDirectoriesOfRoot_cannotBeWritten(MountedUnion union) throws Throwable {
    union.lower("etc/app/f=1", "etc/app/f (644 5:5)", "etc/app (751 0:0)", "etc (755 0:7)");
    DiskTree at = union.mount();
    assertThat(union.asUser(5, "echo 2 >etc/app/f").text()).isEmpty();
    assertThat(at.read("etc/app/f")).isEqualTo("2\n");
    assertThat(at.stat("etc/app").uid()).isZero();
    assertThat(at.stat("etc/app").mode()).isEqualTo(Linux.S_IFDIR | 0751);
    assertThat(at.stat("etc").gid()).isEqualTo(7);
    assertThat(union.asUser(5, "echo 3 >etc/app/new").exitCode()).isNotZero();
  }

  /** xfstests overlay/004. */
  @Item("4.69, 4.36")
  static void modeOfAFileWithoutPermissions_isChangedByAnybody(MountedUnion union)
      throws Throwable {
    union.lower("one=", "two=", "one (000 0:0)", "two (000 0:0)");
    DiskTree at = union.mount();
    run(union, "chmod a+x one; chmod g+w one; chmod g+t one; chmod u-X one");
    union.unchangedUpper(
        () -> assertThat(union.asUser(1, "chmod a+x two; chmod g+t two").exitCode()).isEqualTo(1));
    assertThat(at.stat("one").mode()).isEqualTo(Linux.S_IFREG | 0031);
    assertThat(at.stat("two").mode()).isEqualTo(Linux.S_IFREG);
  }

  /** xfstests overlay/013: truncate(2) of a running program, in the upper and in a lower layer. */
  @Item("4.59")
  static void runningProgram_isTruncatedByItsPath(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("d/");
    UnionMounter.run(List.of("cp", "/bin/cat", lower.root() + "/low"));
    UnionMounter.run(List.of("cp", "/bin/cat", union.upper().root() + "/up"));
    DiskTree at = union.mount();
    for (String name : List.of("low", "up")) {
      Process running = new ProcessBuilder(at.root() + "/" + name).start();
      try {
        running.getOutputStream().write('x');
        running.getOutputStream().flush();
        assertThat(running.getInputStream().read()).isEqualTo('x');
        byte[] path = LayerTree.bytes(at.root() + "/" + name);
        assertThat(CallerCalls.truncate(path, 0)).as(name).isEqualTo(-Errno.ETXTBSY);
      } finally {
        running.getOutputStream().close();
        running.onExit().join();
      }
      assertThat(at.stat(name).size()).isPositive();
    }
  }

  /**
   * xfstests overlay/023: an object prepared in the workdir inherits the default ACL of the
   * workdir.
   */
  @Item("2.24, 4.68")
  static void defaultAclOfTheWorkdir_isOnNewFiles(MountedUnion union) throws Throwable {
    union.lower("f=1", "d/g=1");
    UnionMounter.run(List.of("setfacl", "-d", "-m", "u:9:rwx,o::rwx", union.beside() + "/work"));
    DiskTree at = union.mount();
    at.unlink("f");
    run(union, "umask 022; echo 1 >f; echo 2 >new; mkdir e; chmod 640 d/g");
    for (String name : List.of("f", "new", "e", "d/g", "d")) {
      assertThat(at.xattrNames(name)).as(name).isEmpty();
    }
    assertThat(at.stat("f").mode()).isEqualTo(Linux.S_IFREG | 0644);
    assertThat(at.stat("e").mode()).isEqualTo(Linux.S_IFDIR | 0755);
    assertThat(at.stat("d/g").mode()).isEqualTo(Linux.S_IFREG | 0640);
  }

  /** xfstests overlay/024: the mount then becomes read-only. */
  @Item("2.24, 4.38")
  static void directoriesLeftInTheWorkdir_makeTheMountReadOnly(MountedUnion union)
      throws Throwable {
    union.lower("f=1");
    Path left = Files.createDirectories(union.beside().resolve("work/work/foo"));
    Files.writeString(left.resolve("file"), "stale");
    if (!union.keeps(Promise.LAYERED)) {
      UnionMounter.run(List.of("rm", "-r", union.beside() + "/work/work"));
    }
    DiskTree at = union.mount();
    at.write("bar", "1");
    assertThat(at.render()).containsExactly("bar=1", "f=1");
    assertThat(Files.exists(left)).isFalse();
  }

  /** xfstests overlay/027. */
  @Item("4.104")
  static void immutableFileOfTheUpper_isTouched(MountedUnion union) throws Throwable {
    DiskTree upper = union.upper("foo=1");
    union.lower("foo=0");
    UnionMounter.run(List.of("chattr", "+i", upper.root() + "/foo"));
    try {
      union.mount();
      assertThat(union.as("--reuid=0", "touch foo").exitCode()).isEqualTo(1);
      assertThat(union.as("--reuid=0", "rm -f foo").exitCode()).isEqualTo(1);
      assertThat(union.as("--reuid=0", "cat foo").text()).isEqualTo("1");
    } finally {
      UnionMounter.run(List.of("chattr", "-i", upper.root() + "/foo"));
    }
  }

  /** xfstests overlay/028. */
  @Item("4.49")
  static void lockedLowerFile_isLockedAgainAfterItsCopyUp(MountedUnion union) throws Throwable {
    union.lower("foo=1");
    union.mount();
    String inside = "echo bar >foo; flock -n foo echo LOCKED; echo $?";
    assertThat(union.as("--reuid=0", "flock foo sh -c '" + inside + "'").text()).isEqualTo("1");
  }

  /** xfstests overlay/064, moby/moby issue 42655: the program is only opened, not written. */
  @Item("4.32")
  static void capabilityOfAProgram_isLostByOpeningItForWriting(MountedUnion union)
      throws Throwable {
    DiskTree lower = union.lower("file=This is lower");
    UnionMounter.run(List.of("setcap", "cap_setuid+ep", lower.root() + "/file"));
    String capability = lower.xattr("file", "security.capability");
    DiskTree at = union.mount();
    at.open("file", Linux.O_RDWR).close();
    assertThat(at.xattr("file", "security.capability")).isNotNull().isEqualTo(capability);
    at.rename("file", "moved");
    assertThat(at.xattr("moved", "security.capability")).isEqualTo(capability);
    assertThat(union.remount().xattr("moved", "security.capability")).isEqualTo(capability);
  }

  /** xfstests overlay/066: for some sizes of holes the copy is damaged. */
  @Item("4.34, 6.17")
  static void sparseFiles_areDamagedByCopyUp(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("empty=", "hole=");
    lower.truncate("hole", 4 << 20);
    for (int kibibytes = 1; kibibytes <= 512; kibibytes *= 4) {
      String name = "size" + kibibytes;
      lower.write(name, "");
      try (Fd file = lower.open(name, Linux.O_WRONLY)) {
        for (int piece = 1; piece < 8; piece += 2) {
          DiskTree.pwrite(file, "d".repeat(kibibytes << 10), (long) piece * kibibytes << 10);
        }
        assertThat(FileSyscalls.ftruncate(file, 10L * kibibytes << 10)).isZero();
      }
    }
    String copy = union.beside() + "/copy";
    UnionMounter.run(List.of("cp", "-a", lower.root(), copy));
    DiskTree at = union.mount();
    for (String name : at.list("")) {
      at.open(name, Linux.O_RDWR).close();
    }
    UnionMounter.run(List.of("diff", "-r", copy, at.root()));
    UnionMounter.run(List.of("diff", "-r", copy, union.remount().root()));
  }

  /** containers/fuse-overlayfs pull request 205, lkl/linux issue 60. */
  @Item("4.36")
  static void timesOfADanglingLink_areSetOnItsTarget(MountedUnion union) throws Throwable {
    union.lower("low -> nowhere", "good -> file", "file=1").utimens("file", 1, 2, 3, 4);
    DiskTree at = union.mount();
    at.symlink("nowhere", "up");
    run(union, "touch -h -d @1000 low up good; chown -h 5:6 low up good");
    for (String name : List.of("low", "up", "good")) {
      assertThat(at.stat(name).mtimeSeconds()).as(name).isEqualTo(1000);
      assertThat(at.stat(name).uid()).as(name).isEqualTo(5);
    }
    assertThat(at.stat("file").mtimeSeconds()).isEqualTo(3);
    assertThat(at.stat("file").uid()).isZero();
    assertThat(union.remount().stat("low").mtimeSeconds()).isEqualTo(1000);
  }

  /** containers/fuse-overlayfs issues 99 and 110, moby/moby issue 12080. */
  @Item("4.108")
  static void serverSocket_cannotBeBoundOrChanged(MountedUnion union) throws Throwable {
    union.lower("run/postgresql/old=1");
    DiskTree at = union.mount();
    String path = at.root() + "/run/postgresql/.s";
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(address);
      at.chmod("run/postgresql/.s", 0770);
      assertThat(at.stat("run/postgresql/.s").mode()).isEqualTo(Linux.S_IFSOCK | 0770);
      connect(address);
      at.rename("run/postgresql/.s", "run/postgresql/.t");
      connect(UnixDomainSocketAddress.of(at.root() + "/run/postgresql/.t"));
    }
    at.unlink("run/postgresql/.t");
    assertThat(at.list("run/postgresql")).containsExactly("old");
  }

  private static void connect(UnixDomainSocketAddress address) throws IOException {
    try (SocketChannel client = SocketChannel.open(address)) {
      assertThat(client.isConnected()).isTrue();
    }
  }

  /** mpartel/bindfs pull request 74 and issue 117. */
  @Item("4.58")
  static void directInputAndOutput_fails(MountedUnion union) throws Throwable {
    union.requireDisk();
    union.lower("f=" + "x".repeat(8192));
    DiskTree at = union.mount();
    String quietly = " bs=4096 status=none";
    run(union, "dd if=f of=copy iflag=direct oflag=direct" + quietly);
    run(union, "dd if=/dev/zero of=f seek=1 count=1 oflag=direct conv=notrunc" + quietly);
    assertThat(at.read("copy")).isEqualTo("x".repeat(8192));
    assertThat(at.read("f")).isEqualTo("x".repeat(4096) + "\0".repeat(4096));
  }

  /** A bug of Plyfs itself: the kernel keeps cached attributes. */
  @Item("4.104, 7.19")
  static void changeTime_isOldAfterChattrOrACopyUp(MountedUnion union) throws Throwable {
    union.lower("d/f=1", "d/g=1");
    DiskTree at = union.mount();
    long directory = at.stat("d").ctimeNanos();
    long file = at.stat("d/f").ctimeNanos();
    at.open("d/f", Linux.O_RDWR).close();
    UnionMounter.run(List.of("chattr", "+A", at.root() + "/d/g"));
    Stat seen = at.stat("d/f");
    Stat changed = at.stat("d/g");
    Stat parent = at.stat("d");
    assertThat(union.upper().stat("d/f").ctimeNanos())
        .isEqualTo(seen.ctimeNanos())
        .isNotEqualTo(file);
    assertThat(union.upper().stat("d/g").ctimeNanos()).isEqualTo(changed.ctimeNanos());
    assertThat(union.upper().stat("d").ctimeNanos())
        .isEqualTo(parent.ctimeNanos())
        .isNotEqualTo(directory);
  }
}
