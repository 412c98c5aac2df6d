package plyfs.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.contract.MountedUnion.errno;

import java.io.IOException;
import java.util.List;
import plyfs.sys.Fd;
import plyfs.sys.Linux;

/** The flags of chattr(1): SEMANTICS 2.11, 4.104. */
final class FlagScenarios {
  private FlagScenarios() {}

  /** Something that is done while lower files carry a flag, which goes afterwards. */
  @FunctionalInterface
  private interface Body {
    void run(DiskTree at) throws Throwable;
  }

  private static void withFlag(MountedUnion union, String flag, List<String> paths, Body body)
      throws Throwable {
    for (String path : paths) {
      chattr("+" + flag, path);
    }
    try {
      body.run(union.mount());
    } finally {
      union.unmount();
      for (String path : paths) {
        chattr("-" + flag, path);
      }
      union.acceptLowersAsTheyAre();
    }
  }

  private static void chattr(String change, String path) throws IOException {
    UnionMounter.run(List.of("chattr", change, path));
  }

  /** The letters that lsattr(1) shows, without dashes. */
  private static String lsattr(String path) throws IOException {
    return UnionMounter.run(List.of("lsattr", "-d", path)).split(" ", 2)[0].replace("-", "");
  }

  private static void assertImmutable(DiskTree at, String file) throws Throwable {
    assertThat(errno(() -> at.append(file, "x"))).isEqualTo("EPERM");
    assertThat(errno(() -> at.truncate(file, 0))).isEqualTo("EPERM");
    assertThat(errno(() -> at.open(file, Linux.O_RDONLY | Linux.O_TRUNC))).isEqualTo("EPERM");
    assertThat(errno(() -> at.chmod(file, 0600))).isEqualTo("EPERM");
    assertThat(errno(() -> at.chown(file, 1, 1))).isEqualTo("EPERM");
    assertThat(errno(() -> at.utimens(file, 1, 1, 1, 1))).isEqualTo("EPERM");
    assertThat(errno(() -> at.utimens(file, 0, Linux.UTIME_NOW, 0, Linux.UTIME_NOW)))
        .isEqualTo("EPERM");
    assertThat(errno(() -> at.setXattr(file, "user.a", "1"))).isEqualTo("EPERM");
    assertThat(errno(() -> at.link(file, "g"))).isEqualTo("EPERM");
    assertThat(errno(() -> at.rename(file, "g"))).isEqualTo("EPERM");
    assertThat(errno(() -> at.unlink(file))).isEqualTo("EPERM");
  }

  @Item("4.104, 6.18, 5.36")
  static void immutableLower_isProtected(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("f=1", "other=2");
    withFlag(
        union,
        "i",
        List.of(lower.root() + "/f"),
        at -> {
          union.unchangedUpper(
              () -> {
                assertImmutable(at, "f");
                assertThat(errno(() -> at.rename("other", "f"))).isEqualTo("EPERM");
                assertThat(errno(() -> at.rename("other", "f", Linux.RENAME_EXCHANGE)))
                    .isEqualTo("EPERM");
              });
          assertThat(at.read("f")).isEqualTo("1");
          assertThat(lsattr(at.root() + "/f")).contains("i");
        });
  }

  @Item(value = "4.104, 7.19: the parent's flags too", needs = Promise.TRUSTED_MARKS)
  static void immutableLowerDirectory_keepsItsNames_butItsFilesChange(MountedUnion union)
      throws Throwable {
    DiskTree lower = union.lower("d/f=1", "d/sub/", "other=2");
    withFlag(
        union,
        "i",
        List.of(lower.root() + "/d"),
        at -> {
          union.unchangedUpper(
              () -> {
                assertThat(errno(() -> at.write("d/new", "x"))).isEqualTo("EPERM");
                assertThat(errno(() -> at.mkdir("d/new"))).isEqualTo("EPERM");
                assertThat(errno(() -> at.symlink("x", "d/new"))).isEqualTo("EPERM");
                assertThat(errno(() -> at.mknod("d/new", Linux.S_IFIFO | 0600, 0)))
                    .isEqualTo("EPERM");
                assertThat(errno(() -> at.link("other", "d/new"))).isEqualTo("EPERM");
                assertThat(errno(() -> at.rename("other", "d/new"))).isEqualTo("EPERM");
                assertThat(errno(() -> at.rename("d/f", "moved"))).isEqualTo("EPERM");
                assertThat(errno(() -> at.unlink("d/f"))).isEqualTo("EPERM");
                assertThat(errno(() -> at.rmdir("d/sub"))).isEqualTo("EPERM");
                assertThat(errno(() -> at.open("d", Linux.O_TMPFILE | Linux.O_RDWR, 0600)))
                    .isEqualTo("EPERM");
              });
          at.append("d/f", "+");
          assertThat(at.read("d/f")).isEqualTo("1+");
          assertThat(errno(() -> at.write("d/new", "x"))).as("after copy-up").isEqualTo("EPERM");
          assertThat(union.upper().xattr("d", "trusted.overlay.protattr")).isEqualTo("i");
          assertThat(errno(() -> union.remount().unlink("d/f"))).isEqualTo("EPERM");
        });
  }

  @Item(value = "4.104, 2.11", needs = Promise.TRUSTED_MARKS)
  static void appendOnlyLower_takesAppends_andStaysSoInUpper(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("f=1");
    withFlag(
        union,
        "a",
        List.of(lower.root() + "/f"),
        at -> {
          union.unchangedUpper(() -> assertAppendOnly(at));
          at.append("f", "+2");
          assertThat(at.read("f")).isEqualTo("1+2");
          assertThat(union.upper().xattr("f", "trusted.overlay.protattr")).isEqualTo("a");
          assertThat(lsattr(union.upper().root() + "/f")).doesNotContain("a");
          assertAppendOnly(at);
          at.utimens("f", 0, Linux.UTIME_NOW, 0, Linux.UTIME_NOW);
          DiskTree again = union.remount();
          assertAppendOnly(again);
          assertThat(lsattr(again.root() + "/f")).contains("a");
          again.append("f", "+3");
          assertThat(again.read("f")).isEqualTo("1+2+3");
        });
  }

  @Item("4.104: the flag itself is on the upper file, as chattr +a of a log before the mount")
  static void appendOnlyFileOfTheUpper_takesAppends_andNothingElse(MountedUnion union)
      throws Throwable {
    union.lower("other=0");
    DiskTree upper = union.upper().make("f=1", "d/x=1");
    List<String> flagged = List.of(upper.root() + "/f", upper.root() + "/d");
    for (String path : flagged) {
      chattr("+a", path);
    }
    try {
      DiskTree at = union.mount();
      at.append("f", "+2");
      assertNotAtItsEnd(at);
      at.append("f", "+3");
      assertThat(at.read("f")).isEqualTo("1+2+3");
      assertThat(lsattr(at.root() + "/f")).contains("a");
      at.write("d/new", "4");
      assertThat(errno(() -> at.unlink("d/new"))).isEqualTo("EPERM");
      assertThat(errno(() -> at.rename("d/x", "moved"))).isEqualTo("EPERM");
      union.unmount();
      assertThat(upper.read("f")).isEqualTo("1+2+3");
    } finally {
      union.unmount();
      for (String path : flagged) {
        chattr("-a", path);
      }
    }
  }

  private static void assertNotAtItsEnd(DiskTree at) throws Throwable {
    assertThat(errno(() -> at.truncate("f", 9))).isEqualTo("EPERM");
    assertThat(errno(() -> at.open("f", Linux.O_RDONLY | Linux.O_TRUNC))).isEqualTo("EPERM");
    assertThat(errno(() -> at.chmod("f", 0600))).isEqualTo("EPERM");
    assertThat(errno(() -> at.utimens("f", 1, 1, 1, 1))).isEqualTo("EPERM");
    at.utimens("f", 0, Linux.UTIME_NOW, 0, Linux.UTIME_NOW);
    assertThat(errno(() -> at.setXattr("f", "user.a", "1"))).isEqualTo("EPERM");
    assertThat(errno(() -> at.link("f", "g"))).isEqualTo("EPERM");
    assertThat(errno(() -> at.rename("other", "f"))).isEqualTo("EPERM");
    assertThat(errno(() -> at.unlink("f"))).isEqualTo("EPERM");
    // The open, or, where the daemon is not told of it, the write.
    assertThat(
            errno(
                () -> {
                  try (Fd fd = at.open("f", Linux.O_WRONLY)) {
                    DiskTree.pwrite(fd, "X", 0);
                  }
                }))
        .isEqualTo("EPERM");
  }

  private static void assertAppendOnly(DiskTree at) throws Throwable {
    assertThat(errno(() -> at.open("f", Linux.O_WRONLY))).isEqualTo("EPERM");
    assertThat(errno(() -> at.open("f", Linux.O_WRONLY | Linux.O_APPEND | Linux.O_TRUNC)))
        .isEqualTo("EPERM");
    assertThat(errno(() -> at.truncate("f", 9))).isEqualTo("EPERM");
    assertThat(errno(() -> at.chmod("f", 0600))).isEqualTo("EPERM");
    assertThat(errno(() -> at.utimens("f", 1, 1, 1, 1))).isEqualTo("EPERM");
    assertThat(errno(() -> at.setXattr("f", "user.a", "1"))).isEqualTo("EPERM");
    assertThat(errno(() -> at.link("f", "g"))).isEqualTo("EPERM");
    assertThat(errno(() -> at.unlink("f"))).isEqualTo("EPERM");
  }

  @Item(value = "4.104, 7.19", needs = Promise.TRUSTED_MARKS)
  static void chattrThroughMount_isAMark_enforcedAndShown(MountedUnion union) throws Throwable {
    union.lower("low=1", "d/f=2");
    DiskTree at = union.mount();
    at.write("new", "3");
    for (String file : List.of("low", "new")) {
      chattr("+i", at.root() + "/" + file);
      assertImmutable(at, file);
      assertThat(lsattr(at.root() + "/" + file)).contains("i");
      assertThat(lsattr(union.upper().root() + "/" + file)).doesNotContain("i");
      assertThat(union.upper().xattr(file, "trusted.overlay.protattr")).isEqualTo("i");
      assertThat(at.xattrNames(file)).isEmpty();
    }
    chattr("+a", at.root() + "/d");
    at.write("d/more", "4");
    assertThat(errno(() -> at.unlink("d/f"))).isEqualTo("EPERM");
    assertThat(errno(() -> at.unlink("d/more"))).isEqualTo("EPERM");
    DiskTree again = union.remount();
    assertImmutable(again, "low");
    assertThat(errno(() -> again.unlink("d/f"))).isEqualTo("EPERM");
    for (String path : List.of("low", "new", "d")) {
      chattr("-ia", again.root() + "/" + path);
      assertThat(union.upper().xattr(path, "trusted.overlay.protattr")).isNull();
      assertThat(lsattr(again.root() + "/" + path)).doesNotContainPattern("[ia]");
    }
    again.append("low", "+");
    again.unlink("new");
    again.removeAll("d");
  }

  @Item("4.104: a flag set later binds no descriptor that is open")
  static void openDescriptor_outlivesChattr(MountedUnion union) throws Throwable {
    union.lower();
    DiskTree at = union.mount();
    at.write("f", "1");
    try (Fd fd = at.open("f", Linux.O_WRONLY | Linux.O_APPEND)) {
      chattr("+i", at.root() + "/f");
      assertThat(errno(() -> at.open("f", Linux.O_WRONLY | Linux.O_APPEND))).isEqualTo("EPERM");
      DiskTree.pwrite(fd, "+", 0);
    } finally {
      chattr("-i", at.root() + "/f");
    }
    at.append("f", "2");
    assertThat(at.read("f")).isEqualTo("1+2");
  }

  @Item("4.104: A and S")
  static void otherFlags_areCopiedUp_andSetInUpper(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("f=1", "d/f=1", "g=1");
    chattr("+AS", lower.root() + "/f");
    chattr("+A", lower.root() + "/d");
    DiskTree at = union.mount();
    assertThat(lsattr(at.root() + "/f")).contains("A", "S");
    at.append("f", "+");
    at.chmod("d", 0700);
    assertThat(lsattr(union.upper().root() + "/f")).contains("A", "S");
    assertThat(lsattr(union.upper().root() + "/d")).contains("A").doesNotContain("S");
    chattr("+A", at.root() + "/g");
    assertThat(lsattr(union.upper().root() + "/g")).contains("A");
    assertThat(lsattr(at.root() + "/g")).contains("A");
  }

  @Item("4.104: the kernel does not go on with an old ctime")
  static void chattr_changesTheTimeOfChange(MountedUnion union) throws Throwable {
    union.lower("low=1");
    DiskTree at = union.mount();
    at.write("new", "1");
    for (String file : List.of("low", "new")) {
      long before = at.stat(file).mtimeSeconds();
      chattr("+i", at.root() + "/" + file);
      DescriptorScenarios.assertSameChangeTime(at, union.upper(), file);
      chattr("-i", at.root() + "/" + file);
      DescriptorScenarios.assertSameChangeTime(at, union.upper(), file);
      assertThat(at.stat(file).mtimeSeconds()).isEqualTo(before);
    }
  }

  @Item("7.19: another ioctl is ENOTTY")
  static void versionOfInode_isNotThere(MountedUnion union) throws Throwable {
    union.lower("f=1");
    DiskTree at = union.mount();
    assertThat(union.as("--reuid=0", "lsattr -v f").text()).contains("Inappropriate ioctl");
    assertThat(at.read("f")).isEqualTo("1");
  }

  @Item("7.19: who may not, may not")
  static void chattrByOrdinaryUser_isRefused(MountedUnion union) throws Throwable {
    union.lower("f=1", "f (666 1:1)");
    DiskTree at = union.mount();
    union.unchangedUpper(
        () -> {
          assertThat(union.asUser(1, "chattr +i f").text()).contains("not permitted");
          assertThat(union.asUser(2, "chattr +A f").text()).contains("not permitted");
        });
    assertThat(lsattr(at.root() + "/f")).doesNotContainPattern("[iaA]");
  }
}
