package plyfs.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static plyfs.contract.MountedUnion.errno;

import java.io.IOException;
import java.util.List;
import plyfs.sys.Linux;
import plyfs.sys.Stat;

/** SEMANTICS 4, creating objects, and mounts that cannot. */
final class CreateScenarios {
  private CreateScenarios() {}

  @Item("4.67, 6.22")
  static void exclusiveCreate_overAWhiteout_andOverALowerFile(MountedUnion union) throws Throwable {
    union.lower("white=x", "low=1", "d/e/f=2");
    union.upper("white !");
    DiskTree at = union.mount();
    int flags = Linux.O_CREAT | Linux.O_EXCL | Linux.O_WRONLY;
    at.open("white", flags, 0600).close();
    assertThat(errno(() -> at.open("low", flags, 0600).close())).isEqualTo("EEXIST");
    at.write("d/e/new", "3");
    assertThat(at.render())
        .containsExactly("d/", "d/e/", "d/e/f=2", "d/e/new=3", "low=1", "white=");
    union.unmount();
    assertThat(union.upper().render()).containsExactly("d/", "d/e/", "d/e/new=3", "white=");
  }

  @Item("4.67")
  static void everyTypeIsMade_overWhiteouts_andSurvivesRemount(MountedUnion union)
      throws Throwable {
    union.lower("d/x=1", "l/x=1", "p=1", "h=1", "src=2");
    DiskTree at = union.mount();
    at.removeAll("d");
    at.removeAll("l");
    at.unlink("p");
    at.unlink("h");
    at.mkdir("d", 0750);
    at.symlink("target", "l");
    at.mknod("p", Linux.S_IFIFO | 0640, 0);
    at.mknod("c", Linux.S_IFCHR | 0640, 0x0105);
    at.link("src", "h");
    for (DiskTree each : new DiskTree[] {at, union.remount()}) {
      assertThat(each.list("d")).isEmpty();
      assertThat(each.readLink("l")).isEqualTo("target");
      assertThat(each.stat("p").type()).isEqualTo(Linux.S_IFIFO);
      assertThat(each.stat("c").rdev()).isEqualTo(0x0105);
      assertThat(each.read("h")).isEqualTo("2");
      assertThat(each.list("")).containsExactly("c", "d", "h", "l", "p", "src");
    }
  }

  @Item("4.68, 6.9")
  static void newObjects_belongToTheCaller_andObeyItsUmask(MountedUnion union) throws Throwable {
    union.lower("d/", "d (777 0:0)");
    DiskTree at = union.mount();
    String make = "umask 077; echo x > d/f; mkdir d/d; mkfifo d/p; ln -s t d/l";
    MountedUnion.Output output = union.as("--reuid=5 --regid=6 --clear-groups", make);
    assertThat(output.text()).isEmpty();
    assertThat(at.stat("d/f").mode()).isEqualTo(Linux.S_IFREG | 0600);
    assertThat(at.stat("d/d").mode()).isEqualTo(Linux.S_IFDIR | 0700);
    assertThat(at.stat("d/p").mode()).isEqualTo(Linux.S_IFIFO | 0600);
    for (String name : new String[] {"f", "d", "p", "l"}) {
      Stat stat = at.stat("d/" + name);
      assertThat(stat.uid()).as(name).isEqualTo(5);
      assertThat(stat.gid()).as(name).isEqualTo(6);
    }
  }

  @Item("4.68, 5.35, 6.9")
  static void defaultAcl_takesTheUmasksPlace(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("d/");
    UnionMounter.run(
        List.of("setfacl", "-d", "-m", "u::rwx,u:5:rwx,g::r-x,m::rwx,o::---", lower.root() + "/d"));
    DiskTree at = union.mount();
    MountedUnion.Output output =
        union.as("--reuid=0", "umask 077; echo x > d/f; mkdir d/d; mkfifo d/p");
    assertThat(output.text()).isEmpty();
    assertThat(at.stat("d/f").mode()).isEqualTo(Linux.S_IFREG | 0660);
    assertThat(at.stat("d/d").mode()).isEqualTo(Linux.S_IFDIR | 0770);
    assertThat(at.stat("d/p").mode()).isEqualTo(Linux.S_IFIFO | 0660);
    assertThat(union.as("--reuid=0", "getfacl -nc d/f").text())
        .contains("user:5:rwx", "mask::rw-", "group::r-x", "other::---");
    assertThat(union.as("--reuid=0", "getfacl -nc d/d").text()).contains("default:user:5:rwx");
  }

  @Item("4.78")
  static void mountWithoutUpper_refusesEveryChange(MountedUnion union) throws Throwable {
    union.lower("f=1", "d/g=2");
    union.lower("low=3");
    DiskTree at = union.mountReadOnly();
    assertThat(at.render()).containsExactly("d/", "d/g=2", "f=1", "low=3");
    assertThat(errno(() -> at.write("new", "x"))).isEqualTo("EROFS");
    assertThat(errno(() -> at.open("f", Linux.O_WRONLY).close())).isEqualTo("EROFS");
    assertThat(errno(() -> at.truncate("f", 0))).isEqualTo("EROFS");
    assertThat(errno(() -> at.chmod("f", 0600))).isEqualTo("EROFS");
    assertThat(errno(() -> at.utimens("f", 1, 1, 1, 1))).isEqualTo("EROFS");
    assertThat(errno(() -> at.setXattr("f", "user.a", "1"))).isEqualTo("EROFS");
    assertThat(errno(() -> at.link("f", "h"))).isEqualTo("EROFS");
    assertThat(errno(() -> at.rename("f", "h"))).isEqualTo("EROFS");
    assertThat(errno(() -> at.unlink("f"))).isEqualTo("EROFS");
    assertThat(errno(() -> at.mkdir("x"))).isEqualTo("EROFS");
    assertThat(errno(() -> at.mknod("x", Linux.S_IFIFO | 0600, 0))).isEqualTo("EROFS");
    assertThat(union.as("--reuid=0", "test -w f").exitCode()).isEqualTo(1);
  }

  @Item(value = "1.3i, 5.49", needs = Promise.ONE_LOWER_ALONE)
  static void oneLowerAlone_isEnough(MountedUnion union) throws Throwable {
    union.lower("f=1");
    assertThat(union.mountReadOnly().render()).containsExactly("f=1");
  }

  @Item(value = "4.75, 5.50", needs = Promise.UPPER_IN_USE_IS_REFUSED)
  static void upperInUse_isRefused(MountedUnion union) throws Throwable {
    union.lower("f=1");
    union.mount();
    assertThatThrownBy(() -> union.mount())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("in use");
  }
}
