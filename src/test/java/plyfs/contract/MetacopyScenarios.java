package plyfs.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.contract.MountedUnion.errno;

import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.Stat;

/** SEMANTICS 2.21, 4.47: files whose attributes are above their data; data-only layers. */
final class MetacopyScenarios {
  private static final String ON = "metacopy=on";
  private static final String METACOPY = "trusted.overlay.metacopy";
  private static final String REDIRECT = "trusted.overlay.redirect";
  private static final int MEBIBYTE = 1 << 20;

  /** A version 2 capability: cap_net_raw, effective. */
  private static final String CAPABILITY = "\1\0\0\2\0\40\0\0" + "\0".repeat(12);

  private MetacopyScenarios() {}

  @Item("4.47, 5.26")
  static void chmodOfALargeFile_usesNoSpace_andShowsTheBlocksBelow(MountedUnion union)
      throws Throwable {
    union.requireDisk();
    DiskTree lower = union.lower("big=");
    try (Fd file = lower.open("big", Linux.O_RDWR)) {
      for (int i = 0; i < 64; i++) {
        DiskTree.pwrite(file, "x".repeat(MEBIBYTE), (long) i * MEBIBYTE);
      }
    }
    Stat before = lower.stat("big");
    DiskTree at = union.mount(ON);
    at.chmod("big", 0600);
    at.chown("big", 5, 6);
    at.utimens("big", 1, 2, 3, 4);
    at.setXattr("big", "user.a", "b");
    assertThat(union.upperBlocks("big") * 512).isLessThanOrEqualTo(8192);
    DiskTree again = union.remount(ON);
    Stat after = again.stat("big");
    assertThat(after.size()).isEqualTo(64L * MEBIBYTE);
    assertThat(after.blocks()).isEqualTo(before.blocks());
    assertThat(after.mode() & 07777).isEqualTo(0600);
    assertThat(after.mtimeSeconds()).isEqualTo(3);
    assertThat(again.xattrNames("big")).containsExactly("user.a");
    try (Fd file = again.open("big", Linux.O_RDONLY)) {
      assertThat(DiskTree.pread(file, 10, 63L * MEBIBYTE)).isEqualTo("x".repeat(10));
    }
    assertThat(union.upperBlocks("big") * 512).isLessThanOrEqualTo(8192);
  }

  @Item("4.47")
  static void firstWrite_bringsTheData_andKeepsTheCapability(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("f=lower data");
    lower.setXattr("f", "security.capability", CAPABILITY);
    lower.utimens("f", 1, 2, 3, 4);
    DiskTree at = union.mount(ON);
    at.chmod("f", 0755);
    try (Fd reader = at.open("f", Linux.O_RDONLY)) {
      try (Fd writer = at.open("f", Linux.O_RDWR)) {
        assertThat(at.xattr("f", "security.capability")).isEqualTo(CAPABILITY);
        assertThat(DiskTree.pread(reader, 20, 0)).isEqualTo("lower data");
        DiskTree.pwrite(writer, "UPPER", 0);
      }
      assertThat(DiskTree.pread(reader, 20, 0)).isEqualTo("UPPER data");
    }
    assertThat(union.remount(ON).read("f")).isEqualTo("UPPER data");
    union.unmount();
    assertThat(union.upper().xattr("f", METACOPY)).isNull();
    assertThat(lower.read("f")).isEqualTo("lower data");
    union.acceptLowersAsTheyAre();
  }

  @Item("4.47, 4.48, 1.3a")
  static void mappings_seeTheDataBelow_andWhatIsWrittenAfterItHasCome(MountedUnion union)
      throws Throwable {
    union.lower("f=" + "x".repeat(10_000), "g=" + "y".repeat(10_000));
    DiskTree at = union.mount(ON);
    at.chmod("f", 0600);
    at.chmod("g", 0600);
    at = union.remount(ON);
    MappedByteBuffer before =
        MappingScenarios.map(
            at, "f", FileChannel.MapMode.READ_ONLY, 10_000, StandardOpenOption.READ);
    MappedByteBuffer written =
        MappingScenarios.map(
            at,
            "g",
            FileChannel.MapMode.READ_WRITE,
            10_000,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    try {
      assertThat(before.get(9_999)).isEqualTo((byte) 'x');
      written.put(5_000, (byte) 'M');
      written.force();
      try (Fd writer = at.open("f", Linux.O_RDWR)) {
        DiskTree.pwrite(writer, "NEW", 8_000);
      }
      if (union.keeps(Promise.OLD_MAPPINGS_SEE_WRITES)) {
        assertThat(before.get(8_001)).isEqualTo((byte) 'E');
      }
      assertThat(before.get(9_000)).isEqualTo((byte) 'x');
    } finally {
      MappingScenarios.unmap(before);
      MappingScenarios.unmap(written);
    }
    at = union.remount(ON);
    assertThat(at.read("f")).isEqualTo("x".repeat(8_000) + "NEW" + "x".repeat(1_997));
    assertThat(at.read("g")).isEqualTo("y".repeat(5_000) + "M" + "y".repeat(4_999));
  }

  @Item("4.47, 4.35")
  static void truncation_keepsWhatIsBeforeTheEnd(MountedUnion union) throws Throwable {
    union.lower("a=lower data", "b=lower data", "c=lower data", "d=lower data");
    DiskTree at = union.mount(ON);
    for (String name : new String[] {"a", "b", "c", "d"}) {
      at.chmod(name, 0600);
    }
    at = union.remount(ON);
    at.truncate("a", 5);
    at.truncate("b", 12);
    at.truncate("c", 0);
    at.write("d", "new");
    String[] shown = {"a=lower", "b=lower data\0\0", "c=", "d=new"};
    assertThat(at.render()).containsExactly(shown);
    assertThat(union.remount(ON).render()).containsExactly(shown);
    assertThat(union.remount().render()).containsExactly(shown);
  }

  @Item("4.47, 4.58")
  static void seekData_answersForTheDataBelow(MountedUnion union) throws Throwable {
    union.requireDisk();
    DiskTree lower = union.lower("f=");
    try (Fd file = lower.open("f", Linux.O_RDWR)) {
      DiskTree.pwrite(file, "end", 8L * MEBIBYTE);
    }
    DiskTree at = union.mount(ON);
    at.chmod("f", 0600);
    try (Fd file = union.remount(ON).open("f", Linux.O_RDONLY)) {
      assertThat(FileSyscalls.lseek(file, 0, Linux.SEEK_DATA)).isEqualTo(8L * MEBIBYTE);
      assertThat(FileSyscalls.lseek(file, 8L * MEBIBYTE, Linux.SEEK_HOLE))
          .isEqualTo(8L * MEBIBYTE + 3);
    }
  }

  @Item("2.14, 4.47")
  static void renamedMovedAndLinkedFiles_findTheirData(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("d/a=1", "d/b=22", "d/c=333", "d/e=4444", "d/h=55555", "t/");
    lower.link("d/h", "d/i");
    DiskTree at = union.mount(ON);
    at.rename("d/a", "d/a2");
    at.rename("d/b", "t/b");
    at.link("d/c", "d/c2");
    at.rename("d/e", "d/a2", Linux.RENAME_EXCHANGE);
    at.rename("d/h", "d/h2");
    at.rename("d", "t/d");
    String[] shown = {
      "t/",
      "t/b=22",
      "t/d/",
      "t/d/a2=4444",
      "t/d/c2=333",
      "t/d/c=333",
      "t/d/e=1",
      "t/d/h2=55555",
      "t/d/i=55555"
    };
    assertThat(at.render()).containsExactly(shown);
    assertThat(union.remount(ON).render()).containsExactly(shown);
    union.unmount();
    DiskTree upper = union.upper();
    assertThat(upper.xattr("t/d/e", REDIRECT)).isEqualTo("a");
    assertThat(upper.xattr("t/d/a2", REDIRECT)).isEqualTo("e");
    assertThat(upper.xattr("t/b", REDIRECT)).isEqualTo("/d/b");
    assertThat(upper.xattr("t/d/c", REDIRECT)).isEqualTo("/d/c");
    assertThat(upper.xattr("t/d/h2", REDIRECT)).isEqualTo("/d/h");
    assertThat(upper.xattr("t/d/h2", METACOPY)).isEmpty();
  }

  @Item("2.18, 4.15, 4.47")
  static void mark_isNeverShown_andEscapedIfSet(MountedUnion union) throws Throwable {
    union.lower("f=data");
    DiskTree at = union.mount(ON);
    at.chmod("f", 0600);
    assertThat(at.xattrNames("f")).isEmpty();
    assertThat(at.xattr("f", METACOPY)).isNull();
    at.setXattr("f", METACOPY, "mine");
    assertThat(union.remount(ON).xattr("f", METACOPY)).isEqualTo("mine");
    assertThat(at.read("f")).isEqualTo("data");
  }

  @Item(value = "4.47, 5.48", needs = Promise.LAYERED)
  static void withoutTheOption_lookupIsEperm_andNothingIsLost(MountedUnion union) throws Throwable {
    union.lower("f=data", "g=other");
    union.mount(ON).chmod("f", 0600);
    DiskTree off = union.remount();
    assertThat(errno(() -> off.stat("f"))).isEqualTo("EPERM");
    assertThat(union.remount(ON).read("f")).isEqualTo("data");
  }

  @Item(value = "2.21, 4.47", needs = Promise.LAYERED)
  static void dataMissing_isEio(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("f=data", "g=data");
    union.mount(ON).chmod("f", 0600);
    union.unmount();
    lower.unlink("f");
    union.acceptLowersAsTheyAre();
    DiskTree at = union.mount(ON);
    assertThat(errno(() -> at.stat("f"))).isEqualTo("EIO");
    assertThat(errno(() -> at.read("f"))).isEqualTo("EIO");
    assertThat(at.read("g")).isEqualTo("data");
  }

  @Item(value = "2.21, 4.47", needs = Promise.LAYERED)
  static void severalMetacopyLayers_leadToTheData(MountedUnion union) throws Throwable {
    DiskTree first = union.lower("f=....", "f (640 1:1)", "d/g=....", "bad=....");
    union.lower("e/");
    DiskTree third = union.lower("f=....", "d/g=no");
    union.lower("e/f=data", "f=no", "bad=data");
    for (String name : new String[] {"f", "d/g", "bad"}) {
      first.setXattr(name, METACOPY, "");
    }
    first.setXattr("bad", METACOPY, "\0\4");
    first.setXattr("d/g", REDIRECT, "/e/f");
    third.setXattr("f", METACOPY, "\0\4\0\0");
    third.setXattr("f", REDIRECT, "/e/f");
    DiskTree at = union.mount(ON);
    assertThat(at.read("f") + at.read("d/g")).isEqualTo("datadata");
    assertThat(at.stat("f").uid()).isEqualTo(1);
    assertThat(errno(() -> at.stat("bad"))).isEqualTo("EIO");
    at.append("f", "+");
    at.chmod("d/g", 0600);
    DiskTree again = union.remount(ON);
    assertThat(again.read("f") + again.read("d/g")).isEqualTo("data+data");
  }

  @Item("2.21, 4.47")
  static void markOnAnEmptyFile_hidesNothingLater(MountedUnion union) throws Throwable {
    union.lower("f=", "g=", "x/");
    DiskTree upper = union.upper("f=", "g=");
    upper.setXattr("f", METACOPY, "");
    upper.setXattr("g", METACOPY, "");
    DiskTree at = union.mount(ON);
    at.append("f", "data");
    at.rename("g", "x/g");
    assertThat(union.remount(ON).render()).containsExactly("f=data", "x/", "x/g=");
  }

  @Item(value = "2.21, 8.16", needs = Promise.LAYERED)
  static void dataOnlyLayers_giveDataAndNoNames(MountedUnion union) throws Throwable {
    dataOnly(union);
    DiskTree at = union.mount(ON);
    assertThat(at.list("")).containsExactly("d", "f", "g", "gone", "relative");
    assertThat(at.read("f") + at.read("g")).isEqualTo("datasecond");
    assertThat(at.stat("gone").size()).isEqualTo(4);
    assertThat(errno(() -> at.read("gone"))).isEqualTo("ENOENT");
    assertThat(errno(() -> at.stat("relative"))).isEqualTo("EIO");
    at.chmod("f", 0600);
    at.rename("f", "d/f");
    at.append("g", "+");
    DiskTree again = union.remount(ON);
    assertThat(again.read("d/f") + again.read("g")).isEqualTo("datasecond+");
    union.unmount();
    assertThat(union.upper().xattr("d/f", REDIRECT)).isEqualTo("/f");
    assertThat(union.upper().xattr("g", METACOPY)).isNull();
  }

  @Item("2.21, 8.16")
  static void dataOnlyLayers_areReachedWithoutTheOption(MountedUnion union) throws Throwable {
    dataOnly(union);
    DiskTree at = union.mount("redirect_dir=nofollow");
    assertThat(at.read("f")).isEqualTo("data");
    assertThat(errno(() -> at.stat("relative"))).isEqualTo("EPERM");
    at.chmod("f", 0600);
    union.unmount();
    assertThat(union.upper().read("f")).isEqualTo("data");
  }

  @Item("2.21, 8.16")
  static void dataOnlyLayers_areReachedByMarksOfTheUser(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("f=....", "g=....");
    lower.setXattr("f", "user.overlay.metacopy", "");
    lower.setXattr("f", "user.overlay.redirect", "/o/1");
    lower.setXattr("g", METACOPY, "");
    union.dataOnly("o/1=data");
    DiskTree at = union.mount("userxattr", "redirect_dir=nofollow");
    assertThat(at.read("f")).isEqualTo("data");
    assertThat(at.read("g")).isEqualTo("....");
    at.chmod("f", 0600);
    assertThat(union.remount("userxattr", "redirect_dir=nofollow").read("f")).isEqualTo("data");
  }

  private static void dataOnly(MountedUnion union) throws Exception {
    DiskTree lower = union.lower("f=....", "g=......", "gone=....", "relative=....", "d/");
    lower.setXattr("f", REDIRECT, "/o/1");
    lower.setXattr("g", REDIRECT, "/o/2");
    lower.setXattr("gone", REDIRECT, "/o/3");
    lower.setXattr("relative", REDIRECT, "here");
    for (String name : new String[] {"f", "g", "gone", "relative"}) {
      lower.setXattr(name, METACOPY, "");
    }
    union.dataOnly("o/1=data", "o/2/", "here=data");
    union.dataOnly("o/1=no", "o/2=second", "o/3 -> 1", "hidden=x");
  }
}
