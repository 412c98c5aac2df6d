package plyfs.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import plyfs.sys.Linux;

/** SEMANTICS 2.25, 3.29, 3.31: owner, mode and type kept in an attribute; mounts without ACLs. */
final class StatOverrideScenarios {
  private static final String NAME = "user.containers.override_stat";
  private static final String ROOT = "--reuid=0";
  private static final String OPTION = "xattr_permissions=2";

  private StatOverrideScenarios() {}

  @Item(value = "2.25, 3.31", needs = Promise.STAT_OVERRIDE)
  static void override_isWhatTheKernelChecks_inStatAndListing(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("own=1", "own (600 0:0)", "shut=1", "dev=", "d/f=1");
    lower.setXattr("own", NAME, "1:1:0600");
    lower.setXattr("shut", NAME, "0:0:0600:file");
    lower.setXattr("dev", NAME, "0:6:0660:char-1-3");
    lower.setXattr("d", NAME, "0:0:0700:dir");
    union.mount(OPTION);
    assertThat(union.as(ROOT, "ls -ln | awk 'NR > 1 {print $1, $3, $4, $NF}'").text())
        .isEqualTo("drwx------ 0 0 d\ncrw-rw---- 0 6 dev\n-rw------- 1 1 own\n-rw------- 0 0 shut");
    assertThat(union.as(ROOT, "stat -c '%A %u:%g %t:%T' dev own").text())
        .isEqualTo("crw-rw---- 0:6 1:3\n-rw------- 1:1 0:0");
    union.unchangedUpper(
        () -> {
          assertThat(union.asUser(1, "cat own").text()).isEqualTo("1");
          assertThat(union.asUser(1, "cat shut").text()).contains("Permission denied");
          assertThat(union.asUser(1, "ls d").text()).contains("Permission denied");
          assertThat(union.as(ROOT, "find . -type c").text()).isEqualTo("./dev");
          assertThat(union.as(ROOT, "head -c 1 dev; echo x > dev").text()).isEmpty();
        });
    assertThat(union.asUser(1, "echo 2 >> own; chmod 640 own; cat own").text()).isEqualTo("12");
  }

  @Item(value = "2.25, 8.6", needs = Promise.STAT_OVERRIDE)
  static void changes_leaveTheInodesTheDaemonsOwn(MountedUnion union) throws Throwable {
    union.lower("f=1", "d/", "d (777 0:0)");
    DiskTree at = union.mount(OPTION);
    at.chown("f", 5, 6);
    at.chmod("f", 04711);
    assertThat(union.asUser(7, "umask 027; cd d; echo 1 > new; mkdir sub; mkfifo p").text())
        .isEmpty();
    at.mknod("d/null", Linux.S_IFCHR | 0666, 1 << 8 | 3);
    at.chmod("d/null", 0666);
    String shown = "stat -c '%n %A %u:%g' f d/*";
    String before = union.as(ROOT, shown).text();
    assertThat(before)
        .isEqualTo(
            "f -rws--x--x 5:6\nd/new -rw-r----- 7:7\nd/null crw-rw-rw- 0:0\n"
                + "d/p prw-r----- 7:7\nd/sub drwxr-x--- 7:7");
    union.remount(OPTION);
    assertThat(union.as(ROOT, shown).text()).isEqualTo(before);
    assertThat(union.asUser(7, "(echo through > d/p &); cat d/p").text()).isEqualTo("through");
    assertThat(union.asUser(5, "setfacl -m u:1:r f").text()).contains("not supported");
    union.unmount();
    DiskTree upper = union.upper();
    assertThat(upper.xattr("f", NAME)).isEqualTo("5:6:4711:file");
    assertThat(upper.xattr("d/null", NAME)).isEqualTo("0:0:0666:char-1-3");
    assertThat(upper.stat("f").mode()).isEqualTo(Linux.S_IFREG | 0600);
    assertThat(upper.stat("d/sub").mode()).isEqualTo(Linux.S_IFDIR | 0700);
    assertThat(upper.stat("d/p").mode()).isEqualTo(Linux.S_IFREG | 0600);
    assertThat(upper.stat("d/new").uid()).isZero();
  }

  @Item(
      value = "2.25, 8.7",
      needs = {Promise.STAT_OVERRIDE, Promise.OWNERS_MAPPED})
  static void override_holdsStoredIds_whichAMappingShows(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("f=1");
    lower.setXattr("f", NAME, "7:8:0640");
    DiskTree at = union.mount(OPTION, "uidmapping=0:5000:1000", "gidmapping=0:7000:1000");
    assertThat(union.as(ROOT, "stat -c %u:%g f").text()).isEqualTo("5007:7008");
    at.chown("f", 5009, 7009);
    assertThat(union.upper().xattr("f", NAME)).isEqualTo("9:9:0640:file");
  }

  @Item(value = "2.25", needs = Promise.STAT_OVERRIDE)
  static void layerWithOverrides_isReadByFuseOverlayfs(MountedUnion union) throws Throwable {
    Path peer = Path.of("/usr/bin/fuse-overlayfs");
    assumeTrue(Files.isExecutable(peer), "needs fuse-overlayfs");
    union.lower("f=1");
    DiskTree at = union.mount(OPTION);
    at.chown("f", 5, 6);
    at.chmod("f", 0751);
    at.mkdir("d", 0711);
    at.chown("d", 7, 8);
    union.unmount();
    String point = Files.createDirectory(union.beside().resolve("peer")).toString();
    UnionMounter.run(List.of(peer.toString(), "-o", "lowerdir=" + union.upper().root(), point));
    try {
      assertThat(UnionMounter.run(List.of("stat", "-c", "%a %u:%g", point + "/f", point + "/d")))
          .isEqualTo("751 5:6\n711 7:8");
    } finally {
      UnionMounter.run(List.of("umount", point));
    }
  }

  @Item(value = "3.29", needs = Promise.NO_ACLS)
  static void noacl_hidesAcls_andTakesNone(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("f=1", "f (600 0:0)");
    lower.setXattr("f", "user.a", "1");
    UnionMounter.run(List.of("setfacl", "-m", "u:1:rw-", lower.root() + "/f"));
    DiskTree at = union.mount("noacl");
    union.unchangedUpper(
        () -> {
          assertThat(at.xattrNames("f")).containsExactly("user.a");
          assertThat(union.as(ROOT, "setfacl -m u:2:r f").text()).contains("not supported");
          assertThat(union.as(ROOT, "getfacl -nc f").text()).doesNotContain("user:1:");
        });
  }
}
