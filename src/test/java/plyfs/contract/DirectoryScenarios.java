package plyfs.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.contract.MountedUnion.errno;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Getdents;
import plyfs.sys.Linux;
import plyfs.sys.RawListing;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/** SEMANTICS 4, directories. */
final class DirectoryScenarios {
  private DirectoryScenarios() {}

  private static String next(Getdents entries) {
    return new String(entries.name(), ISO_8859_1);
  }

  @Item("4.53")
  static void removedOpenDirectory_isEmptyAndTakesNothing(MountedUnion union) throws Throwable {
    union.lower("d/f=1");
    union.upper("pure/");
    DiskTree at = union.mount();
    at.unlink("d/f");
    for (String name : List.of("d", "pure")) {
      try (Fd directory = at.open(name, Linux.O_RDONLY | Linux.O_DIRECTORY)) {
        at.rmdir(name);
        Stat stat = new Stat();
        assertThat(Syscalls.statx(directory, Syscalls.SELF, stat)).isZero();
        assertThat(stat.isDirectory()).isTrue();
        assertThat(DiskTree.list(directory)).isEmpty();
        assertThat(Syscalls.fchmod(directory, 0711)).as("fchmod of " + name).isZero();
        assertThat(Syscalls.utimensat(directory, Syscalls.SELF, 1, 2, 3, 4))
            .as("futimens of " + name)
            .isZero();
        assertThat(Syscalls.statx(directory, Syscalls.SELF, stat)).isZero();
        assertThat(stat.mode() & 07777).isEqualTo(0711);
        assertThat(stat.mtimeSeconds()).isEqualTo(3);
        assertThat(Syscalls.mkdirat(directory, LayerTree.bytes("x"), 0700)).isEqualTo(-2);
      }
    }
  }

  @Item("4.54")
  static void removalWhileListing_emptiesTheDirectory(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("d/");
    for (int i = 0; i < 3000; i++) {
      lower.write("d/lower-" + i, "");
    }
    DiskTree at = union.mount();
    for (int i = 0; i < 1000; i++) {
      at.write("d/upper-" + i, "");
    }
    Set<String> seen = new HashSet<>();
    try (Fd directory = at.open("d", Linux.O_RDONLY | Linux.O_DIRECTORY)) {
      Getdents entries = new Getdents();
      while (entries.advance(directory)) {
        String name = next(entries);
        assertThat(seen.add(name)).as("%s once", name).isTrue();
        at.unlink("d/" + name);
      }
    }
    assertThat(seen).hasSize(4000);
    assertThat(at.list("d")).isEmpty();
    at.rmdir("d");
    assertThat(at.render()).isEmpty();
  }

  @Item("4.55")
  static void entryTypes_areRight_andFreshListingsShowChanges(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("f=1", "d/", "l -> f");
    lower.mknod("p", Linux.S_IFIFO | 0600, 0);
    lower.mknod("s", Linux.S_IFSOCK | 0600, 0);
    lower.mknod("c", Linux.S_IFCHR | 0600, 0x0103);
    lower.mknod("b", Linux.S_IFBLK | 0600, 0x0701);
    DiskTree at = union.mount();
    Map<String, Integer> types = new TreeMap<>();
    try (Fd directory = at.open("", Linux.O_RDONLY | Linux.O_DIRECTORY)) {
      Getdents entries = new Getdents();
      while (entries.advance(directory)) {
        types.put(next(entries), entries.type());
      }
    }
    assertThat(types)
        .isEqualTo(
            Map.of(
                "f", Linux.DT_REG,
                "d", Linux.DT_DIR,
                "l", Linux.DT_LNK,
                "p", Linux.DT_FIFO,
                "s", Linux.DT_SOCK,
                "c", Linux.DT_CHR,
                "b", Linux.DT_BLK));
    at.write("new", "1");
    assertThat(at.list("")).contains("new");
    at.unlink("f");
    assertThat(at.list("")).doesNotContain("f");
    at.rename("new", "newer");
    assertThat(at.list("")).contains("newer").doesNotContain("new");
    at.rmdir("d");
    assertThat(at.list("")).containsExactly("b", "c", "l", "newer", "p", "s");
  }

  /** A list that one reader has not yet read to its end is no answer for one who begins later. */
  @Item("4.54, 4.57")
  static void readerWhoBeginsAfterAChange_seesIt_whileAnotherEndsAnOlderList(MountedUnion union)
      throws Throwable {
    DiskTree lower = union.lower("d/");
    for (int i = 0; i < 300; i++) {
      lower.write("d/entry-" + i, "");
    }
    DiskTree at = union.mount();
    try (Fd older = at.open("d", Linux.O_RDONLY | Linux.O_DIRECTORY);
        Fd newer = at.open("d", Linux.O_RDONLY | Linux.O_DIRECTORY)) {
      List<String> old = new ArrayList<>();
      while (old.size() < 300) {
        old.addAll(Part.read(older, 3072).names());
      }
      String last = old.get(299);
      at.unlink("d/" + last);
      at.write("d/added", "");
      List<String> seen = new ArrayList<>(Part.read(newer, 3072).names());
      assertThat(Part.read(older, 3072).names()).isSubsetOf("added");
      Part part = Part.read(newer, 3072);
      while (!part.names().isEmpty()) {
        seen.addAll(part.names());
        part = Part.read(newer, 3072);
      }
      assertThat(seen).doesNotContain(last).contains("added").hasSize(300).doesNotHaveDuplicates();
    }
  }

  /** SEMANTICS 4.85 for merged, pure upper and pure lower directories. */
  @Item("4.85")
  static void positionsInAListing_stayGood(MountedUnion union) throws Throwable {
    DiskTree one = union.lower("merged/", "lower/");
    DiskTree two = union.lower("merged/");
    union.upper("upper/");
    for (int i = 0; i < 600; i++) {
      one.write("merged/one-" + i, "");
      two.write("merged/two-" + i, "");
      one.write("lower/entry-" + i, "");
      union.upper().write("upper/entry-" + i, "");
    }
    DiskTree at = union.mount();
    for (String name : List.of("merged", "lower", "upper")) {
      listInTwoParts(at, name);
    }
  }

  private static void listInTwoParts(DiskTree at, String path) throws Exception {
    List<String> all = at.list(path);
    List<String> seen = new ArrayList<>();
    try (Fd directory = at.open(path, Linux.O_RDONLY | Linux.O_DIRECTORY)) {
      // 3 KiB at a time: the kernel keeps the position, and the rest is read from there.
      Part first = Part.read(directory, 3072);
      seen.addAll(first.names());
      for (String name : first.names()) {
        at.unlink(path + "/" + name);
      }
      at.write(path + "/added", "");
      assertThat(FileSyscalls.lseek(directory, first.lastOffset(), Linux.SEEK_SET))
          .isEqualTo(first.lastOffset());
      Part part = Part.read(directory, 3072);
      while (!part.names().isEmpty()) {
        seen.addAll(part.names());
        part = Part.read(directory, 3072);
      }
      seen.remove("added");
      assertThat(seen).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(all);
      assertThat(FileSyscalls.lseek(directory, 0, Linux.SEEK_SET)).isZero();
      assertThat(DiskTree.list(directory))
          .contains("added")
          .doesNotContainAnyElementsOf(first.names());
    }
  }

  /** Names of one getdents64 call and the position after the last of them. */
  private record Part(List<String> names, long lastOffset) {
    static Part read(Fd directory, int bytes) throws Exception {
      RawListing listing = RawListing.read(directory, bytes);
      return new Part(listing.names(), listing.lastOffset());
    }
  }

  @Item("4.86")
  static void directoryOpenBeforeItWasCopiedUp_listsTheNewFile(MountedUnion union)
      throws Throwable {
    union.lower("d/f=1");
    DiskTree at = union.mount();
    try (Fd directory = at.open("d", Linux.O_RDONLY | Linux.O_DIRECTORY)) {
      assertThat(DiskTree.list(directory)).containsExactly("f");
      at.write("d/new", "2");
      assertThat(FileSyscalls.lseek(directory, 0, Linux.SEEK_SET)).isZero();
      assertThat(DiskTree.list(directory)).containsExactly("f", "new");
      assertThat(FileSyscalls.fsync(directory)).isZero();
    }
  }

  @Item("4.87, 5.41, 1.3d")
  static void deepTree_isChangedAtItsBottom(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower();
    byte[] name = LayerTree.bytes("d".repeat(60));
    try (Fd bottom = descend(lower, name, true)) {
      Fd.openat(bottom, LayerTree.bytes("f"), Linux.O_CREAT | Linux.O_WRONLY, 0644).close();
    }
    DiskTree at = union.mount();
    try (Fd bottom = descend(at, name, false)) {
      assertThat(Syscalls.chmodat(bottom, LayerTree.bytes("f"), 0600)).isZero();
      Stat stat = new Stat();
      assertThat(Syscalls.statx(bottom, LayerTree.bytes("f"), stat)).isZero();
      assertThat(stat.mode()).isEqualTo(Linux.S_IFREG | 0600);
    }
    try (Fd bottom = descend(union.upper(), name, false)) {
      assertThat(DiskTree.list(bottom)).containsExactly("f");
    }
  }

  private static Fd descend(DiskTree tree, byte[] name, boolean making) throws Exception {
    Fd at = tree.open("", Linux.O_RDONLY | Linux.O_DIRECTORY);
    for (int depth = 0; depth < 120; depth++) {
      if (making) {
        assertThat(Syscalls.mkdirat(at, name, 0755)).isZero();
      }
      Fd next = Fd.openat(at, name, Linux.O_RDONLY | Linux.O_DIRECTORY | Linux.O_NOFOLLOW, 0);
      at.close();
      at = next;
    }
    return at;
  }

  @Item(
      value = "4.90, 1.3h, 5.21",
      needs = {Promise.WHITEOUTS_NEVER_LISTED, Promise.TRUSTED_MARKS})
  static void whiteoutInAPureDirectory_isNotListed_norInTheWay(MountedUnion union)
      throws Throwable {
    union.lower("o/x=1");
    union.upper("pure/w !", "o/ opaque", "o/w !");
    DiskTree at = union.mount();
    assertThat(at.render()).containsExactly("o/", "pure/");
    assertThat(errno(() -> at.stat("pure/w"))).isEqualTo("ENOENT");
    at.rmdir("pure");
    at.rmdir("o");
    assertThat(at.render()).isEmpty();
  }

  @Item("4.54, 4.39")
  static void twoHundredCreationsAtOnce(MountedUnion union) throws Throwable {
    union.lower("d/lower=1");
    DiskTree at = union.mount();
    List<ThrowingCallable> makers = new ArrayList<>();
    for (int thread = 0; thread < 8; thread++) {
      int number = thread;
      makers.add(
          () -> {
            for (int i = 0; i < 25; i++) {
              at.write("d/f" + number + "-" + i, "x" + i);
            }
          });
    }
    Concurrent.together(makers);
    assertThat(at.list("d")).hasSize(201);
    assertThat(union.remount().read("d/f7-24")).isEqualTo("x24");
  }
}
