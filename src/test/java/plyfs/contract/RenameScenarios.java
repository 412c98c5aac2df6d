package plyfs.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.contract.MountedUnion.errno;

import java.util.List;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/** SEMANTICS 4, rename and link. */
final class RenameScenarios {
  private static final String REDIRECT = "trusted.overlay.redirect";

  private RenameScenarios() {}

  @Item(value = "4.60, 5.11", needs = Promise.TRUSTED_MARKS)
  static void directoryRename_withoutRedirects_isExdev(MountedUnion union) throws Throwable {
    union.lower("d/f=1", "empty/");
    union.upper("pure/f=2");
    DiskTree at = union.mount("redirect_dir=off");
    union.unchangedUpper(() -> assertThat(errno(() -> at.rename("d", "e"))).isEqualTo("EXDEV"));
    assertThat(errno(() -> at.rename("empty", "e"))).isEqualTo("EXDEV");
    assertThat(errno(() -> at.rename("empty", "d"))).as("d is not empty").isEqualTo("EXDEV");
    at.rename("pure", "moved");
    assertThat(at.render()).containsExactly("d/", "d/f=1", "empty/", "moved/", "moved/f=2");
  }

  @Item(value = "4.60", needs = Promise.TRUSTED_MARKS)
  static void directoryRename_leavesARedirect_andKeepsItsChildren(MountedUnion union)
      throws Throwable {
    union.lower("d/f=1", "d/sub/g=2", "p/x=3");
    union.upper("d/u=4");
    DiskTree at = union.mount();
    at.rename("d", "e");
    List<String> expected = List.of("e/", "e/f=1", "e/sub/", "e/sub/g=2", "e/u=4", "p/", "p/x=3");
    assertThat(at.render()).containsExactlyElementsOf(expected);
    assertThat(union.remount().render()).containsExactlyElementsOf(expected);
    union.unmount();
    assertThat(union.upper().xattr("e", REDIRECT)).isEqualTo("d");
    assertThat(union.upper().stat("d").isWhiteout()).isTrue();
    union.mount();
    at.rename("e", "p/e");
    at.append("p/e/sub/g", "+");
    at.rename("p/e/sub", "p/sub");
    List<String> moved =
        List.of("p/", "p/e/", "p/e/f=1", "p/e/u=4", "p/sub/", "p/sub/g=2+", "p/x=3");
    assertThat(at.render()).containsExactlyElementsOf(moved);
    assertThat(union.remount().render()).containsExactlyElementsOf(moved);
    union.unmount();
    assertThat(union.upper().xattr("p/e", REDIRECT)).isEqualTo("/d");
    assertThat(union.upper().xattr("p/sub", REDIRECT)).isEqualTo("/d/sub");
  }

  @Item(value = "4.60", needs = Promise.TRUSTED_MARKS)
  static void directoryRename_backAndForth_andNewDirectoryInItsPlace(MountedUnion union)
      throws Throwable {
    union.lower("d/f=1");
    DiskTree at = union.mount();
    at.rename("d", "e");
    at.mkdir("d");
    assertThat(at.render()).containsExactly("d/", "e/", "e/f=1");
    assertThat(union.remount().render()).containsExactly("d/", "e/", "e/f=1");
    at.rmdir("d");
    at.rename("e", "d");
    assertThat(at.render()).containsExactly("d/", "d/f=1");
    assertThat(union.remount().render()).containsExactly("d/", "d/f=1");
  }

  @Item("4.60")
  static void directoryIntoItsOwnSubtree_isEinval(MountedUnion union) throws Throwable {
    union.lower("d/s/f=1");
    DiskTree at = union.mount();
    assertThat(errno(() -> at.rename("d", "d/s/x"))).isEqualTo("EINVAL");
    assertThat(errno(() -> at.rename("d/s", "d"))).isEqualTo("ENOTEMPTY");
    assertThat(at.render()).containsExactly("d/", "d/s/", "d/s/f=1");
  }

  @Item("4.61")
  static void renameOnto_everyKindOfTarget(MountedUnion union) throws Throwable {
    union.lower("f=1", "g=2", "white=x", "empty/gone=x", "full/f=3", "low/", "a=4");
    union.upper("white !", "empty/gone !", "src/", "src2/");
    DiskTree at = union.mount();
    at.rename("f", "white");
    at.rename("src", "empty");
    assertThat(errno(() -> at.rename("src2", "full"))).isEqualTo("ENOTEMPTY");
    assertThat(errno(() -> at.rename("g", "full"))).isEqualTo("EISDIR");
    assertThat(errno(() -> at.rename("src2", "g"))).isEqualTo("ENOTDIR");
    at.rename("src2", "low");
    at.rename("a", "a");
    at.link("a", "b");
    at.rename("a", "b");
    List<String> expected =
        List.of("a=4", "b=4", "empty/", "full/", "full/f=3", "g=2", "low/", "white=1");
    assertThat(at.render()).containsExactlyElementsOf(expected);
    assertThat(union.remount().render()).containsExactlyElementsOf(expected);
  }

  @Item("4.61")
  static void renameOntoItselfOrAnotherLink_doesNothing(MountedUnion union) throws Throwable {
    union.lower("d/low=2", "pure/f=3");
    DiskTree at = union.mount();
    at.write("up", "1");
    at.link("up", "d/up");
    at.link("d/low", "low");
    String[] shown = {"d/", "d/low=2", "d/up=1", "low=2", "pure/", "pure/f=3", "up=1"};
    for (DiskTree each : List.of(at, union.remount())) {
      each.rename("up", "d/up");
      each.rename("low", "d/low");
      each.rename("d/low", "low");
      each.rename("d/low", "d/low");
      each.rename("d", "d");
      assertThat(each.render()).containsExactly(shown);
      assertThat(each.stat("low").nlink()).isEqualTo(2);
    }
    union.unchangedUpper(() -> union.at().rename("pure/f", "pure/f"));
    assertThat(union.remount().render()).containsExactly(shown);
  }

  @Item("4.62")
  static void rename_leavesAWhiteout_onlyWhereALowerNameIs(MountedUnion union) throws Throwable {
    union.lower("lower=1", "merged=1");
    union.upper("merged=2", "pure=3");
    DiskTree at = union.mount();
    for (String name : List.of("lower", "merged", "pure")) {
      at.rename(name, name + "-moved");
    }
    assertThat(at.render()).containsExactly("lower-moved=1", "merged-moved=2", "pure-moved=3");
    union.unmount();
    assertThat(union.upper().render())
        .containsExactly("lower !", "lower-moved=1", "merged !", "merged-moved=2", "pure-moved=3");
  }

  @Item("4.62")
  static void renameOver_isNeverSeenHalfDone(MountedUnion union) throws Throwable {
    union.lower("f=lower");
    DiskTree at = union.mount();
    Concurrent.whileLooking(
        () -> {
          for (int i = 0; i < 300; i++) {
            at.write("tmp", "new");
            at.rename("tmp", "f");
          }
        },
        () -> assertThat(at.read("f")).isIn("lower", "new"));
  }

  @Item(value = "4.63, 5.12, 5.13", needs = Promise.TRUSTED_MARKS)
  static void renameFlags(MountedUnion union) throws Throwable {
    union.lower("white=x", "low=1", "low2=2", "d/f=3", "e/g=4");
    union.upper("up=5", "up2=6", "white !");
    DiskTree at = union.mount();
    at.rename("up", "white", Linux.RENAME_NOREPLACE);
    assertThat(errno(() -> at.rename("up2", "low", Linux.RENAME_NOREPLACE))).isEqualTo("EEXIST");
    assertThat(errno(() -> at.rename("up2", "x", Linux.RENAME_WHITEOUT))).isEqualTo("EINVAL");
    assertThat(errno(() -> at.rename("up2", "none", Linux.RENAME_EXCHANGE))).isEqualTo("ENOENT");
    at.rename("low", "low2", Linux.RENAME_EXCHANGE);
    at.rename("d", "e", Linux.RENAME_EXCHANGE);
    at.rename("up2", "d", Linux.RENAME_EXCHANGE);
    List<String> expected =
        List.of("d=6", "e/", "e/f=3", "low2=1", "low=2", "up2/", "up2/g=4", "white=5");
    assertThat(at.render()).containsExactlyElementsOf(expected);
    assertThat(union.remount().render()).containsExactlyElementsOf(expected);
  }

  @Item(value = "4.63", needs = Promise.TRUSTED_MARKS)
  static void exchange_withAMergedDirectory_needsRedirects(MountedUnion union) throws Throwable {
    union.lower("d/f=1", "f=2");
    union.upper("pure/");
    DiskTree at = union.mount("redirect_dir=off");
    assertThat(errno(() -> at.rename("d", "pure", Linux.RENAME_EXCHANGE))).isEqualTo("EXDEV");
    assertThat(errno(() -> at.rename("pure", "d", Linux.RENAME_EXCHANGE))).isEqualTo("EXDEV");
    assertThat(errno(() -> at.rename("f", "d", Linux.RENAME_EXCHANGE))).isEqualTo("EXDEV");
    at.rename("f", "pure", Linux.RENAME_EXCHANGE);
    assertThat(at.render()).containsExactly("d/", "d/f=1", "f/", "pure=2");
  }

  @Item(value = "4.64", needs = Promise.TRUSTED_MARKS)
  static void pureDirectoryMovedOntoALowerName_isOpaque(MountedUnion union) throws Throwable {
    union.lower("d/hidden=1");
    DiskTree at = union.mount();
    at.mkdir("new");
    at.write("new/own", "2");
    at.removeAll("d");
    at.rename("new", "d");
    assertThat(at.render()).containsExactly("d/", "d/own=2");
    assertThat(union.remount().render()).containsExactly("d/", "d/own=2");
    union.unmount();
    assertThat(union.upper().xattr("d", "trusted.overlay.opaque")).isEqualTo("y");
  }

  @Item(value = "4.65", needs = Promise.TRUSTED_MARKS)
  static void renamedDirectory_keepsItsOpenDescriptors(MountedUnion union) throws Throwable {
    union.lower("d/s/f=1");
    DiskTree at = union.mount();
    try (Fd file = at.open("d/s/f", Linux.O_RDONLY);
        Fd directory = at.open("d/s", Linux.O_RDONLY | Linux.O_DIRECTORY)) {
      at.rename("d", "e");
      assertThat(DiskTree.pread(file, 5, 0)).isEqualTo("1");
      assertThat(DiskTree.list(directory)).containsExactly("f");
      assertThat(Syscalls.mkdirat(directory, LayerTree.bytes("below"), 0700)).isZero();
      assertThat(new String(Syscalls.realPath(directory), UTF_8)).endsWith("/e/s");
    }
    assertThat(at.render()).containsExactly("e/", "e/s/", "e/s/below/", "e/s/f=1");
  }

  @Item("4.66")
  static void link_rules(MountedUnion union) throws Throwable {
    union.lower("f=1", "white=x", "l -> f", "taken=2", "d/");
    union.upper("white !");
    DiskTree at = union.mount();
    at.link("f", "f2");
    at.link("f", "white");
    at.link("l", "l2");
    assertThat(errno(() -> at.link("f", "taken"))).isEqualTo("EEXIST");
    assertThat(errno(() -> at.link("d", "d2"))).isEqualTo("EPERM");
    assertThat(errno(() -> at.link("none", "n2"))).isEqualTo("ENOENT");
    assertThat(at.readLink("l2")).isEqualTo("f");
    assertThat(at.stat("f").nlink()).isEqualTo(3);
    at.append("f2", "+");
    assertThat(at.read("white")).isEqualTo("1+");
    at.unlink("f");
    assertThat(at.stat("f2").nlink()).isEqualTo(2);
    List<String> expected = List.of("d/", "f2=1+", "l -> f", "l2 -> f", "taken=2", "white=1+");
    assertThat(at.render()).containsExactlyElementsOf(expected);
    assertThat(union.remount().render()).containsExactlyElementsOf(expected);
    assertThat(at.stat("white").ino()).isEqualTo(at.stat("f2").ino());
  }

  @Item("4.66, 5.42")
  static void namelessFile_getsAName(MountedUnion union) throws Throwable {
    union.lower("d/");
    DiskTree at = union.mount();
    int flags = Linux.O_TMPFILE | Linux.O_RDWR;
    byte[] name = LayerTree.bytes(at.root() + "/d/named");
    try (Fd file = Fd.openat(Fd.CWD, LayerTree.bytes(at.root() + "/d"), flags, 0640)) {
      DiskTree.pwrite(file, "content", 0);
      assertThat(at.list("d")).isEmpty();
      assertThat(Syscalls.linkat(file, Syscalls.SELF, Fd.CWD, name)).isZero();
      Stat stat = new Stat();
      assertThat(Syscalls.statx(file, Syscalls.SELF, stat)).isZero();
      assertThat(stat.nlink()).isEqualTo(1);
    }
    assertThat(at.read("d/named")).isEqualTo("content");
    assertThat(at.stat("d/named").mode() & 0777).isEqualTo(0640 & at.stat("d/named").mode());
    int exclusive = flags | Linux.O_EXCL;
    try (Fd file = Fd.openat(Fd.CWD, LayerTree.bytes(at.root() + "/d"), exclusive, 0640)) {
      byte[] other = LayerTree.bytes(at.root() + "/d/other");
      assertThat(Syscalls.linkat(file, Syscalls.SELF, Fd.CWD, other)).isEqualTo(-Errno.ENOENT);
    } catch (ErrnoException e) {
      throw new AssertionError("O_TMPFILE with O_EXCL", e);
    }
    assertThat(union.remount().list("d")).containsExactly("named");
  }

  @Item("4.66")
  static void unlinkedFile_getsNoNameAgain(MountedUnion union) throws Throwable {
    union.lower("f=1");
    DiskTree at = union.mount();
    at.append("f", "+");
    try (Fd file = at.open("f", Linux.O_RDONLY)) {
      at.unlink("f");
      byte[] name = LayerTree.bytes(at.root() + "/again");
      assertThat(Syscalls.linkat(file, Syscalls.SELF, Fd.CWD, name)).isEqualTo(-Errno.ENOENT);
    }
  }

  @Item("4.60")
  static void redirectThatWouldBeTooLong_isExdev_andNothingMoves(MountedUnion union)
      throws Throwable {
    String one = "a".repeat(120);
    String two = "b".repeat(120);
    String three = "c".repeat(60);
    String deep = one + "/" + two + "/" + three;
    union.lower(deep + "/f=1", "to/", one + "/near/f=1");
    DiskTree at = union.mount();
    List<String> before = at.render();
    boolean posix = !union.keeps(Promise.LAYERED);
    assertThat(errno(() -> at.rename(deep, "to/x"))).isEqualTo(posix ? "ok" : "EXDEV");
    if (posix) {
      at.rename("to/x", deep);
    }
    assertThat(at.render()).isEqualTo(before);
    at.rename(deep, one + "/" + two + "/short");
    at.rename(one + "/near", "to/near");
    List<String> expected =
        List.of(
            one + "/",
            one + "/" + two + "/",
            one + "/" + two + "/short/",
            one + "/" + two + "/short/f=1",
            "to/",
            "to/near/",
            "to/near/f=1");
    assertThat(at.render()).isEqualTo(expected);
    assertThat(union.remount().render()).isEqualTo(expected);
  }

  @Item(value = "2.14, 4.60", needs = Promise.TRUSTED_MARKS)
  static void directoryMovedOutOfAnOpaqueOne_keepsWhatItsOwnRedirectLeadsTo(MountedUnion union)
      throws Throwable {
    DiskTree above = union.lower("pure/x/new=1", "pure/ opaque", "way/x/", "way/y/");
    above.setXattr("pure/x", REDIRECT, "/origin");
    above.setXattr("way", REDIRECT, "/moved");
    above.setXattr("way/x", REDIRECT, "x0"); // relative, on a way that has been redirected
    above.setXattr("way/y", REDIRECT, "/origin");
    union.lower("origin/foo=2", "origin/sub/bar=3", "moved/x0/low=4", "way/x0/other=5");
    DiskTree at = union.mount();
    String[] shown = {
      "out/", "out/foo=2", "out/new=1", "out/sub/", "out/sub/bar=3",
    };
    at.rename("pure/x", "out");
    at.rename("way/x", "out2");
    at.rename("way/y", "out3");
    for (DiskTree each : List.of(at, union.remount())) {
      assertThat(each.render()).contains(shown).contains("out2/", "out2/low=4", "out3/foo=2");
      assertThat(each.exists("out2/other")).isFalse();
    }
  }

  @Item(value = "2.14", needs = Promise.TRUSTED_MARKS)
  static void opaqueDirectory_isFollowedNowhere_whateverItsRedirectSays(MountedUnion union)
      throws Throwable {
    DiskTree above = union.lower("o/ opaque", "p/d/", "p/ opaque", "q/m/", "q/ opaque");
    above.setXattr("o", REDIRECT, "/origin"); // means nothing on an opaque directory
    above.setXattr("p", REDIRECT, "/origin");
    above.setXattr("q/m", REDIRECT, "m0"); // stays in the opaque directory
    union.lower("origin/d/low=", "o/low=", "p/d/low=", "q/m/low=", "q/m0/low=");
    DiskTree upper = union.upper("o2/", "d2/", "m2/");
    upper.setXattr("o2", REDIRECT, "/o");
    upper.setXattr("d2", REDIRECT, "/p/d");
    upper.setXattr("m2", REDIRECT, "/q/m");
    for (String moved : List.of("o", "p", "q")) {
      upper.mknod(moved, Linux.S_IFCHR, 0);
    }
    DiskTree at = union.mount();
    for (String empty : List.of("o2", "d2", "m2")) {
      assertThat(at.list(empty)).as(empty).isEmpty();
    }
  }
}
