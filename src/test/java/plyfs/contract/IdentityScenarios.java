package plyfs.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Getdents;
import plyfs.sys.Linux;
import plyfs.sys.RawListing;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/** SEMANTICS 4, inode identity and link counts. */
final class IdentityScenarios {
  private IdentityScenarios() {}

  static Map<String, Long> listedInodes(DiskTree tree, String path) throws Exception {
    Map<String, Long> inodes = new TreeMap<>();
    try (Fd directory = tree.open(path, Linux.O_RDONLY | Linux.O_DIRECTORY)) {
      Getdents entries = new Getdents();
      while (entries.advance(directory)) {
        inodes.put(new String(entries.name(), ISO_8859_1), entries.ino());
      }
    }
    return inodes;
  }

  @Item("4.20, 1.3f")
  static void listedInodeNumbers_areThoseOfStat_onOneDevice(MountedUnion union) throws Throwable {
    union.lower("d/low=1", "d/merged/x=1", "d/l -> x", "d/over=1");
    union.lower("d/low2=1", "d/merged/y=1");
    union.upper("d/up=1", "d/over=2", "d/merged/");
    DiskTree at = union.mount();
    at.append("d/low2", "copied up");
    long device = at.stat("").dev();
    Map<String, Long> listed = listedInodes(at, "d");
    assertThat(listed).hasSize(6);
    listed.forEach(
        (name, ino) -> {
          Stat stat = new Stat();
          assertThat(Syscalls.statx(Fd.CWD, LayerTree.bytes(at.root() + "/d/" + name), stat))
              .isZero();
          assertThat(stat.ino()).as(name).isEqualTo(ino);
          assertThat(stat.dev()).as(name).isEqualTo(device);
        });
    assertThat(listed.values()).doesNotHaveDuplicates();
  }

  /** A FUSE kernel asks for the first part of a listing with attributes, for the rest without. */
  @Item("4.20")
  static void listedInodeNumbers_areThoseOfStat_forDotsToo_howeverTheyAreAsked(MountedUnion union)
      throws Throwable {
    DiskTree one = union.lower("merged/sub/", "lower/sub/");
    DiskTree two = union.lower("merged/");
    DiskTree upper = union.upper("upper/sub/", "merged/");
    for (int i = 0; i < 40; i++) {
      one.write("lower/f" + i, "");
      one.write("merged/one" + i, "");
      two.write("merged/two" + i, "");
      upper.write("merged/three" + i, "");
      upper.write("upper/f" + i, "");
    }
    DiskTree at = union.mount();
    at.chmod("merged/one7", 0600);
    Map<String, String> parents = new TreeMap<>();
    parents.put("merged", "");
    parents.put("lower", "");
    parents.put("upper", "");
    parents.put("merged/sub", "merged");
    parents.put("lower/sub", "lower");
    parents.put("upper/sub", "upper");
    for (Map.Entry<String, String> each : parents.entrySet()) {
      String directory = each.getKey();
      Map<String, Long> listed = allInodes(at, directory);
      assertThat(listed.remove(".")).as(". in " + directory).isEqualTo(at.stat(directory).ino());
      assertThat(listed.remove(".."))
          .as(".. in " + directory)
          .isEqualTo(at.stat(each.getValue()).ino());
      assertThat(listed.keySet()).containsExactlyElementsOf(at.list(directory));
      for (Map.Entry<String, Long> entry : listed.entrySet()) {
        String path = (directory.isEmpty() ? "" : directory + "/") + entry.getKey();
        assertThat(entry.getValue()).as(path).isEqualTo(at.stat(path).ino());
      }
    }
  }

  private static Map<String, Long> allInodes(DiskTree tree, String path) throws Exception {
    Map<String, Long> inodes = new TreeMap<>();
    try (Fd directory = tree.open(path, Linux.O_RDONLY | Linux.O_DIRECTORY)) {
      RawListing part = RawListing.read(directory, 4096);
      while (!part.inodes().isEmpty()) {
        inodes.putAll(part.inodes());
        part = RawListing.read(directory, 4096);
      }
    }
    return inodes;
  }

  @Item("4.21")
  static void inodeNumber_staysOverCopyUpAndRemount(MountedUnion union) throws Throwable {
    union.lower("chmod=1", "write=1", "rename=1", "link=1", "d/f=1");
    DiskTree at = union.mount();
    Map<String, Long> before = new TreeMap<>();
    for (String name : List.of("chmod", "write", "rename", "link", "d")) {
      before.put(name, at.stat(name).ino());
    }
    try (Fd path = at.open("chmod", Linux.O_PATH)) {
      at.chmod("chmod", 0600);
      Stat stat = new Stat();
      assertThat(Syscalls.statx(path, Syscalls.SELF, stat)).isZero();
      assertThat(stat.ino()).isEqualTo(before.get("chmod"));
    }
    at.append("write", "+");
    at.rename("rename", "renamed");
    at.link("link", "linked");
    at.chmod("d", 0700);
    for (DiskTree each : List.of(at, union.remount())) {
      for (String name : List.of("chmod", "write", "link", "d")) {
        assertThat(each.stat(name).ino()).as(name).isEqualTo(before.get(name));
      }
      assertThat(each.stat("renamed").ino()).isEqualTo(before.get("rename"));
      assertThat(each.stat("linked").ino()).isEqualTo(before.get("link"));
      assertThat(each.stat("linked").nlink()).isEqualTo(2);
    }
  }

  @Item("4.22")
  static void twoNamesOfOneLowerFile_agree(MountedUnion union) throws Throwable {
    union.lower("a=1").link("a", "b");
    DiskTree at = union.mount();
    Stat b = at.stat("b");
    Stat a = at.stat("a");
    assertThat(a.ino()).isEqualTo(b.ino());
    assertThat(a.nlink()).isEqualTo(2);
    assertThat(b.nlink()).isEqualTo(2);
  }

  @Item("4.23, 6.2, 6.3, 5.8")
  static void writeThroughOneLowerLink_separatesIt(MountedUnion union) throws Throwable {
    union.lower("a=lower", "c=lower").link("a", "b");
    DiskTree at = union.mount();
    at.append("a", "+a");
    assertThat(at.read("a")).isEqualTo("lower+a");
    assertThat(at.read("b")).isEqualTo("lower");
    assertThat(at.stat("a").ino()).isNotEqualTo(at.stat("b").ino());
    DiskTree again = union.remount();
    assertThat(again.read("b")).isEqualTo("lower");
    assertThat(again.read("a")).isEqualTo("lower+a");
    again.append("b", "+b");
    assertThat(again.read("b")).isEqualTo("lower+b");
    assertThat(again.read("a")).isEqualTo("lower+a");
    union.unmount();
    assertThat(union.upper().render()).containsExactly("a=lower+a", "b=lower+b");
  }

  @Item("4.28, 5.5")
  static void linkCountOfDirectories(MountedUnion union) throws Throwable {
    union.lower("merged/a/", "pure/a/", "pure/b/");
    union.lower("merged/b/");
    DiskTree at = union.mount();
    assertThat(at.stat("merged").nlink()).isEqualTo(1);
    assertThat(at.stat("pure").nlink()).isEqualTo(4);
    assertThat(at.list("merged")).containsExactly("a", "b");
    assertThat(at.stat("merged").nlink()).isEqualTo(1);
    assertThat(at.stat("pure").nlink()).isEqualTo(4);
    assertThat(UnionMounter.run(List.of("find", at.root(), "-type", "d")).lines()).hasSize(7);
  }

  @Item("4.29")
  static void link_ofALowerFile_keepsItsInode(MountedUnion union) throws Throwable {
    union.lower("single=1", "multi=1").link("multi", "multi2");
    DiskTree at = union.mount();
    long single = at.stat("single").ino();
    long multi = at.stat("multi").ino();
    at.link("single", "s2");
    at.link("multi", "m3");
    assertThat(at.stat("s2").ino()).isEqualTo(single);
    assertThat(at.stat("single").ino()).isEqualTo(single);
    assertThat(at.stat("s2").nlink()).isEqualTo(2);
    assertThat(at.stat("m3").ino()).isEqualTo(at.stat("multi").ino());
    assertThat(at.stat("m3").ino()).isNotEqualTo(multi);
  }

  /** Makes a name go that is not the only one of its file. */
  private interface Loss {
    void of(DiskTree at, String name) throws Exception;
  }

  private static final Map<String, Loss> LOSSES =
      Map.of(
          "unlinked", DiskTree::unlink,
          "replaced", (at, name) -> at.rename("other", name),
          "moved",
              (at, name) -> {
                at.rename(name, "d/away");
                at.unlink("d/away");
              });

  @Item("4.22, 4.48, 4.52")
  static void openFile_whoseNameIsLost_isStillTheFileOfItsOtherName(MountedUnion union)
      throws Throwable {
    DiskTree upper = union.upper("d/", "other=");
    for (String how : LOSSES.keySet()) {
      upper.make(how + "=old");
      upper.link(how, "d/" + how);
    }
    DiskTree at = union.mount();
    for (Map.Entry<String, Loss> each : LOSSES.entrySet()) {
      String how = each.getKey();
      String other = "d/" + how;
      try (Fd held = at.open(how, Linux.O_RDWR)) {
        each.getValue().of(at, how);
        assertThat(at.read(other)).as(other).isEqualTo("old");
        DiskTree.pwrite(held, "new text", 0);
        assertThat(at.read(other)).as(other).isEqualTo("new text");
        ErrnoException.check(FileSyscalls.ftruncate(held, 3));
        ErrnoException.check(Syscalls.fchmod(held, 0600));
        Stat stat = at.stat(other);
        assertThat(stat.size()).as(other).isEqualTo(3);
        assertThat(stat.mode() & 07777).as(other).isEqualTo(0600);
        assertThat(stat.nlink()).as(other).isEqualTo(1);
        assertThat(at.read(other)).as(other).isEqualTo("new");
        at.append(other, " by name");
        ErrnoException.check(Syscalls.statx(held, Syscalls.SELF, stat));
        assertThat(stat.size()).as(how).isEqualTo("new by name".length());
      }
    }
  }
}
