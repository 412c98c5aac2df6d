package plyfs.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import plyfs.sys.Linux;

/** SEMANTICS 4, permissions. */
final class PermissionScenarios {
  private static final String DENIED = "Permission denied";
  private static final String NOT_PERMITTED = "Operation not permitted";

  private PermissionScenarios() {}

  @Item("4.69")
  static void anotherUser_isRefused_withoutCopyUp(MountedUnion union) throws Throwable {
    union.lower("secret=1", "secret (600 0:0)", "ro=1", "ro (444 0:0)", "d/f=1", "d (777 0:0)");
    DiskTree at = union.mount();
    union.unchangedUpper(
        () -> {
          assertThat(union.asUser(1, "cat secret").text()).contains(DENIED);
          assertThat(union.asUser(1, "echo x >> ro").text()).contains(DENIED);
          assertThat(union.asUser(1, "chmod 666 ro").text()).contains(NOT_PERMITTED);
          assertThat(union.asUser(1, "chown 1 ro").text()).contains(NOT_PERMITTED);
        });
    assertThat(union.asUser(1, "rm -f d/f").text()).isEmpty();
    assertThat(at.list("d")).isEmpty();
  }

  @Item("4.70, 5.37")
  static void setuidAndSetgid_goWithWrites_notOfRoot(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower();
    for (String name : List.of("write", "trunc", "grow", "root")) {
      lower.make(name + "=x", name + " (4777 0:0)");
    }
    lower.make("foreign=x", "foreign (2767 0:7)", "exec=x", "exec (2777 0:7)");
    DiskTree at = union.mount();
    assertThat(union.asUser(1, "echo y >> write; : > trunc; truncate -s 9 grow").text()).isEmpty();
    union.as("--reuid=0", "echo y >> root");
    union.asUser(1, "truncate -s 0 foreign; echo y >> exec");
    assertThat(at.stat("write").mode() & 07777).isEqualTo(0777);
    assertThat(at.stat("trunc").mode() & 07777).isEqualTo(0777);
    assertThat(at.stat("grow").mode() & 07777).isEqualTo(0777);
    assertThat(at.stat("root").mode() & 07777).isEqualTo(04777);
    assertThat(at.stat("foreign").mode() & 07777).isEqualTo(0767);
    assertThat(at.stat("exec").mode() & 07777).isEqualTo(0777);
    assertThat(union.remount().stat("write").mode() & 07777).isEqualTo(0777);
  }

  /** A copy that is made as a truncation is a changed file, too. */
  @Item("4.70")
  static void capability_goesWithATruncation_alsoOfRoot(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower();
    List<String> names = List.of("cut", "emptied", "grown", "opened", "same");
    for (String name : names) {
      lower.make(name + "=program", name + " (755 0:0)");
      UnionMounter.run(List.of("setcap", "cap_setuid+ep", lower.root() + "/" + name));
    }
    DiskTree at = union.mount();
    String changes =
        "truncate -s 3 cut; truncate -s 0 emptied; truncate -s 9 grown; : >opened;"
            + " truncate -s 7 same";
    assertThat(union.as("--reuid=0", changes).text()).isEmpty();
    for (String name : names) {
      assertThat(at.xattr(name, "security.capability")).as(name).isNull();
    }
  }

  /** The kernel keeps modes; here nobody asks for it between the write and the start. */
  @Item("4.70")
  static void programThatAnotherUserWroteTo_runsAsNobodyElse(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower();
    Files.copy(Path.of("/usr/bin/id"), Path.of(lower.root(), "lower"));
    lower.make("lower (4777 0:0)");
    DiskTree at = union.mount();
    Files.copy(Path.of("/usr/bin/id"), Path.of(at.root(), "upper"));
    at.make("upper (4777 0:0)");
    for (String program : List.of("upper", "lower")) {
      assertThat(union.asUser(1, "./" + program + " -u").text()).as(program).isEqualTo("0");
      String writeAndRun = "echo y >> " + program + "; ./" + program + " -u";
      assertThat(union.asUser(1, writeAndRun).text()).as(program).isEqualTo("1");
    }
  }

  @Item("4.70, 5.37")
  static void setgidThatIsNoPrivilege_staysWhenItsGroupWrites(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower();
    List<String> names = List.of("write", "trunc", "open");
    for (String name : names) {
      lower.make(name + "=x", name + " (2767 0:7)");
    }
    DiskTree at = union.mount();
    String command = "echo y >> write; truncate -s 3 trunc; : > open";
    for (String groups : List.of("--regid=7 --clear-groups", "--regid=1 --groups=3,7")) {
      assertThat(union.as("--reuid=1 " + groups, command).text()).isEmpty();
      for (String name : names) {
        assertThat(at.stat(name).mode() & 07777).as(name + " " + groups).isEqualTo(02767);
      }
    }
    assertThat(union.as("--reuid=1 --regid=1 --groups=3", command).text()).isEmpty();
    for (String name : names) {
      assertThat(at.stat(name).mode() & 07777).as(name).isEqualTo(0767);
    }
  }

  @Item("4.70, 4.103")
  static void setgid_goesWhenTheOwnerRemovesTheAcl_unlessOfTheGroup(MountedUnion union)
      throws Throwable {
    DiskTree lower = union.lower();
    List<String> kept = List.of("member", "root", "default");
    for (String name : List.of("other", "none", "member", "root", "default")) {
      lower.make(name + "/", name + " (2770 1:7)");
      if (!name.equals("none")) {
        UnionMounter.run(List.of("setfacl", "-m", "u:5:r,d:u:5:r", lower.root() + "/" + name));
      }
    }
    DiskTree at = union.mount();
    String access = "setfattr -x system.posix_acl_access ";
    assertThat(union.asUser(1, access + "other").text()).isEmpty();
    assertThat(union.asUser(1, access + "none").text()).isEmpty();
    assertThat(union.as("--reuid=1 --regid=1 --groups=7", access + "member").text()).isEmpty();
    assertThat(union.as("--reuid=0", access + "root").text()).isEmpty();
    String other = "setfattr -x system.posix_acl_default default";
    assertThat(union.asUser(1, other).text()).isEmpty();
    assertThat(at.stat("other").mode() & 07777).isEqualTo(0770);
    assertThat(at.stat("none").mode() & 07777).isEqualTo(0770);
    for (String name : kept) {
      assertThat(at.stat(name).mode() & 07777).as(name).isEqualTo(02770);
    }
    assertThat(union.remount().stat("other").mode() & 07777).isEqualTo(0770);
  }

  @Item("4.70, 4.103")
  static void setgid_goesWithAnAccessAcl_notWithADefaultAcl(MountedUnion union) throws Throwable {
    union.lower("access/", "access (2770 1:7)", "default/", "default (2770 1:7)");
    DiskTree at = union.mount();
    assertThat(union.asUser(1, "setfacl -m u:5:r access; setfacl -m d:u:5:r default").text())
        .isEmpty();
    assertThat(at.stat("access").mode() & 07777).isEqualTo(0770);
    assertThat(at.stat("default").mode() & 07777).isEqualTo(02770);
  }

  @Item("4.70")
  static void setuid_goesWithFallocate_notOfRoot(MountedUnion union) throws Throwable {
    union.lower("user=x", "user (4777 0:0)", "root=x", "root (4777 0:0)");
    DiskTree at = union.mount();
    assertThat(union.asUser(1, "fallocate -l 100 user").text()).isEmpty();
    assertThat(union.as("--reuid=0", "fallocate -l 100 root").text()).isEmpty();
    assertThat(at.stat("user").mode() & 07777).isEqualTo(0777);
    assertThat(at.stat("root").mode() & 07777).isEqualTo(04777);
  }

  @Item("4.70")
  static void capabilities_goWithWritesAndChown_notWithChmod(MountedUnion union) throws Throwable {
    String capability = "\1\0\0\2\0\40\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    DiskTree lower = union.lower("write=1", "chown=1", "chmod=1");
    for (String name : List.of("write", "chown", "chmod")) {
      lower.setXattr(name, "security.capability", capability);
    }
    DiskTree at = union.mount();
    at.append("write", "x");
    at.chown("chown", 3, 3);
    at.chmod("chmod", 0711);
    at.utimens("chmod", 1, 1, 1, 1);
    assertThat(at.xattr("write", "security.capability")).isNull();
    assertThat(at.xattr("chown", "security.capability")).isNull();
    assertThat(at.xattr("chmod", "security.capability")).isEqualTo(capability);
  }

  @Item("4.70")
  static void chown_clearsSetuid(MountedUnion union) throws Throwable {
    union.lower("f=1", "f (6755 1:1)", "d/", "d (6755 1:1)");
    DiskTree at = union.mount();
    at.chown("f", 2, -1);
    at.chown("d", 2, -1);
    assertThat(at.stat("f").mode() & 07777).isEqualTo(0755);
    assertThat(at.stat("d").mode() & 07777).isEqualTo(06755);
  }

  @Item("4.70")
  static void setgidThatIsNoPrivilege_goesWithAChangeOfOwner_unlessOfTheGroup(MountedUnion union)
      throws Throwable {
    DiskTree lower = union.lower();
    for (String name : List.of("other", "member", "root", "bare")) {
      lower.make(name + "=x", name + " (2767 1:7)");
    }
    DiskTree at = union.mount();
    assertThat(union.asUser(1, "chgrp 1 other").text()).isEmpty();
    assertThat(union.as("--reuid=1 --regid=1 --groups=7", "chgrp 1 member").text()).isEmpty();
    assertThat(union.as("--reuid=0", "chgrp 1 root").text()).isEmpty();
    assertThat(union.as("--bounding-set=-fsetid", "chgrp 1 bare").text()).isEmpty();
    assertThat(at.stat("other").mode() & 07777).isEqualTo(0767);
    assertThat(at.stat("member").mode() & 07777).isEqualTo(02767);
    assertThat(at.stat("root").mode() & 07777).isEqualTo(02767);
    assertThat(at.stat("bare").mode() & 07777).isEqualTo(0767);
  }

  @Item("4.101")
  static void stickyDirectory_protectsOthersFiles(MountedUnion union) throws Throwable {
    union.lower("d/f=1", "d/f (644 1:1)", "d (1777 0:0)");
    DiskTree at = union.mount();
    union.unchangedUpper(
        () -> {
          assertThat(union.asUser(2, "rm -f d/f").text()).contains(NOT_PERMITTED);
          assertThat(union.asUser(2, "mv d/f d/g").text()).contains(NOT_PERMITTED);
        });
    assertThat(union.asUser(1, "rm -f d/f").text()).isEmpty();
    assertThat(at.list("d")).isEmpty();
  }

  @Item("4.102")
  static void supplementaryGroups_count(MountedUnion union) throws Throwable {
    union.lower("f=1", "f (60 0:100)", "own=1", "own (644 1:1)");
    DiskTree at = union.mount();
    assertThat(union.asUser(1, "echo x >> f").text()).contains(DENIED);
    String member = "--reuid=1 --regid=1 --groups=100";
    assertThat(union.as(member, "echo x >> f; chgrp 100 own").text()).isEmpty();
    assertThat(union.as(member, "chgrp 101 own").text()).contains(NOT_PERMITTED);
    assertThat(at.stat("own").gid()).isEqualTo(100);
    assertThat(at.read("f")).isEqualTo("1x\n");
  }

  @Item("4.103, 5.34, 6.12")
  static void setgidDirectory_passesItsGroupOn(MountedUnion union) throws Throwable {
    union.lower("low/", "low (2777 0:50)");
    union.upper("up/", "up (2777 0:50)");
    DiskTree at = union.mount();
    for (String directory : List.of("low", "up")) {
      assertThat(
              union
                  .asUser(1, "cd " + directory + "; umask 0; echo x > f; mkdir d; mkfifo p")
                  .text())
          .isEmpty();
      assertThat(at.stat(directory + "/f").gid()).isEqualTo(50);
      assertThat(at.stat(directory + "/p").gid()).isEqualTo(50);
      assertThat(at.stat(directory + "/d").gid()).isEqualTo(50);
      assertThat(at.stat(directory + "/d").mode()).isEqualTo(Linux.S_IFDIR | 02777);
      assertThat(at.stat(directory + "/f").uid()).isEqualTo(1);
    }
    assertThat(union.asUser(1, "umask 0; mkdir -m 2770 low/x; chmod 2770 low/f").text()).isEmpty();
    assertThat(at.stat("low/f").mode() & 07777).as("not a member").isEqualTo(0770);
    assertThat(at.stat("low/x").mode() & 07777).as("not a member").isEqualTo(0770);
    String member = "--reuid=1 --regid=1 --groups=50";
    assertThat(union.as(member, "chmod 2770 low/f low/x; umask 0; mkdir low/y").text()).isEmpty();
    assertThat(at.stat("low/x").mode() & 07777).isEqualTo(02770);
    assertThat(at.stat("low/y").mode() & 07777).isEqualTo(02777);
    assertThat(at.stat("low/f").mode() & 07777).isEqualTo(02770);
  }

  @Item("4.105")
  static void namedUserAcl_isEnforced_andSurvivesCopyUp(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("f=1", "f (660 0:0)");
    UnionMounter.run(List.of("setfacl", "-m", "u:1:rw-", lower.root() + "/f"));
    DiskTree at = union.mount();
    String before = union.as("--reuid=0", "getfacl -nc f").text();
    assertThat(before).contains("user:1:rw-");
    assertThat(union.asUser(1, "cat f && echo x >> f").text()).isEqualTo("1");
    assertThat(union.asUser(2, "cat f").text()).contains(DENIED);
    assertThat(union.as("--reuid=0", "getfacl -nc f").text()).isEqualTo(before);
    assertThat(at.stat("f").mode() & 0777).isEqualTo(0660);
    at.chmod("f", 0600);
    assertThat(union.asUser(1, "cat f").text()).contains(DENIED);
    union.remount();
    assertThat(union.as("--reuid=0", "getfacl -nc f").text()).contains("mask::---");
  }
}
