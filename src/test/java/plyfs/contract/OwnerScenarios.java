package plyfs.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.contract.MountedUnion.errno;

import java.util.List;
import plyfs.sys.Stat;

/** SEMANTICS 4.73: owners that are shown mapped or squashed. */
final class OwnerScenarios {
  private static final String MAPPING = "uidmapping=0:5000:1000,gidmapping=0:7000:1000";
  private static final String ROOT = "--reuid=0";

  private OwnerScenarios() {}

  private static String owner(DiskTree at, String path) throws Exception {
    Stat stat = at.stat(path);
    return stat.uid() + ":" + stat.gid();
  }

  @Item(value = "4.73, 8.7", needs = Promise.OWNERS_MAPPED)
  static void mapping_appliesToStatListingChownAndCreate(MountedUnion union) throws Throwable {
    union.lower("f=1", "f (600 7:8)", "alien=1", "alien (644 1000:1000)", "d/", "d (777 0:0)");
    DiskTree at = union.mount(MAPPING);
    assertThat(union.as(ROOT, "stat -c %u:%g f alien d").text())
        .isEqualTo("5007:7008\n65534:65534\n5000:7000");
    assertThat(union.as(ROOT, "ls -ln | awk 'NR > 1 {print $3, $4, $9}'").text())
        .isEqualTo("65534 65534 alien\n5000 7000 d\n5007 7008 f");
    assertThat(union.asUser(5007, "cat f; echo 2 >> f").text()).isEqualTo("1");
    assertThat(union.asUser(7, "cat f").text()).contains("Permission denied");
    String known = "--reuid=5001 --regid=7002 --clear-groups";
    assertThat(union.as(known, "umask 0; echo 1 > d/new; mkdir d/sub; ln -s a d/l").text())
        .isEmpty();
    union.unchangedUpper(
        () -> {
          assertThat(union.asUser(5001, "echo 1 > d/x").text()).contains("too large");
          assertThat(errno(() -> at.chown("alien", 7, -1))).isEqualTo("EOVERFLOW");
          assertThat(errno(() -> at.chown("alien", 65534, 65534))).isEqualTo("EOVERFLOW");
        });
    at.chown("d/sub", 5003, 7004);
    at.chmod("alien", 0600);
    assertThat(owner(at, "d/sub")).isEqualTo("5003:7004");
    DiskTree stored = union.remount();
    assertThat(owner(stored, "f")).isEqualTo("7:8");
    assertThat(owner(stored, "d/new")).isEqualTo("1:2");
    assertThat(owner(stored, "d/l")).isEqualTo("1:2");
    assertThat(owner(stored, "d/sub")).isEqualTo("3:4");
    assertThat(owner(stored, "alien")).isEqualTo("1000:1000");
  }

  @Item(value = "4.73, 8.9", needs = Promise.OWNERS_MAPPED)
  static void mapping_appliesToNamedAclEntries(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("f=1", "f (600 0:0)", "d/", "d (777 0:0)");
    UnionMounter.run(List.of("setfacl", "-m", "u:7:r--,g:8:-w-", lower.root() + "/f"));
    union.mount(MAPPING);
    assertThat(union.as(ROOT, "getfacl -nc f").text()).contains("user:5007:r--", "group:7008:-w-");
    assertThat(union.asUser(5007, "cat f").text()).isEqualTo("1");
    assertThat(union.asUser(7, "cat f").text()).contains("Permission denied");
    assertThat(union.as(ROOT, "setfacl -m u:5009:rw- f; setfacl -dm u:5010:rw- d").text())
        .isEmpty();
    assertThat(union.as(ROOT, "setfacl -m u:9:rw- f").text()).contains("too large");
    assertThat(union.as("--reuid=5001 --regid=7001 --clear-groups", "echo 1 > d/new").text())
        .isEmpty();
    assertThat(union.as(ROOT, "getfacl -nc d/new").text()).contains("user:5010:rw-");
    union.remount();
    assertThat(union.as(ROOT, "getfacl -nc f").text())
        .contains("user:7:r--", "user:9:rw-", "group:8:-w-");
    assertThat(union.as(ROOT, "getfacl -nc d/new").text()).contains("user:10:rw-");
  }

  /** A file capability of version 3: chown, effective, for the root user of a namespace. */
  private static String capability(int rootUser) {
    return "\1\0\0\3"
        + "\1"
        + "\0".repeat(15)
        + (char) (rootUser & 0xff)
        + (char) (rootUser >> 8)
        + "\0\0";
  }

  @Item(value = "4.73, 8.9", needs = Promise.OWNERS_MAPPED)
  static void mapping_appliesToTheRootUserOfCapabilities(MountedUnion union) throws Throwable {
    String name = "security.capability";
    DiskTree lower = union.lower("f=1", "alien=1", "g=1");
    lower.setXattr("f", name, capability(7));
    lower.setXattr("alien", name, capability(2000));
    DiskTree at = union.mount(MAPPING);
    assertThat(at.xattr("f", name)).isEqualTo(capability(5007));
    assertThat(at.xattrNames("f")).containsExactly(name);
    assertThat(at.xattr("alien", name)).isNull();
    assertThat(at.xattrNames("alien")).isEmpty();
    union.unchangedUpper(
        () ->
            assertThat(errno(() -> at.setXattr("g", name, capability(7)))).isEqualTo("EOVERFLOW"));
    at.setXattr("g", name, capability(5009));
    at.chmod("f", 0755);
    at.chmod("alien", 0755);
    DiskTree stored = union.remount();
    assertThat(stored.xattr("g", name)).isEqualTo(capability(9));
    assertThat(stored.xattr("f", name)).isEqualTo(capability(7));
    assertThat(stored.xattr("alien", name)).isEqualTo(capability(2000));
  }

  @Item(value = "4.73, 8.8", needs = Promise.OWNERS_MAPPED)
  static void squash_showsOneOwner_andChownChangesNothing(MountedUnion union) throws Throwable {
    union.lower("f=1", "f (600 7:8)", "d/", "d (777 3:4)");
    DiskTree at = union.mount("squash_to_root,squash_to_uid=42");
    assertThat(union.as(ROOT, "stat -c %u:%g . f d").text()).isEqualTo("42:0\n42:0\n42:0");
    assertThat(union.asUser(42, "cat f").text()).isEqualTo("1");
    assertThat(union.asUser(7, "cat f").text()).contains("Permission denied");
    union.unchangedUpper(() -> at.chown("f", 1, 1));
    assertThat(union.asUser(42, "echo 1 > d/new; echo 2 >> f").text()).isEmpty();
    assertThat(owner(at, "d/new")).isEqualTo("42:0");
    DiskTree stored = union.remount();
    assertThat(owner(stored, "f")).isEqualTo("7:8");
    assertThat(owner(stored, "d/new")).isEqualTo("42:42");
  }
}
