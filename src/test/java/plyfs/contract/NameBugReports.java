package plyfs.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.contract.MountedUnion.errno;

import java.util.ArrayList;
import java.util.List;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/**
 * Bugs of other file systems, mostly overlays, that users or tests have reported about names:
 * deletions, renames and links. A scenario is named after the reported symptom, which must not
 * occur here; its comment names the project and the issue.
 */
final class NameBugReports {
  private NameBugReports() {}

  private static void run(MountedUnion union, String command) throws Exception {
    MountedUnion.Output output = union.as("--reuid=0", command);
    assertThat(output.text()).as(command).isEmpty();
    assertThat(output.exitCode()).as(command).isZero();
  }

  /** containers/fuse-overlayfs issue 271. */
  @Item("4.61, 4.64")
  static void anotherDirectoryMovedToTheNameOfARemovedOne_failsWithFileExists(MountedUnion union)
      throws Throwable {
    union.lower("a/b/c=1", "a/b/d=2");
    DiskTree at = union.mount();
    run(union, "cp -r a bak && rm -rf a && mv bak/b/c bak/b/c2 && mv bak a");
    List<String> expected = List.of("a/", "a/b/", "a/b/c2=1", "a/b/d=2");
    assertThat(at.render()).isEqualTo(expected);
    assertThat(union.remount().render()).isEqualTo(expected);
  }

  /** containers/fuse-overlayfs issue 279. */
  @Item("4.67")
  static void symlinkInPlaceOfAMovedFile_disappearsAfterRemount(MountedUnion union)
      throws Throwable {
    union.lower("a.txt=1");
    DiskTree at = union.mount();
    at.rename("a.txt", "a2.txt");
    at.write("a3.txt", "3");
    at.symlink("a3.txt", "a.txt");
    List<String> expected = List.of("a.txt -> a3.txt", "a2.txt=1", "a3.txt=3");
    assertThat(at.render()).isEqualTo(expected);
    assertThat(union.remount().render()).isEqualTo(expected);
  }

  /** containers/fuse-overlayfs issue 151. */
  @Item(value = "4.7, 2.19", needs = Promise.AUFS_MARKS)
  static void whiteoutFileInTheRoot_hidesTheNameEverywhere(MountedUnion union) throws Throwable {
    union.lower(".wh.test=");
    union.lower("test=1", "root/test=2", "root/sub/test=3");
    DiskTree at = union.mount();
    at.mkdir("new");
    at.write("new/test", "4");
    assertThat(union.remount().render())
        .containsExactly(
            "new/", "new/test=4", "root/", "root/sub/", "root/sub/test=3", "root/test=2");
  }

  /** containers/fuse-overlayfs issue 327. */
  @Item("4.62")
  static void sedInPlace_leavesAWhiteoutOfItsTemporaryFile(MountedUnion union) throws Throwable {
    union.lower("low=abc\n");
    union.upper("up=abc\n");
    DiskTree at = union.mount();
    run(union, "sed -i s/b/X/ up low");
    assertThat(at.render()).containsExactly("low=aXc\n", "up=aXc\n");
    assertThat(union.upper().list("")).containsExactly("low", "up");
  }

  /** containers/fuse-overlayfs issue 354. */
  @Item("4.62, 4.63")
  static void renameWithNoreplaceOntoAWhiteout_leavesTheOldNameVisible(MountedUnion union)
      throws Throwable {
    union.lower("from=1", "to=2");
    DiskTree at = union.mount();
    at.unlink("to");
    at.append("from", "+");
    at.rename("from", "to", Linux.RENAME_NOREPLACE);
    assertThat(at.render()).containsExactly("to=1+");
    assertThat(union.remount().render()).containsExactly("to=1+");
    assertThat(union.upper().render()).containsExactly("from !", "to=1+");
  }

  /** containers/fuse-overlayfs issue 306: the kernel cannot read such an upper directory. */
  @Item("4.9, 6.15")
  static void renameOutOfARecreatedDirectory_leavesAWhiteoutInAnOpaqueOne(MountedUnion union)
      throws Throwable {
    union.lower("a/b/");
    DiskTree at = union.mount();
    at.removeAll("a");
    at.mkdir("a");
    at.mkdir("a/b");
    at.rename("a/b", "b");
    assertThat(at.render()).containsExactly("a/", "b/");
    at.mkdir("a/b");
    at.rmdir("a/b");
    assertThat(at.list("a")).isEmpty();
    assertThat(union.upper().render()).containsExactly("a/", "b/");
  }

  /** containers/fuse-overlayfs issue 273; moby/moby issue 13108 is similar. */
  @Item("4.62")
  static void nameThatWasMovedAway_isStillThereForAnotherUser(MountedUnion union) throws Throwable {
    union.lower("d/", "d (777 0:0)");
    union.mount();
    MountedUnion.Output output =
        union.asUser(
            1, "cd d; touch a b; chmod 6 a; mv a x; test -e a; echo $?; mv b a </dev/null; ls");
    assertThat(output.text()).isEqualTo("1\na\nx");
  }

  /** xfstests overlay/006 and moby/moby issue 9572, where the listing also shows a whiteout. */
  @Item("4.11, 4.62")
  static void lowerFileMovedIntoANewDirectoryAndRemoved_leavesSomethingThere(MountedUnion union)
      throws Throwable {
    union.lower("f=1", "g=1");
    union.upper("old/");
    DiskTree at = union.mount();
    at.mkdir("new");
    at.rename("f", "old/f");
    at.rename("g", "new/g");
    at.unlink("old/f");
    at.unlink("new/g");
    assertThat(at.list("old")).isEmpty();
    at.rmdir("old");
    at.rmdir("new");
    assertThat(at.render()).isEmpty();
    assertThat(union.upper().render()).containsExactly("f !", "g !");
  }

  /** xfstests overlay/008. */
  @Item("4.68")
  static void whatIsMadeOverAWhiteout_belongsToTheMounter(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("d/f=1", "d/g=1", "d/h=1");
    lower.chmod("d", 0777);
    DiskTree at = union.mount();
    at.removeAll("d/f");
    at.removeAll("d/g");
    at.removeAll("d/h");
    MountedUnion.Output output =
        union.as("--reuid=5 --regid=6 --clear-groups", "touch d/f; mkdir d/g; ln -s x d/h");
    assertThat(output.text()).isEmpty();
    for (String name : List.of("f", "g", "h")) {
      Stat stat = at.stat("d/" + name);
      assertThat(stat.uid()).as(name).isEqualTo(5);
      assertThat(stat.gid()).as(name).isEqualTo(6);
    }
  }

  /** xfstests overlay/015. */
  @Item("4.103")
  static void setgidOfTheDirectory_isNotPassedOnOverAWhiteout(MountedUnion union) throws Throwable {
    union.lower("d/dir=1", "d/file=1", "d/link=1", "d (2775 0:7)");
    DiskTree at = union.mount();
    run(union, "umask 022; cd d; rm dir file link; mkdir dir; touch file; ln file link");
    assertThat(at.stat("d/dir").mode()).isEqualTo(Linux.S_IFDIR | 02755);
    for (String name : List.of("dir", "file", "link")) {
      assertThat(at.stat("d/" + name).gid()).as(name).isEqualTo(7);
    }
  }

  /** moby/moby issue 38389: dpkg links the old file and renames the new one over it. */
  @Item("4.66")
  static void backupLinkOfALowerFile_isAnInvalidCrossDeviceLink(MountedUnion union)
      throws Throwable {
    union.lower("bin/perl=old", "bin/status=s");
    DiskTree at = union.mount();
    at.write("bin/perl.dpkg-new", "new");
    at.link("bin/perl", "bin/perl.dpkg-tmp");
    at.rename("bin/perl.dpkg-new", "bin/perl");
    at.link("bin/status", "bin/status-old");
    List<String> expected =
        List.of(
            "bin/", "bin/perl.dpkg-tmp=old", "bin/perl=new", "bin/status-old=s", "bin/status=s");
    assertThat(at.render()).isEqualTo(expected);
    assertThat(at.stat("bin/perl").nlink()).isEqualTo(1);
    assertThat(at.stat("bin/perl.dpkg-tmp").nlink()).isEqualTo(1);
    assertThat(union.remount().render()).isEqualTo(expected);
  }

  /** vdudouyt/mhddfs-nosegfault pull request 8: ln creates a temporary link and renames it. */
  @Item("4.61")
  static void symlinkReplacedByForce_keepsItsOldTarget(MountedUnion union) throws Throwable {
    union.lower("link -> one", "dirlink -> d", "d/");
    DiskTree at = union.mount();
    run(union, "ln -sf two link; ln -sfn e dirlink");
    assertThat(at.render()).containsExactly("d/", "dirlink -> e", "link -> two");
    assertThat(union.remount().readLink("link")).isEqualTo("two");
  }

  /** libfuse/libfuse issue 834, where the error for a link is ENXIO. */
  @Item("4.36, 4.62")
  static void lowerObjectsThatAreNoFiles_cannotBeRenamed(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("l -> nowhere");
    lower.mknod("p", Linux.S_IFIFO | 0600, 0);
    lower.mknod("s", Linux.S_IFSOCK | 0600, 0);
    lower.mknod("c", Linux.S_IFCHR | 0600, 0x0103);
    lower.mknod("b", Linux.S_IFBLK | 0600, 0x0701);
    DiskTree at = union.mount();
    for (String name : List.of("l", "p", "s", "c", "b")) {
      int mode = at.stat(name).mode();
      long rdev = at.stat(name).rdev();
      at.rename(name, name + "2");
      assertThat(at.exists(name)).as(name).isFalse();
      assertThat(at.stat(name + "2").mode()).as(name).isEqualTo(mode);
      assertThat(at.stat(name + "2").rdev()).as(name).isEqualTo(rdev);
    }
    assertThat(at.readLink("l2")).isEqualTo("nowhere");
    assertThat(union.remount().list("")).containsExactly("b2", "c2", "l2", "p2", "s2");
  }

  /** sifiveinc/wake issue 1593. */
  @Item("4.62, 4.66")
  static void replacingOneOfTwoLinks_widensThePermissionsOfTheOther(MountedUnion union)
      throws Throwable {
    union.lower("source=x");
    DiskTree at = union.mount();
    at.write("one", "1");
    at.link("one", "other");
    at.chmod("other", 0444);
    at.write("new", "2");
    at.rename("new", "one");
    Stat other = at.stat("other");
    assertThat(other.mode()).isEqualTo(Linux.S_IFREG | 0444);
    assertThat(other.nlink()).isEqualTo(1);
    assertThat(at.read("other")).isEqualTo("1");
  }

  /**
   * containers/fuse-overlayfs issue 192, trapexit/mergerfs issue 1343: the count is 3, or stays the
   * old one.
   */
  @Item("4.29, 4.66")
  static void linkCountOfTheOldName_isWrongAfterALink(MountedUnion union) throws Throwable {
    union.lower("low=1");
    DiskTree at = union.mount();
    at.write("up", "1");
    for (String name : List.of("low", "up")) {
      try (Fd open = at.open(name, Linux.O_RDONLY)) {
        at.link(name, name + "2");
        assertThat(at.stat(name).nlink()).as(name).isEqualTo(2);
        assertThat(at.stat(name + "2").nlink()).as(name).isEqualTo(2);
        Stat stat = new Stat();
        assertThat(Syscalls.statx(open, Syscalls.SELF, stat)).isZero();
        assertThat(stat.nlink()).as(name).isEqualTo(2);
        at.unlink(name);
        assertThat(at.stat(name + "2").nlink()).as(name).isEqualTo(1);
      }
    }
  }

  /** containers/fuse-overlayfs issue 435: the count is 1 until the other name is looked up. */
  @Item("4.22, 6.20")
  static void linkCountOfALowerFile_growsAsItsNamesAreSeen(MountedUnion union) throws Throwable {
    union.lower("a/one=1", "b/").link("a/one", "b/two");
    DiskTree at = union.mount();
    assertThat(at.stat("a/one").nlink()).isEqualTo(2);
    assertThat(at.stat("b/two").nlink()).isEqualTo(2);
    assertThat(at.stat("a/one").nlink()).isEqualTo(2);
  }

  /** moby/moby issue 5632: further links of a lower file are copies. */
  @Item("4.29, 4.66")
  static void linksMadeOfALowerFile_areNotOneFile(MountedUnion union) throws Throwable {
    union.lower("file1=x");
    DiskTree at = union.mount();
    run(union, "cp -l file1 file2 && cp -l file1 file3");
    for (DiskTree each : List.of(at, union.remount())) {
      long ino = each.stat("file1").ino();
      for (String name : List.of("file1", "file2", "file3")) {
        assertThat(each.stat(name).ino()).as(name).isEqualTo(ino);
        assertThat(each.stat(name).nlink()).as(name).isEqualTo(3);
      }
    }
  }

  /** containers/storage pull request 1258: the other name keeps the old owner. */
  @Item("4.23")
  static void recursiveChown_missesTheSecondNameOfALowerFile(MountedUnion union) throws Throwable {
    union.lower("d/one=1").link("d/one", "d/two");
    DiskTree at = union.mount();
    run(union, "chown -R 5:6 d");
    assertThat(at.stat("d/one").uid()).isEqualTo(5);
    assertThat(at.stat("d/two").uid()).isEqualTo(5);
    assertThat(union.remount().stat("d/two").gid()).isEqualTo(6);
  }

  /** moby/moby issue 13108. */
  @Item("4.10")
  static void recreatedDirectoryWithAFile_canBeRemoved(MountedUnion union) throws Throwable {
    union.lower("empty/");
    DiskTree at = union.mount();
    at.rmdir("empty");
    at.mkdir("empty");
    at.write("empty/a", "1");
    assertThat(errno(() -> at.rmdir("empty"))).isEqualTo("ENOTEMPTY");
    assertThat(union.remount().render()).containsExactly("empty/", "empty/a=1");
  }

  /**
   * A bug of Plyfs itself: a link target longer than the first buffer got the name of the request
   * before.
   */
  @Item("4.67")
  static void longSymlink_takesTheNameOfTheRequestBefore(MountedUnion union) throws Throwable {
    DiskTree at = union.mount();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 16; i++) { // each worker once, probably
      String name = "link" + (char) ('a' + i);
      String target = "t".repeat(i % 2 == 0 ? 600 : 4095);
      assertThat(at.exists("other" + i)).isFalse();
      at.symlink(target, name);
      expected.add(name + " -> " + target);
    }
    assertThat(at.render()).isEqualTo(expected);
    assertThat(union.remount().render()).isEqualTo(expected);
  }

  /**
   * As {@link #longSymlink_takesTheNameOfTheRequestBefore}, for every other request with a name.
   */
  @Item("4.67")
  static void longestNames_areMixedUp(MountedUnion union) throws Throwable {
    union.lower("low=1");
    DiskTree at = union.mount();
    String a = "a".repeat(255);
    String b = "b".repeat(255);
    String c = "c".repeat(255);
    at.symlink("t".repeat(4095), a);
    at.rename(a, b);
    assertThat(at.readLink(b)).isEqualTo("t".repeat(4095));
    at.rename("low", a);
    at.link(a, c);
    String attribute = "user." + "x".repeat(250);
    at.setXattr(c, attribute, "v".repeat(1000));
    assertThat(at.exists("other")).isFalse();
    assertThat(at.xattr(a, attribute)).isEqualTo("v".repeat(1000));
    at.removeXattr(a, attribute);
    assertThat(at.xattr(c, attribute)).isNull();
    assertThat(at.render()).containsExactly(a + "=1", b + " -> " + "t".repeat(4095), c + "=1");
    assertThat(errno(() -> at.symlink("t".repeat(4095), "d".repeat(256))))
        .isEqualTo("ENAMETOOLONG");
    assertThat(errno(() -> at.rename(c, "d".repeat(256)))).isEqualTo("ENAMETOOLONG");
    assertThat(at.list("")).containsExactly(a, b, c);
  }
}
