package plyfs.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.contract.MountedUnion.errno;

import java.util.ArrayList;
import java.util.List;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.Stat;

/** SEMANTICS 4, data: holes, large files, access times, direct and truncated opens. */
final class DataScenarios {
  private static final int FALLOC_FL_UNSHARE_RANGE = 0x40;

  private DataScenarios() {}

  @Item("4.58")
  static void dataAndHoles_areWhereTheLowerFileHasThem(MountedUnion union) throws Throwable {
    union.requireDisk();
    DiskTree lower = union.lower("f=");
    try (Fd file = lower.open("f", Linux.O_WRONLY)) {
      DiskTree.pwrite(file, "mid", 8 << 20);
      DiskTree.pwrite(file, "far", 32 << 20);
      assertThat(FileSyscalls.ftruncate(file, 64 << 20)).isZero();
    }
    DiskTree at = union.mount();
    List<Long> before;
    try (Fd file = lower.open("f", Linux.O_RDONLY);
        Fd seen = at.open("f", Linux.O_RDONLY)) {
      before = extents(file);
      assertThat(before).hasSize(4);
      assertThat(extents(seen)).isEqualTo(before);
    }
    if (union.keeps(Promise.EXACT_EXTENTS)) {
      at.chmod("f", 0600);
      try (Fd seen = at.open("f", Linux.O_RDONLY)) {
        assertThat(extents(seen)).as("after copy-up").isEqualTo(before);
      }
    }
  }

  /** Where data begins and ends. */
  private static List<Long> extents(Fd file) {
    List<Long> places = new ArrayList<>();
    long at = 0;
    while (true) {
      long data = FileSyscalls.lseek(file, at, Linux.SEEK_DATA);
      if (data < 0) {
        return places;
      }
      at = FileSyscalls.lseek(file, data, Linux.SEEK_HOLE);
      places.add(data);
      places.add(at);
    }
  }

  @Item("4.58")
  static void copyRange_betweenLayers(MountedUnion union) throws Throwable {
    union.lower("low=0123456789", "target=..........");
    union.upper("up=abcdefghij");
    DiskTree at = union.mount();
    try (Fd low = at.open("low", Linux.O_RDONLY);
        Fd up = at.open("up", Linux.O_RDWR);
        Fd target = at.open("target", Linux.O_RDWR)) {
      assertThat(FileSyscalls.copyFileRange(low, 2, up, 1, 3)).isEqualTo(3);
      assertThat(FileSyscalls.copyFileRange(up, 0, target, 5, 5)).isEqualTo(5);
      assertThat(FileSyscalls.copyFileRange(low, 8, target, 0, 100)).isEqualTo(2);
      assertThat(FileSyscalls.copyFileRange(low, 10, target, 0, 100)).isZero();
    }
    for (DiskTree each : List.of(at, union.remount())) {
      assertThat(each.read("up")).isEqualTo("a234efghij");
      assertThat(each.read("target")).isEqualTo("89...a234e");
    }
  }

  @Item(value = "4.58, 1.4", needs = Promise.NO_MOVING_FALLOCATE)
  static void sharingOfExtents_isRefused(MountedUnion union) throws Throwable {
    union.lower("f=content");
    DiskTree at = union.mount();
    at.write("g", "");
    try (Fd from = at.open("f", Linux.O_RDWR);
        Fd to = at.open("g", Linux.O_RDWR)) {
      assertThat(FileSyscalls.ficlone(to, from)).isEqualTo(-95);
      assertThat(FileSyscalls.fallocate(from, FALLOC_FL_UNSHARE_RANGE, 0, 4096)).isEqualTo(-95);
    }
    assertThat(at.render()).containsExactly("f=content", "g=");
  }

  @Item(value = "4.58", needs = Promise.UNALIGNED_DIRECT_IO)
  static void directReadsAndWrites_ofAnyAlignment(MountedUnion union) throws Throwable {
    union.lower("f=0123456789", "g=0123456789");
    DiskTree at = union.mount();
    try (Fd old = at.open("f", Linux.O_RDONLY | Linux.O_DIRECT);
        Fd file = at.open("f", Linux.O_RDWR | Linux.O_DIRECT);
        Fd cached = at.open("f", Linux.O_RDWR)) {
      DiskTree.pwrite(file, "abc", 1);
      assertThat(DiskTree.pread(old, 5, 0)).isEqualTo("0abc4");
      assertThat(DiskTree.pread(cached, 5, 0)).isEqualTo("0abc4");
      DiskTree.pwrite(cached, "X", 2);
      assertThat(DiskTree.pread(file, 7, 2)).isEqualTo("Xc45678");
      DiskTree.pwrite(file, "tail", 9);
    }
    try (Fd file = at.open("g", Linux.O_WRONLY | Linux.O_APPEND | Linux.O_DIRECT)) {
      DiskTree.pwrite(file, "!", 0);
    }
    assertThat(union.remount().render()).containsExactly("f=0aXc45678tail", "g=0123456789!");
  }

  @Item("4.35")
  static void truncatingOpenForReading_needsWritePermission(MountedUnion union) throws Throwable {
    union.lower("f=content", "f (644 0:0)", "g=content", "g (666 0:0)");
    DiskTree at = union.mount();
    String open = "perl -e 'use Fcntl; sysopen F, $ARGV[0], O_RDONLY|O_TRUNC or print $!' ";
    assertThat(union.asUser(1, open + "f").text()).isEqualTo("Permission denied");
    assertThat(union.upper().list("")).doesNotContain("f");
    assertThat(union.asUser(1, open + "g").text()).isEmpty();
    at.open("f", Linux.O_RDONLY | Linux.O_TRUNC).close();
    for (DiskTree each : List.of(at, union.remount())) {
      assertThat(each.render()).containsExactly("f=", "g=");
    }
  }

  @Item("4.96, 6.14")
  static void accessTimeOfAnUpperFile_isThatOfItsMount(MountedUnion union) throws Throwable {
    union.lower("low=1");
    union.upper("up=1", "never=1");
    DiskTree beside = new DiskTree(union.beside().toString()).make("native=1");
    union.upper().utimens("up", 1000, 0, 2000, 0);
    union.upper().utimens("never", 1000, 0, 2000, 0);
    beside.utimens("native", 1000, 0, 2000, 0);
    boolean isKept = accessed(beside, "native");
    DiskTree at = union.mount();
    assertThat(accessed(at, "up")).isEqualTo(isKept);
    assertThat(union.upper().stat("up").atimeSeconds() == 1000).isEqualTo(!isKept);
    long before = at.stat("low").atimeSeconds();
    at.read("low");
    assertThat(at.stat("low").atimeSeconds()).isEqualTo(before);
    DiskTree quiet = union.remount("noatime");
    assertThat(accessed(quiet, "never")).isFalse();
    assertThat(union.upper().stat("never").atimeSeconds()).isEqualTo(1000);
  }

  @Item(value = "4.32", needs = Promise.LAYERED)
  static void largeAttribute_isCopiedUp_orNothingIs(MountedUnion union) throws Throwable {
    DiskTree lower = union.lowerInMemory("f=1", "large=1");
    String value = "v".repeat(60_000);
    lower.setXattr("large", "trusted.large", value);
    lower.setXattr("f", "trusted.small", "s");
    DiskTree upper = union.upper("probe=1");
    String direct = errno(() -> upper.setXattr("probe", "trusted.large", value));
    upper.unlink("probe");
    DiskTree at = union.mount();
    assertThat(at.xattr("large", "trusted.large")).isEqualTo(value);
    assertThat(errno(() -> at.chmod("large", 0600))).isEqualTo(direct);
    assertThat(at.xattr("large", "trusted.large")).isEqualTo(value);
    at.chmod("f", 0600);
    assertThat(at.xattr("f", "trusted.small")).isEqualTo("s");
  }

  /** Reads a file; whether that has moved its access time. */
  private static boolean accessed(DiskTree tree, String path) throws Exception {
    tree.read(path);
    Stat stat = tree.stat(path);
    return stat.atimeSeconds() != 1000;
  }

  @Item(value = "4.38, 6.5", needs = Promise.LAYERED)
  static void leftOversOfACrash_neverGetIntoNewFiles(MountedUnion union) throws Throwable {
    union.lower("f=short", "d/g=short");
    union.mount();
    union.unmount();
    DiskTree work = new DiskTree(union.beside().resolve("work/work").toString());
    for (int i = 0; i < 40; i++) {
      work.make("#" + Integer.toHexString(i) + "=" + "stale".repeat(100));
    }
    DiskTree at = union.mount();
    at.append("f", "!");
    at.truncate("d/g", 7);
    at.write("new", "n");
    at.mkdir("made");
    for (DiskTree each : List.of(at, union.remount())) {
      assertThat(each.render())
          .containsExactly("d/", "d/g=short\0\0", "f=short!", "made/", "new=n");
    }
    assertThat(errno(() -> at.stat("#1"))).isEqualTo("ENOENT");
  }
}
