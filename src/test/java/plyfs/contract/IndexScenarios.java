package plyfs.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static plyfs.contract.MountedUnion.errno;

import java.util.List;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/** SEMANTICS 2.13 and what depends on it: hard links of lower files with {@code index=on}. */
final class IndexScenarios {
  private static final String INDEX = "index=on";

  private IndexScenarios() {}

  /** A lower file with the names {@code a}, {@code d/b} and {@code d/c}. */
  private static DiskTree linked(MountedUnion union) throws Exception {
    DiskTree lower = union.lower("a=lower", "d/", "single=s");
    lower.link("a", "d/b");
    lower.link("a", "d/c");
    return lower;
  }

  private static void assertTogether(DiskTree at, int links, long ino, String... names)
      throws Exception {
    for (String name : names) {
      Stat stat = at.stat(name);
      assertThat(stat.nlink()).as(name).isEqualTo(links);
      assertThat(stat.ino()).as(name).isEqualTo(ino);
    }
  }

  @Item("4.24, 5.6, 5.7")
  static void writeThroughOneLink_isSeenThroughTheOthers(MountedUnion union) throws Throwable {
    linked(union);
    DiskTree at = union.mount(INDEX);
    long ino = at.stat("a").ino();
    assertTogether(at, 3, ino, "a", "d/b", "d/c");
    at.append("d/b", "+b");
    at.append("a", "+a");
    for (DiskTree each : List.of(at, union.remount(INDEX))) {
      for (String name : List.of("d/c", "a", "d/b")) {
        assertThat(each.read(name)).as(name).isEqualTo("lower+b+a");
      }
      assertTogether(each, 3, ino, "a", "d/b", "d/c");
    }
    union.at().append("d/c", "+c");
    assertThat(union.at().read("a")).isEqualTo("lower+b+a+c");
  }

  @Item("4.24, 1.3a")
  static void openLink_seesWhatIsWrittenThroughAnother(MountedUnion union) throws Throwable {
    linked(union);
    DiskTree at = union.mount(INDEX);
    at.append("a", "+");
    at.read("d/b");
    try (Fd reader = at.open("d/b", Linux.O_RDONLY)) {
      at.append("d/c", "later");
      Stat stat = new Stat();
      assertThat(Syscalls.statx(reader, Syscalls.SELF, stat)).isZero();
      assertThat(stat.size()).isEqualTo("lower+later".length());
    }
    assertThat(at.read("d/b")).isEqualTo("lower+later");
  }

  @Item("4.24, 5.9")
  static void unlinkOfOneLink_lowersTheCountOfTheOthers(MountedUnion union) throws Throwable {
    linked(union);
    DiskTree at = union.mount(INDEX);
    long ino = at.stat("a").ino();
    at.unlink("a");
    assertTogether(at, 2, ino, "d/b", "d/c");
    at = union.remount(INDEX);
    assertTogether(at, 2, ino, "d/b", "d/c");
    at.append("d/b", "+");
    at.unlink("d/b");
    assertTogether(at, 1, ino, "d/c");
    assertThat(at.read("d/c")).isEqualTo("lower+");
    at = union.remount(INDEX);
    assertTogether(at, 1, ino, "d/c");
    at.unlink("d/c");
    assertThat(at.render()).containsExactly("d/", "single=s");
    assertThat(union.remount(INDEX).render()).containsExactly("d/", "single=s");
  }

  @Item("4.52, 2.13")
  static void lastLinkUnlinked_whileOpen_canBeUsed(MountedUnion union) throws Throwable {
    linked(union);
    DiskTree at = union.mount(INDEX);
    at.append("a", "+");
    try (Fd file = at.open("a", Linux.O_RDWR)) {
      at.unlink("a");
      at.unlink("d/b");
      at.unlink("d/c");
      Stat stat = new Stat();
      assertThat(Syscalls.statx(file, Syscalls.SELF, stat)).isZero();
      assertThat(stat.nlink()).isZero();
      assertThat(stat.size()).isEqualTo(6);
      assertThat(FileSyscalls.ftruncate(file, 2)).isZero();
      assertThat(Syscalls.fchmod(file, 0600)).isZero();
    }
    assertThat(at.render()).containsExactly("d/", "single=s");
  }

  @Item("4.29, 5.10")
  static void link_ofALinkedFile_keepsItsInode(MountedUnion union) throws Throwable {
    linked(union);
    DiskTree at = union.mount(INDEX);
    long ino = at.stat("a").ino();
    at.link("a", "e");
    assertTogether(at, 4, ino, "a", "d/b", "d/c", "e");
    at = union.remount(INDEX);
    assertTogether(at, 4, ino, "e", "d/c", "d/b", "a");
    at.append("e", "+");
    assertThat(at.read("d/c")).isEqualTo("lower+");
    at.unlink("d/b");
    assertTogether(at, 3, ino, "a", "d/c", "e");
  }

  @Item("4.61, 2.13")
  static void rename_ofAndOverLinks_countsNames(MountedUnion union) throws Throwable {
    linked(union);
    DiskTree at = union.mount(INDEX);
    long ino = at.stat("a").ino();
    at.rename("a", "d/b");
    assertTogether(at, 3, ino, "a", "d/b", "d/c");
    at.rename("d/b", "moved");
    assertTogether(at, 3, ino, "a", "moved", "d/c");
    at.rename("single", "a");
    assertTogether(at, 2, ino, "moved", "d/c");
    at.rename("moved", "a", Linux.RENAME_EXCHANGE);
    for (DiskTree each : List.of(at, union.remount(INDEX))) {
      assertThat(each.render()).containsExactly("a=lower", "d/", "d/c=lower", "moved=s");
      assertTogether(each, 2, ino, "a", "d/c");
    }
    union.at().append("a", "+");
    assertThat(union.at().read("d/c")).isEqualTo("lower+");
  }

  @Item("4.61, 4.24, 2.13")
  static void renameOfOneLinkOntoAnother_doesNothing(MountedUnion union) throws Throwable {
    linked(union);
    DiskTree at = union.mount(INDEX);
    at.rename("a", "d/b");
    at.append("d/b", "+");
    at = union.remount(INDEX);
    at.rename("d/c", "a");
    assertTogether(at, 3, at.stat("a").ino(), "a", "d/b", "d/c");
    assertThat(at.read("d/c")).isEqualTo("lower+");
  }

  @Item("4.36, 2.13")
  static void linkedSpecialFiles_stayTogether(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("s -> there");
    lower.mknod("fifo", Linux.S_IFIFO | 0640, 0);
    lower.link("s", "s2");
    lower.link("fifo", "fifo2");
    DiskTree at = union.mount(INDEX);
    at.chown("s", 5, 6);
    at.chmod("fifo", 0600);
    for (DiskTree each : List.of(at, union.remount(INDEX))) {
      assertThat(each.stat("s2").uid()).isEqualTo(5);
      assertThat(each.stat("s2").nlink()).isEqualTo(2);
      assertThat(each.stat("fifo2").mode() & 07777).isEqualTo(0600);
      assertThat(each.stat("fifo2").nlink()).isEqualTo(2);
    }
  }

  @Item("4.60, 2.13")
  static void linksBelowARenamedDirectory_stayTogether(MountedUnion union) throws Throwable {
    linked(union);
    DiskTree at = union.mount(INDEX);
    long ino = at.stat("a").ino();
    at.rename("d", "e");
    at.append("a", "+");
    for (DiskTree each : List.of(at, union.remount(INDEX))) {
      assertThat(each.read("e/c")).isEqualTo("lower+");
      assertTogether(each, 3, ino, "a", "e/b", "e/c");
    }
    union.at().unlink("e/b");
    assertTogether(union.at(), 2, ino, "a", "e/c");
  }

  @Item(value = "4.119, 2.13", needs = Promise.LAYERED)
  static void anotherLowerDirectory_isRefused(MountedUnion union) throws Throwable {
    DiskTree lower = linked(union);
    union.mount(INDEX).append("a", "+");
    union.unmount();
    UnionMounter.run(List.of("cp", "-a", lower.root(), lower.root() + ".copy"));
    UnionMounter.run(List.of("mv", lower.root(), lower.root() + ".old"));
    UnionMounter.run(List.of("mv", lower.root() + ".copy", lower.root()));
    union.acceptLowersAsTheyAre();
    assertThatThrownBy(() -> union.mount(INDEX))
        .hasMessageContaining("exit code 32")
        .hasMessageMatching("(?s).*(ESTALE|Stale file handle).*");
    DiskTree at = union.mount("index=off");
    assertThat(at.read("a")).isEqualTo("lower+");
    assertThat(at.read("d/b")).isEqualTo("lower");
    assertThat(errno(() -> at.chmod("d/b", 0600))).isEqualTo("ok");
  }
}
