package plyfs.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Getdents;
import plyfs.sys.Linux;
import plyfs.sys.RawListing;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/**
 * Bugs of other file systems, mostly overlays, that users or tests have reported about directories
 * and listings. A scenario is named after the reported symptom, which must not occur here; its
 * comment names the project and the issue.
 */
final class DirectoryBugReports {
  /** Room for fewer than ten entries, so that a listing takes many calls. */
  private static final int FEW_BYTES = 200;

  private DirectoryBugReports() {}

  private static void run(MountedUnion union, String command) throws Exception {
    MountedUnion.Output output = union.as("--reuid=0", command);
    assertThat(output.text()).as(command).isEmpty();
    assertThat(output.exitCode()).as(command).isZero();
  }

  /** containers/fuse-overlayfs issue 136, with an opaque directory and with a whiteout. */
  @Item("4.4, 4.8")
  static void contentOfASubdirectory_comesBackWithItsRecreatedParent(MountedUnion union)
      throws Throwable {
    union.lower("opaque/dir2/", "opaque/ opaque", "again/dir2/");
    union.lower("again !");
    union.lower("opaque/dir2/foo=1", "again/dir2/foo=1");
    DiskTree at = union.mount();
    assertThat(at.list("opaque/dir2")).isEmpty();
    assertThat(at.list("again/dir2")).isEmpty();
    assertThat(at.render()).containsExactly("again/", "again/dir2/", "opaque/", "opaque/dir2/");
  }

  /** containers/fuse-overlayfs issue 425: after a lookup of the parents, hidden entries appear. */
  @Item(value = "4.6", needs = Promise.AUFS_MARKS)
  static void opaqueMarkAbove_isForgottenOnceTheParentsAreKnown(MountedUnion union)
      throws Throwable {
    union.lower("site/tools/.wh..wh..opq=", "site/tools/cache/depends=1");
    union.lower("site/tools/cache/config=0", "site/tools/cache/depends=0");
    DiskTree at = union.mount();
    assertThat(at.list("site")).containsExactly("tools");
    assertThat(at.list("site/tools")).containsExactly("cache");
    assertThat(at.list("site/tools/cache")).containsExactly("depends");
    assertThat(at.read("site/tools/cache/depends")).isEqualTo("1");
  }

  /** containers/fuse-overlayfs issue 93, moby/moby issues 27214 and 35257. */
  @Item("4.8, 4.10")
  static void recursiveRemovalOfLowerDirectories_isDirectoryNotEmpty(MountedUnion union)
      throws Throwable {
    DiskTree lower = union.lower("zone/Australia/Sydney=1", "zone/Europe/", "zone/l -> Europe");
    lower.link("zone/Australia/Sydney", "zone/Australia/ACT");
    lower.mknod("zone/Europe/p", Linux.S_IFIFO | 0600, 0);
    DiskTree at = union.mount();
    at.write("zone/Australia/Perth", "new");
    at.append("zone/Australia/ACT", "+");
    at.unlink("zone/Europe/p");
    run(union, "rm -rf zone");
    assertThat(at.render()).isEmpty();
    assertThat(union.remount().render()).isEmpty();
  }

  /** xfstests overlay/010: a lower directory contains a whiteout. */
  @Item("4.10")
  static void removalOfADirectoryWithAWhiteoutInALowerLayer_fails(MountedUnion union)
      throws Throwable {
    union.lower("d/a !", "e/");
    union.lower("d/a=1", "d/b=1");
    DiskTree at = union.mount();
    run(union, "rm -rf d");
    assertThat(at.render()).containsExactly("e/");
    assertThat(union.upper().render()).containsExactly("d !");
  }

  /** xfstests overlay/020 and moby/moby issue 18151. */
  @Item("8.1")
  static void rootOfAUserNamespace_cannotRemoveWhatItMade(MountedUnion union) throws Throwable {
    union.lower("dir/");
    DiskTree at = union.mount();
    MountedUnion.Output output =
        union.as("--reuid=0", "unshare -m -U -r sh -c 'touch dir/1 dir/2 dir/3; rm -rf dir'");
    assertThat(output.text()).isEmpty();
    assertThat(at.render()).isEmpty();
  }

  /** xfstests overlay/007. */
  @Item("4.65")
  static void workingDirectory_isUnknownAfterAFailedRmdir(MountedUnion union) throws Throwable {
    union.lower("d/sub/", "e/");
    DiskTree at = union.mount();
    at.mkdir("e/sub");
    for (String name : List.of("d", "e")) {
      MountedUnion.Output output =
          union.as("--reuid=0", "cd " + name + "; rmdir ../" + name + " 2>/dev/null; /bin/pwd");
      assertThat(output.text()).isEqualTo(at.root() + "/" + name);
    }
  }

  /** xfstests overlay/014. */
  @Item("4.4, 4.33")
  static void copiedUpDirectory_isOpaqueBecauseTheLowerOneWas(MountedUnion union) throws Throwable {
    union.lower("d/visible=1", "d/ opaque");
    union.lower("d/hidden=1");
    DiskTree at = union.mount();
    at.write("d/new", "2");
    List<String> expected = List.of("d/", "d/new=2", "d/visible=1");
    assertThat(at.render()).isEqualTo(expected);
    assertThat(union.remount().render()).isEqualTo(expected);
    assertThat(union.upper().xattr("d", "trusted.overlay.opaque")).isNull();
  }

  /** xfstests overlay/011. */
  @Item("4.71")
  static void marksOfLowerDirectories_areListedInAReadOnlyMount(MountedUnion union)
      throws Throwable {
    DiskTree lower = union.lower("d/", "d/ opaque");
    lower.setXattr("d", "trusted.overlay.origin", "x");
    lower.setXattr("d", "user.kept", "1");
    union.lower("d/");
    assertThat(union.mountReadOnly().xattrNames("d")).containsExactly("user.kept");
  }

  /** xfstests overlay/031: the lower layer changed between two mounts. */
  @Item(value = "4.90", needs = Promise.LAYERED)
  static void whiteoutsOfADirectoryThatIsNoLongerMerged_areListed(MountedUnion union)
      throws Throwable {
    DiskTree lower = union.lower("gone/a=1", "file/a=1");
    DiskTree at = union.mount();
    at.unlink("gone/a");
    at.unlink("file/a");
    union.unmount();
    lower.removeAll("gone");
    lower.removeAll("file");
    lower.write("file", "");
    union.acceptLowersAsTheyAre();
    union.mount();
    assertThat(at.list("gone")).isEmpty();
    assertThat(at.list("file")).isEmpty();
    run(union, "rm -rf gone file");
    assertThat(at.list("")).isEmpty();
    union.unmount();
    assertThat(union.upper().render()).containsExactly("file !");
  }

  /** xfstests overlay/077, containers/fuse-overlayfs pull request 46. */
  @Item("4.55, 4.85")
  static void listingReadOn_showsWhatHasBeenRemoved(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("merged/", "plain/", "former/f99=");
    union.upper("pure/", "impure/", "former/");
    for (int i = 0; i < 100; i++) {
      lower.write("merged/f" + i, "");
      lower.write("plain/f" + i, "");
      lower.write("f" + i, "");
      union.upper().write("pure/f" + i, "");
    }
    DiskTree at = union.mount();
    at.chmod("merged/f99", 0600);
    at.chmod("plain/f99", 0600);
    for (int i = 0; i < 100; i++) {
      at.rename("f" + i, "impure/f" + i);
      at.write("former/f" + i, "");
    }
    for (String name : List.of("merged", "plain", "pure", "impure", "former")) {
      changeWhileListing(at, name);
    }
  }

  private static void changeWhileListing(DiskTree at, String path) throws Exception {
    try (Fd directory = at.open(path, Linux.O_RDONLY | Linux.O_DIRECTORY)) {
      List<String> first = RawListing.read(directory, FEW_BYTES).names();
      assertThat(first).as(path).isNotEmpty().hasSizeLessThan(10);
      String gone = first.contains("f50") ? "f51" : "f50";
      at.unlink(path + "/" + gone);
      at.write(path + "/new", "");
      assertThat(FileSyscalls.lseek(directory, 0, Linux.SEEK_SET)).isZero();
      List<String> all = new ArrayList<>();
      List<String> part = RawListing.read(directory, FEW_BYTES).names();
      while (!part.isEmpty()) {
        all.addAll(part);
        part = RawListing.read(directory, FEW_BYTES).names();
      }
      assertThat(all).as(path).hasSize(100).doesNotHaveDuplicates().doesNotContain(gone);
      assertThat(all).as(path).contains("new");
    }
  }

  /** mpartel/bindfs issue 41: the second read of an open directory is empty. */
  @Item("4.85")
  static void rewoundDirectory_isEmpty(MountedUnion union) throws Throwable {
    union.lower("d/a=", "d/b=");
    union.upper("d/c=");
    DiskTree at = union.mount();
    try (Fd directory = at.open("d", Linux.O_RDONLY | Linux.O_DIRECTORY)) {
      for (int i = 0; i < 3; i++) {
        assertThat(DiskTree.list(directory)).containsExactly("a", "b", "c");
        assertThat(FileSyscalls.lseek(directory, 0, Linux.SEEK_SET)).isZero();
      }
    }
  }

  /** containers/fuse-overlayfs issue 391: a directory of hard links to one program. */
  @Item("4.20, 4.22")
  static void listedNumbersOfHardLinks_areNotThoseOfStat(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("bin/busybox=program");
    for (int i = 0; i < 300; i++) {
      lower.link("bin/busybox", "bin/tool" + i);
    }
    DiskTree at = union.mount();
    long ino = at.stat("bin/busybox").ino();
    int seen = 0;
    try (Fd directory = at.open("bin", Linux.O_RDONLY | Linux.O_DIRECTORY)) {
      Getdents entries = new Getdents();
      while (entries.advance(directory)) {
        assertThat(entries.ino()).isEqualTo(ino);
        seen++;
      }
    }
    assertThat(seen).isEqualTo(301);
    assertThat(at.stat("bin/tool299").ino()).isEqualTo(ino);
  }

  /**
   * containers/fuse-overlayfs issue 359: of two directories with one inode number, one is not
   * listed.
   */
  @Item("4.25, 6.24")
  static void directoryBoundOntoAnother_isLeftOut(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("a/b/f=1", "b/covered=2");
    UnionMounter.run(List.of("mount", "--bind", lower.root() + "/a/b", lower.root() + "/b"));
    try {
      DiskTree at = union.mount();
      assertThat(at.list("")).containsExactly("a", "b");
      assertThat(at.list("a/b")).containsExactly("f");
      assertThat(at.list("b")).isNotEmpty();
    } finally {
      union.unmount();
      UnionMounter.run(List.of("umount", lower.root() + "/b"));
    }
  }

  /** rpodgorny/unionfs-fuse issue 91. */
  @Item("4.60")
  static void renamedDirectory_losesWhatWasNotCopiedUp(MountedUnion union) throws Throwable {
    union.lower("dir/f1=1", "dir/f2=2", "dir/sub/f3=3");
    DiskTree at = union.mount();
    at.write("dir/f2", "hello");
    run(union, "mv dir otherdir");
    List<String> expected =
        List.of(
            "otherdir/",
            "otherdir/f1=1",
            "otherdir/f2=hello",
            "otherdir/sub/",
            "otherdir/sub/f3=3");
    assertThat(at.render()).isEqualTo(expected);
    assertThat(union.remount().render()).isEqualTo(expected);
  }

  /** rpodgorny/unionfs-fuse issue 49. */
  @Item("4.60")
  static void lowerDirectoryMovedIntoAnother_disappears(MountedUnion union) throws Throwable {
    union.lower("one/f=1", "file=2", "two/");
    DiskTree at = union.mount();
    run(union, "mv one file two/ && mv two/one/f .");
    List<String> expected = List.of("f=1", "two/", "two/file=2", "two/one/");
    assertThat(at.render()).isEqualTo(expected);
    assertThat(union.remount().render()).isEqualTo(expected);
  }

  /** ipfs/kubo pull request 11430: operations below the new name affect the old one. */
  @Item("4.65")
  static void fileMadeInAJustRenamedDirectory_vanishes(MountedUnion union) throws Throwable {
    union.lower("d/f=1", "a=old");
    DiskTree at = union.mount();
    assertThat(at.list("d")).containsExactly("f");
    at.rename("d", "e");
    at.write("e/new", "2");
    at.rename("a", "b");
    at.write("b", "changed");
    List<String> expected = List.of("b=changed", "e/", "e/f=1", "e/new=2");
    assertThat(at.render()).isEqualTo(expected);
    assertThat(union.remount().render()).isEqualTo(expected);
  }

  /** npm/npm issue 9863, moby/moby issue 25409: EXDEV although the directory keeps its parent. */
  @Item("4.60")
  static void moduleMovedAside_isACrossDeviceLink(MountedUnion union) throws Throwable {
    union.lower("node_modules/npm/lib/a.js=1", "node_modules/npm/node_modules/x/i.js=2");
    DiskTree at = union.mount();
    at.rename("node_modules/npm", "node_modules/.npm.DELETE");
    at.rename("node_modules/.npm.DELETE/node_modules/x", "node_modules/x");
    at.removeAll("node_modules/.npm.DELETE");
    assertThat(at.render())
        .containsExactly("node_modules/", "node_modules/x/", "node_modules/x/i.js=2");
    assertThat(union.remount().read("node_modules/x/i.js")).isEqualTo("2");
  }

  /** containers/fuse-overlayfs issue 262: find(1) stops early if the link count is too low. */
  @Item("4.28")
  static void fileAddedToALowerDirectory_hidesSubdirectoriesFromFind(MountedUnion union)
      throws Throwable {
    union.lower("d/a/x=", "d/b/x=", "d/c/x=");
    DiskTree at = union.mount();
    assertThat(at.stat("d").nlink()).isEqualTo(5);
    at.write("d/file", "1");
    assertThat(at.stat("d").nlink()).isIn(1, 5);
    assertThat(UnionMounter.run(List.of("find", at.root() + "/d", "-name", "x")).lines())
        .hasSize(3);
  }

  /** moby/moby issue 32354: a directory is removed and created repeatedly. */
  @Item("4.8")
  static void directoryRecreatedOften_keepsAnOldFile(MountedUnion union) throws Throwable {
    union.lower("bar/foo=0");
    DiskTree at = union.mount();
    for (int i = 1; i <= 5; i++) {
      at.removeAll("bar");
      at.mkdir("bar");
      at.write("bar/new" + i, "" + i);
      assertThat(at.list("bar")).containsExactly("new" + i);
    }
    assertThat(union.remount().render()).containsExactly("bar/", "bar/new5=5");
  }

  /** xfstests generic/035. */
  @Item(value = "4.53, 4.61", needs = Promise.REPLACED_DIRECTORY_HAS_NO_LINKS)
  static void openDirectoryThatIsReplaced_hasLinksLeft(MountedUnion union) throws Throwable {
    union.lower("from/f=1", "to/");
    DiskTree at = union.mount();
    try (Fd replaced = at.open("to", Linux.O_RDONLY | Linux.O_DIRECTORY)) {
      at.rename("from", "to");
      Stat stat = new Stat();
      assertThat(Syscalls.statx(replaced, Syscalls.SELF, stat)).isZero();
      assertThat(stat.nlink()).isZero();
      assertThat(new String(Syscalls.realPath(replaced), UTF_8)).endsWith(" (deleted)");
    }
    assertThat(at.render()).containsExactly("to/", "to/f=1");
  }
}
