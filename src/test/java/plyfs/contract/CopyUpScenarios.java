package plyfs.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.contract.MountedUnion.errno;

import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.Stat;

/** SEMANTICS 4, copy-up. */
final class CopyUpScenarios {
  private CopyUpScenarios() {}

  @Item("4.31")
  static void readingAndFailing_copyNothingUp(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("d/f=1", "d/l -> f", "full/x=1", "other=1");
    lower.setXattr("d/f", "user.a", "1");
    lower.chmod("d/f", 0644);
    DiskTree at = union.mount();
    at.list("d");
    union.unchangedUpper(
        () -> {
          at.read("d/f");
          at.open("d/f", Linux.O_RDONLY | Linux.O_CREAT, 0600).close();
          at.stat("d/f");
          at.readLink("d/l");
          at.xattr("d/f", "user.a");
          at.xattrNames("d/f");
          assertThat(union.asUser(1, "test -w d/f").exitCode()).isEqualTo(1);
          assertThat(union.as("--reuid=0", "test -w d/f").exitCode()).isZero();
          assertThat(union.asUser(1, "echo x > d/f").text()).contains("Permission denied");
          assertThat(union.asUser(1, "chmod 777 d/f").text()).contains("not permitted");
          assertThat(errno(() -> at.mkdir("d"))).isEqualTo("EEXIST");
          assertThat(errno(() -> at.rmdir("full"))).isEqualTo("ENOTEMPTY");
          assertThat(errno(() -> at.link("other", "d/f"))).isEqualTo("EEXIST");
          assertThat(errno(() -> at.open("d/f", Linux.O_CREAT | Linux.O_EXCL).close()))
              .isEqualTo("EEXIST");
        });
  }

  /** {@code user.} attributes, and so the origin, are for regular files and directories only. */
  @Item("4.36, 2.1")
  static void userxattr_copiesUpWhatTakesNoUserAttribute(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("link -> f", "f=1", "d/x=1");
    lower.mknod("fifo", Linux.S_IFIFO | 0644, 0);
    lower.mknod("null", Linux.S_IFCHR | 0644, 0x0103);
    DiskTree at = union.mount("userxattr");
    for (String name : List.of("link", "f", "d", "fifo", "null")) {
      at.utimens(name, 1, 2, 3, 4);
      assertThat(at.stat(name).mtimeSeconds()).as(name).isEqualTo(3);
    }
    assertThat(union.upper().xattr("f", "user.overlay.origin")).isNotNull();
    assertThat(union.upper().readLink("link")).isEqualTo("f");
  }

  @Item("4.32, 4.94")
  static void copyUp_keepsModeOwnerTimesAndXattrs(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("f=content", "sticky/f=1");
    lower.chown("f", 12, 34);
    lower.chmod("f", 06755);
    lower.chmod("sticky", 01777);
    String binary = "\0\u00ff".repeat(150);
    lower.setXattr("f", "user.empty", "");
    lower.setXattr("f", "user.binary", binary);
    lower.setXattr("f", "trusted.t", "x".repeat(2000));
    lower.utimens("f", 1_000_000_000, 123_456_789, -5, 987_654_321);
    DiskTree at = union.mount();
    at.chmod("f", 06711);
    at.write("sticky/f", "2");
    for (DiskTree each : List.of(at, union.remount(), union.upper())) {
      Stat stat = each.stat("f");
      assertThat(stat.mode()).isEqualTo(Linux.S_IFREG | 06711);
      assertThat(stat.uid()).isEqualTo(12);
      assertThat(stat.gid()).isEqualTo(34);
      assertThat(stat.mtimeSeconds()).isEqualTo(-5);
      assertThat(stat.mtimeNanos()).isEqualTo(987_654_321);
      assertThat(stat.atimeSeconds()).isEqualTo(1_000_000_000);
      assertThat(stat.atimeNanos()).isEqualTo(123_456_789);
      assertThat(each.xattr("f", "user.empty")).isEmpty();
      assertThat(each.xattr("f", "user.binary")).isEqualTo(binary);
      assertThat(each.xattr("f", "trusted.t")).hasSize(2000);
      assertThat(each.stat("sticky").mode()).isEqualTo(Linux.S_IFDIR | 01777);
    }
    assertThat(union.upper().read("f")).isEqualTo("content");
  }

  @Item("4.32")
  static void copyUp_keepsCapabilities(MountedUnion union) throws Throwable {
    // VFS_CAP_REVISION_2 with the effective bit, cap_net_raw.
    String capability = "\1\0\0\2\0\40\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    union.lower("ping=1").setXattr("ping", "security.capability", capability);
    DiskTree at = union.mount();
    at.chmod("ping", 0700);
    assertThat(at.xattr("ping", "security.capability")).isEqualTo(capability);
    assertThat(union.remount().xattr("ping", "security.capability")).isEqualTo(capability);
    assertThat(union.upper().xattr("ping", "security.capability")).isEqualTo(capability);
  }

  @Item("4.33, 6.11")
  static void parentsOfACopiedUpFile_keepTheirModeOwnerAndTimes(MountedUnion union)
      throws Throwable {
    DiskTree lower = union.lower("a/b/f=1");
    lower.chown("a", 3, 4);
    lower.chmod("a", 02751);
    lower.chmod("a/b", 01777);
    lower.setXattr("a/b", "user.x", "y");
    lower.utimens("a/b", 5_000, 1, 6_000, 2);
    lower.utimens("a", 7_000, 3, 8_000, 4);
    DiskTree at = union.mount();
    at.append("a/b/f", "+");
    for (DiskTree each : List.of(union.upper(), union.remount())) {
      Stat a = each.stat("a");
      assertThat(a.mode()).isEqualTo(Linux.S_IFDIR | 02751);
      assertThat(a.uid()).isEqualTo(3);
      assertThat(a.mtimeSeconds()).isEqualTo(8_000);
      assertThat(a.mtimeNanos()).isEqualTo(4);
      Stat b = each.stat("a/b");
      assertThat(b.mode()).isEqualTo(Linux.S_IFDIR | 01777);
      assertThat(b.mtimeSeconds()).isEqualTo(6_000);
      assertThat(each.xattr("a/b", "user.x")).isEqualTo("y");
    }
    at.write("a/b/new", "1");
    assertThat(at.stat("a/b").mtimeSeconds()).isGreaterThan(1_500_000_000L);
    assertThat(at.stat("a").mtimeSeconds()).isEqualTo(8_000);
  }

  @Item("4.34")
  static void holes_staySoOverCopyUp(MountedUnion union) throws Throwable {
    sparse(union.lower("f="), "f");
    DiskTree at = union.mount();
    at.chmod("f", 0600);
    assertThat(at.stat("f").size()).isEqualTo(64 << 20);
    try (Fd file = at.open("f", Linux.O_RDONLY)) {
      assertThat(DiskTree.pread(file, 4, (8 << 20) - 1)).isEqualTo("\0mid");
      assertThat(DiskTree.pread(file, 4, 32 << 20)).isEqualTo("far\0");
    }
    assertThat(union.upperBlocks("f")).isLessThan(3 * 2048L);
  }

  private static void sparse(DiskTree tree, String path) throws Exception {
    try (Fd file = tree.open(path, Linux.O_WRONLY)) {
      DiskTree.pwrite(file, "mid", 8 << 20);
      DiskTree.pwrite(file, "far", 32 << 20);
      assertThat(FileSyscalls.ftruncate(file, 64 << 20)).isZero();
    }
  }

  @Item(value = "4.34, 1.3b, 5.26", needs = Promise.EXACT_EXTENTS)
  static void sparseCopyUp_costsItsExtentsOnly(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("f=", "eight=");
    sparse(lower, "f");
    try (Fd file = lower.open("eight", Linux.O_WRONLY)) {
      for (int i = 0; i < 8; i++) {
        DiskTree.pwrite(file, "x".repeat(1024), i * (4L << 20));
      }
    }
    DiskTree at = union.mount();
    at.chmod("f", 0600);
    at.chmod("eight", 0600);
    assertThat(union.upperBlocks("f")).isLessThanOrEqualTo(24);
    assertThat(union.upperBlocks("eight")).isLessThanOrEqualTo(72);
  }

  @Item("4.35")
  static void truncation_showsTheNewSizeAndContent(MountedUnion union) throws Throwable {
    union.lower("trunc=0123456789", "zero=0123456789", "part=0123456789", "more=0123456789");
    DiskTree at = union.mount();
    at.open("trunc", Linux.O_WRONLY | Linux.O_TRUNC).close();
    at.truncate("zero", 0);
    at.truncate("part", 4);
    at.truncate("more", 12);
    for (DiskTree each : List.of(at, union.remount())) {
      assertThat(each.read("trunc")).isEmpty();
      assertThat(each.read("zero")).isEmpty();
      assertThat(each.read("part")).isEqualTo("0123");
      assertThat(each.read("more")).isEqualTo("0123456789\0\0");
    }
  }

  @Item(value = "4.35, 1.3c", needs = Promise.TRUNCATE_COPIES_LITTLE)
  static void truncation_copiesNoMoreThanItKeeps(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("all=", "part=");
    for (String name : List.of("all", "part")) {
      try (Fd file = lower.open(name, Linux.O_WRONLY)) {
        assertThat(FileSyscalls.fallocate(file, 0, 0, 16 << 20)).isZero();
        for (int i = 0; i < 16; i++) {
          DiskTree.pwrite(file, "x".repeat(1 << 20), (long) i << 20);
        }
      }
    }
    DiskTree at = union.mount();
    // The file is only opened with O_TRUNC, so the copy cannot have been thrown away afterwards.
    at.open("all", Linux.O_WRONLY | Linux.O_TRUNC).close();
    assertThat(union.upperBlocks("all")).isZero();
    assertThat(at.stat("all").size()).isZero();
    try (Fd path = at.open("part", Linux.O_RDONLY)) {
      UnionMounter.run(List.of("truncate", "-s", "4096", at.root() + "/part"));
      assertThat(DiskTree.pread(path, 8192, 0)).isEqualTo("x".repeat(4096));
    }
    assertThat(union.upperBlocks("part")).isLessThanOrEqualTo(8);
  }

  @Item("4.36, 6.6, 6.7, 5.31, 5.32")
  static void everyType_canBeChanged(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("l -> target", "empty=", "none=x");
    lower.chmod("none", 0);
    lower.mknod("fifo", Linux.S_IFIFO | 0600, 0);
    lower.mknod("socket", Linux.S_IFSOCK | 0600, 0);
    lower.mknod("char", Linux.S_IFCHR | 0600, 0x0103);
    lower.mknod("block", Linux.S_IFBLK | 0600, 0x0701);
    List<String> all = List.of("l", "empty", "none", "fifo", "socket", "char", "block");
    for (String name : all) {
      lower.chown(name, 5, 6);
      lower.utimens(name, 100, 1, 200, 2);
    }
    DiskTree at = union.mount();
    for (String name : all) {
      at.chown(name, 7, -1);
      if (!name.equals("l")) {
        at.chmod(name, 0640);
      }
    }
    for (DiskTree each : List.of(at, union.remount(), union.upper())) {
      for (String name : all) {
        Stat stat = each.stat(name);
        assertThat(stat.type()).as(name).isEqualTo(lower.stat(name).type());
        assertThat(stat.rdev()).as(name).isEqualTo(lower.stat(name).rdev());
        assertThat(stat.uid()).as(name).isEqualTo(7);
        assertThat(stat.gid()).as(name).isEqualTo(6);
        assertThat(stat.mtimeSeconds()).as(name).isEqualTo(200);
        assertThat(stat.mtimeNanos()).as(name).isEqualTo(2);
      }
      assertThat(each.readLink("l")).isEqualTo("target");
    }
    at.utimens("l", 1, 0, 2, 3);
    assertThat(at.stat("l").mtimeNanos()).isEqualTo(3);
  }

  @Item("4.36")
  static void writeOnlyFile_isOpenedByItsOwner(MountedUnion union) throws Throwable {
    union.lower("f=old", "f (200 1:1)");
    union.mount();
    MountedUnion.Output output = union.asUser(1, "echo new >> f && cat f");
    assertThat(output.text()).contains("Permission denied");
    assertThat(union.at().read("f")).isEqualTo("oldnew\n");
  }

  @Item("4.39")
  static void eightWriters_copyUpOnce_andWriteToOneFile(MountedUnion union) throws Throwable {
    union.lower("f=" + "-".repeat(8));
    DiskTree at = union.mount();
    List<ThrowingCallable> writers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      int number = i;
      writers.add(
          () -> {
            try (Fd file = at.open("f", Linux.O_RDWR)) {
              DiskTree.pwrite(file, Integer.toString(number), number);
            }
          });
    }
    Concurrent.together(writers);
    assertThat(at.read("f")).isEqualTo("01234567");
    assertThat(union.upper().read("f")).isEqualTo("01234567");
  }

  @Item("4.44")
  static void nonDirectoryInTheWay_isNeverOverwrittenByCopyUp(MountedUnion union) throws Throwable {
    union.lower("d/f=1", "e/f=1");
    union.upper("d !", "e=file");
    DiskTree at = union.mount();
    assertThat(errno(() -> at.append("d/f", "x"))).isEqualTo("ENOENT");
    assertThat(errno(() -> at.append("e/f", "x"))).isEqualTo("ENOTDIR");
    union.unmount();
    assertThat(union.upper().render()).containsExactly("d !", "e=file");
  }

  @Item("4.98, 1.3g")
  static void changesOfNothing_succeed(MountedUnion union) throws Throwable {
    union.lower("f=1");
    DiskTree at = union.mount();
    ThrowingCallable nothing =
        () -> {
          at.chown("f", -1, -1);
          at.utimens("f", 0, Linux.UTIME_OMIT, 0, Linux.UTIME_OMIT);
        };
    if (union.keeps(Promise.NO_NEEDLESS_COPY_UP)) {
      union.unchangedUpper(nothing);
    } else {
      nothing.call();
    }
    assertThat(at.read("f")).isEqualTo("1");
  }

  @Item("4.100, 6.10")
  static void removalOfABigLowerFile_copiesNothing(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("unlinked=", "covered=", "open=", "small=new");
    for (String name : List.of("unlinked", "covered", "open")) {
      try (Fd file = lower.open(name, Linux.O_WRONLY)) {
        assertThat(FileSyscalls.fallocate(file, 0, 0, 64 << 20)).isZero();
      }
    }
    DiskTree at = union.mount();
    try (Fd open = at.open("open", Linux.O_RDONLY)) {
      at.unlink("open");
      at.unlink("unlinked");
      at.rename("small", "covered");
      assertThat(DiskTree.pread(open, 2, (64 << 20) - 2)).isEqualTo("\0\0");
    }
    union.unmount();
    assertThat(union.upper().render())
        .containsExactly("covered=new", "open !", "small !", "unlinked !");
  }
}
