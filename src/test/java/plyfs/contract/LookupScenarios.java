package plyfs.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.contract.MountedUnion.errno;

import java.util.List;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Stat;

/** SEMANTICS 4, lookup, whiteouts and opacity. */
final class LookupScenarios {
  private static final String OPAQUE = "trusted.overlay.opaque";

  private LookupScenarios() {}

  private static void assertAbsent(DiskTree tree, String path) throws Throwable {
    int slash = path.lastIndexOf('/');
    assertThat(errno(() -> tree.stat(path))).as(path).isEqualTo("ENOENT");
    assertThat(errno(() -> tree.open(path, Linux.O_RDONLY).close())).isEqualTo("ENOENT");
    assertThat(errno(() -> tree.readLink(path))).isEqualTo("ENOENT");
    assertThat(tree.list(slash < 0 ? "" : path.substring(0, slash)))
        .doesNotContain(path.substring(slash + 1));
  }

  @Item("4.1")
  static void whiteoutInUpper_hidesLowerFile(MountedUnion union) throws Throwable {
    union.lower("x=lower", "y=lower", "d/x=lower");
    union.upper("x !", "d/x !");
    DiskTree at = union.mount();
    assertAbsent(at, "x");
    assertAbsent(at, "d/x");
    assertThat(at.render()).containsExactly("d/", "y=lower");
  }

  @Item("4.1")
  static void whiteoutInMiddleLayer_hidesLowerFile(MountedUnion union) throws Throwable {
    union.lower("top=1");
    union.lower("x !", "l !", "d !");
    union.lower("x=lower", "l -> x", "d/e/f=deep");
    DiskTree at = union.mount();
    assertAbsent(at, "x");
    assertAbsent(at, "l");
    assertAbsent(at, "d");
    assertThat(errno(() -> at.stat("d/e/f"))).isEqualTo("ENOENT");
    assertThat(at.render()).containsExactly("top=1");
  }

  @Item("4.2")
  static void otherDevicesInUpper_areNoWhiteouts(MountedUnion union) throws Throwable {
    union.lower("c=lower", "b=lower");
    union.upper().mknod("c", Linux.S_IFCHR | 0600, 1);
    union.upper().mknod("b", Linux.S_IFBLK | 0600, 0);
    DiskTree at = union.mount();
    assertThat(at.stat("c").type()).isEqualTo(Linux.S_IFCHR);
    assertThat(at.stat("c").rdev()).isEqualTo(1);
    assertThat(at.stat("b").type()).isEqualTo(Linux.S_IFBLK);
    assertThat(at.list("")).containsExactly("b", "c");
  }

  @Item(value = "4.3", needs = Promise.TRUSTED_MARKS)
  static void xattrWhiteout_inAnnouncedDirectory_hides_andTheDirectoryStillMerges(
      MountedUnion union) throws Throwable {
    DiskTree middle = union.lower("d/x=", "d/full=data", "d/own=1");
    middle.setXattr("d", OPAQUE, "x");
    middle.setXattr("d/x", "trusted.overlay.whiteout", "");
    middle.setXattr("d/full", "trusted.overlay.whiteout", "");
    union.lower("d/x=below", "d/full=below", "d/other=2");
    DiskTree at = union.mount();
    assertAbsent(at, "d/x");
    assertThat(at.render()).containsExactly("d/", "d/full=data", "d/other=2", "d/own=1");
  }

  @Item(value = "4.3", needs = Promise.TRUSTED_MARKS)
  static void xattrWhiteout_withoutTheDirectorysMark_isAbsentOnLookup(MountedUnion union)
      throws Throwable {
    DiskTree middle = union.lower("d/x=");
    middle.setXattr("d/x", "trusted.overlay.whiteout", "y");
    union.lower("d/x=below");
    DiskTree at = union.mount();
    assertThat(errno(() -> at.stat("d/x"))).isEqualTo("ENOENT");
    at.write("d/x", "new");
    assertThat(at.read("d/x")).isEqualTo("new");
    assertThat(union.remount().read("d/x")).isEqualTo("new");
  }

  @Item(value = "4.4", needs = Promise.TRUSTED_MARKS)
  static void opaqueDirectoryInMiddleLayer_hidesWhatLiesBelow(MountedUnion union) throws Throwable {
    union.lower("d/m=1", "d/ opaque");
    union.lower("d/l=2", "e=3");
    union.upper("d/u=0");
    DiskTree at = union.mount();
    assertThat(at.render()).containsExactly("d/", "d/m=1", "d/u=0", "e=3");
    assertThat(errno(() -> at.stat("d/l"))).isEqualTo("ENOENT");
  }

  @Item("4.4")
  static void otherValuesOfOpaque_meanNothing(MountedUnion union) throws Throwable {
    DiskTree middle = union.lower("n/", "Y/", "yy/", "1/", "empty/");
    for (String value : List.of("n", "Y", "yy", "1")) {
      middle.setXattr(value, OPAQUE, value);
    }
    middle.setXattr("empty", OPAQUE, "");
    union.lower("n/f=x", "Y/f=x", "yy/f=x", "1/f=x", "empty/f=x");
    assertThat(union.mount().render()).contains("n/f=x", "Y/f=x", "yy/f=x", "1/f=x", "empty/f=x");
  }

  @Item("4.4")
  static void opaqueOnALayersRoot_isIgnored(MountedUnion union) throws Throwable {
    union.lower("a=1").setXattr("", OPAQUE, "y");
    union.lower("b=2");
    union.upper("c=3").setXattr("", OPAQUE, "y");
    assertThat(union.mount().render()).containsExactly("a=1", "b=2", "c=3");
  }

  @Item("4.5")
  static void typesOverEachOther_topOneWins(MountedUnion union) throws Throwable {
    union.lower("dfd/top=1", "fd=file", "df/in=1", "dld/top=1");
    union.lower("dfd=file", "fd/hidden=2", "df=file", "dld -> fd");
    union.lower("dfd/bottom=3", "fd/hidden2=3", "dld/bottom=3");
    DiskTree at = union.mount();
    assertThat(at.render())
        .containsExactly("df/", "df/in=1", "dfd/", "dfd/top=1", "dld/", "dld/top=1", "fd=file");
    assertThat(errno(() -> at.stat("dfd/bottom"))).isEqualTo("ENOENT");
    assertThat(errno(() -> at.stat("fd/hidden"))).isEqualTo("ENOTDIR");
  }

  @Item(value = "4.6", needs = Promise.AUFS_MARKS)
  static void aufsMarks_hideInLowerLayersOnly(MountedUnion union) throws Throwable {
    union.lower(
        "d/.wh.x=", "o/.wh..wh..opq=", "o/own=1", ".wh..wh.plnk/p=", ".wh..wh.aufs=", ".wh.=");
    union.lower("d/x=hidden", "d/y=shown", "o/hidden=2");
    DiskTree at = union.mount();
    assertThat(at.render()).containsExactly("d/", "d/y=shown", "o/", "o/own=1");
    assertThat(errno(() -> at.stat("d/x"))).isEqualTo("ENOENT");
    assertThat(errno(() -> at.write("d/.wh.foo", "x"))).isEqualTo("EINVAL");
    at.write("d/x", "new");
    assertThat(union.remount().render())
        .containsExactly("d/", "d/x=new", "d/y=shown", "o/", "o/own=1");
  }

  @Item(value = "4.6", needs = Promise.AUFS_MARKS)
  static void aufsOff_marksAreOrdinaryNames(MountedUnion union) throws Throwable {
    union.lower("d/.wh.x=");
    union.lower("d/x=shown");
    DiskTree at = union.mount("aufs=off");
    at.write("d/.wh.foo", "plain");
    assertThat(union.remount("aufs=off").render())
        .containsExactly("d/", "d/.wh.foo=plain", "d/.wh.x=", "d/x=shown");
  }

  @Item(value = "4.91, 6.16", needs = Promise.AUFS_MARKS)
  static void aufsMarkBesideTheName_hidesOnlyTheOneBelow(MountedUnion union) throws Throwable {
    union.lower(".wh.a=", "a=upper one");
    union.lower("a=lower one");
    assertThat(union.mount().render()).containsExactly("a=upper one");
  }

  @Item("4.7")
  static void whiteoutOfOneName_leavesTheSameNameElsewhere(MountedUnion union) throws Throwable {
    union.lower("x=1", "d/x=2", "d/sub/x=3");
    union.upper("d/x !");
    assertThat(union.mount().render()).containsExactly("d/", "d/sub/", "d/sub/x=3", "x=1");
  }

  @Item(value = "4.8", needs = Promise.TRUSTED_MARKS)
  static void directoryRemovedAndMadeAgain_isEmpty_andOpaqueOnDisk(MountedUnion union)
      throws Throwable {
    union.lower("d/a=1", "d/sub/b=2");
    DiskTree at = union.mount();
    at.removeAll("d");
    assertThat(at.render()).isEmpty();
    at.mkdir("d");
    assertThat(at.render()).containsExactly("d/");
    assertThat(union.remount().render()).containsExactly("d/");
    union.unmount();
    assertThat(union.upper().render()).containsExactly("d/");
    assertThat(union.upper().xattr("d", OPAQUE)).isEqualTo("y");
  }

  @Item(value = "4.9", needs = Promise.TRUSTED_MARKS)
  static void lastChildOfMergedDirectoryGone_rmdirAndMkdir_isEmpty(MountedUnion union)
      throws Throwable {
    union.lower("d/a=1", "d/b=2");
    DiskTree at = union.mount();
    at.unlink("d/a");
    at.write("d/b", "changed");
    at.unlink("d/b");
    at.rmdir("d");
    at.mkdir("d");
    assertThat(at.list("d")).isEmpty();
    union.unmount();
    assertThat(union.upper().render()).containsExactly("d/");
    assertThat(union.upper().xattr("d", OPAQUE)).isEqualTo("y");
    assertThat(union.mount().render()).containsExactly("d/");
  }

  @Item("4.10")
  static void rmdir_countsWhatIsVisible(MountedUnion union) throws Throwable {
    union.lower("gone/a=1", "left/a=1", "left/b=2");
    union.upper("gone/a !", "left/a !");
    DiskTree at = union.mount();
    union.unchangedUpper(() -> assertThat(errno(() -> at.rmdir("left"))).isEqualTo("ENOTEMPTY"));
    at.rmdir("gone");
    assertThat(at.render()).containsExactly("left/", "left/b=2");
    union.unmount();
    assertThat(union.upper().render()).containsExactly("gone !", "left/", "left/a !");
  }

  @Item(value = "4.11", needs = Promise.TRUSTED_MARKS)
  static void unlink_leavesAWhiteoutOnlyWhereALowerNameIs(MountedUnion union) throws Throwable {
    union.lower("lower=1", "merged=1", "d/below=1");
    union.upper("merged=2", "pure=3", "d/ opaque", "d/below=2");
    DiskTree at = union.mount();
    for (String path : List.of("lower", "merged", "pure", "d/below")) {
      at.unlink(path);
      assertThat(at.exists(path)).isFalse();
    }
    assertThat(at.render()).containsExactly("d/");
    union.unmount();
    assertThat(union.upper().render()).containsExactly("d/", "lower !", "merged !");
  }

  @Item("5.23")
  static void whiteoutsAreLinksOfOneInode(MountedUnion union) throws Throwable {
    union.lower("a=1", "b=2", "c=3");
    DiskTree at = union.mount();
    for (String name : List.of("a", "b", "c")) {
      at.unlink(name);
    }
    union.unmount();
    long ino = union.upper().stat("a").ino();
    assertThat(union.upper().stat("b").ino()).isEqualTo(ino);
    assertThat(union.upper().stat("c").ino()).isEqualTo(ino);
  }

  @Item("4.12")
  static void createOverWhitedOutName_neverShowsTheLowerFile(MountedUnion union) throws Throwable {
    union.lower("x=lower", "y=lower");
    DiskTree at = union.mount();
    at.unlink("x");
    Concurrent.whileLooking(
        () -> {
          for (int i = 0; i < 300; i++) {
            if (i % 2 == 0) {
              at.write("x", "new");
            } else {
              at.write("source", "new");
              at.rename("source", "x");
            }
            at.unlink("x");
          }
        },
        () -> {
          try {
            assertThat(at.stat("x").size()).as("never 5, the lower one's").isIn(0L, 3L);
          } catch (ErrnoException e) {
            assertThat(e.errno()).isEqualTo(Errno.ENOENT);
          }
        });
  }

  @Item("4.14")
  static void mknodOfAWhiteout_isEperm_forEveryone(MountedUnion union) throws Throwable {
    union.lower("d/");
    union.lower().chmod("", 0777);
    DiskTree at = union.mount();
    at.mkdir("open");
    at.chmod("open", 0777);
    union.unchangedUpper(
        () -> {
          assertThat(errno(() -> at.mknod("w", Linux.S_IFCHR, 0))).isEqualTo("EPERM");
          assertThat(union.asUser(1, "mknod open/w c 0 0").text())
              .contains("Operation not permitted");
        });
    assertThat(at.list("open")).isEmpty();
  }

  @Item("4.16")
  static void missingName_isVisibleAtOnceWhenMade(MountedUnion union) throws Throwable {
    union.lower("src=1", "f=1");
    DiskTree at = union.mount();
    List<String> names = List.of("create", "mkdir", "mknod", "symlink", "link", "rename");
    for (String name : names) {
      for (int i = 0; i < 3; i++) {
        assertThat(at.exists(name)).isFalse();
      }
    }
    at.write("create", "x");
    at.mkdir("mkdir");
    at.mknod("mknod", Linux.S_IFIFO | 0600, 0);
    at.symlink("x", "symlink");
    at.link("f", "link");
    at.rename("src", "rename");
    for (String name : names) {
      assertThat(at.exists(name)).as(name).isTrue();
    }
  }

  @Item("4.18")
  static void lowerSymlinkBelowUpperDirectory_isNotFollowed(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("outside/f=secret");
    lower.symlink(union.beside() + "/lower1/outside", "a");
    union.upper("a/own=1");
    DiskTree at = union.mount();
    assertThat(at.list("a")).containsExactly("own");
    assertThat(errno(() -> at.stat("a/f"))).isEqualTo("ENOENT");
  }

  @Item("4.19, 4.89, 6.13")
  static void oddNames_areTheSameBytesThroughEveryOperation(MountedUnion union) throws Throwable {
    List<String> odd =
        List.of("\n", "\u00ff\u00fe", "\\", "-n", "a b", "\u0001", "n".repeat(255), "\u00e4");
    DiskTree lower = union.lower("d/");
    for (String name : odd) {
      lower.write("d/" + name, name);
    }
    DiskTree at = union.mount();
    for (String name : odd) {
      String path = "d/" + name;
      assertThat(at.read(path)).isEqualTo(name);
      at.append(path, "+");
      at.unlink(path);
      assertThat(at.exists(path)).isFalse();
      at.write(path, "again");
      at.rename(path, "moved");
      at.rename("moved", path);
      at.setXattr(path, "user.x", name);
      assertThat(at.xattr(path, "user.x")).isEqualTo(name);
      at.mkdir(name);
      at.symlink(name, name + "/" + name);
      assertThat(at.readLink(name + "/" + name)).isEqualTo(name);
    }
    assertThat(at.list("d")).containsExactlyInAnyOrderElementsOf(odd);
    DiskTree again = union.remount();
    assertThat(again.list("d")).containsExactlyInAnyOrderElementsOf(odd);
    assertThat(again.read("d/\u00ff\u00fe")).isEqualTo("again");
  }

  @Item("4.89")
  static void tooLongNames_areRefused(MountedUnion union) throws Throwable {
    union.lower("d/f=1");
    DiskTree at = union.mount();
    for (int length : new int[] {256, 1024, 1025}) {
      String name = "n".repeat(length);
      assertThat(errno(() -> at.stat("d/" + name))).isEqualTo("ENAMETOOLONG");
      assertThat(errno(() -> at.write("d/" + name, "x"))).isEqualTo("ENAMETOOLONG");
      assertThat(errno(() -> at.mkdir("d/" + name))).isEqualTo("ENAMETOOLONG");
      assertThat(errno(() -> at.rename("d/f", "d/" + name))).isEqualTo("ENAMETOOLONG");
    }
    assertThat(at.render()).containsExactly("d/", "d/f=1");
  }

  @Item("1.6, 4.25")
  static void mountInsideALayer_isNotEntered(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("d/covered=1");
    UnionMounter.run(List.of("mount", "-t", "tmpfs", "none", lower.root() + "/d"));
    try {
      DiskTree at = union.mount();
      assertThat(at.render()).containsExactly("d/", "d/covered=1");
    } finally {
      union.unmount();
      UnionMounter.run(List.of("umount", lower.root() + "/d"));
    }
    Stat stat = lower.stat("d/covered");
    assertThat(stat.size()).isEqualTo(1);
  }
}
