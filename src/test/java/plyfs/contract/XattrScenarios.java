package plyfs.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.contract.MountedUnion.errno;

import java.nio.ByteBuffer;
import java.util.List;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;

/** SEMANTICS 4, extended attributes. */
final class XattrScenarios {
  private XattrScenarios() {}

  @Item(value = "4.71, 5.38", needs = Promise.TRUSTED_MARKS)
  static void marksSetByUsers_areEscaped_andOursHidden(MountedUnion union) throws Throwable {
    union.lower("d/f=1");
    DiskTree at = union.mount();
    at.setXattr("d", "trusted.overlay.opaque", "y");
    at.setXattr("d/f", "user.overlay.opaque", "y");
    assertThat(at.xattr("d", "trusted.overlay.opaque")).isEqualTo("y");
    assertThat(at.xattrNames("d")).containsExactly("trusted.overlay.opaque");
    assertThat(at.xattrNames("d/f")).containsExactly("user.overlay.opaque");
    assertThat(at.xattr("d/f", "trusted.overlay.origin")).isNull();
    assertThat(union.upper().xattr("d", "trusted.overlay.overlay.opaque")).isEqualTo("y");
    assertThat(union.upper().xattr("d/f", "trusted.overlay.origin")).isNotNull();
    assertThat(errno(() -> at.removeXattr("d/f", "trusted.overlay.origin"))).isEqualTo("ENODATA");
    assertThat(union.remount().list("d")).containsExactly("f");
    at.removeXattr("d", "trusted.overlay.opaque");
    assertThat(at.xattrNames("d")).isEmpty();
  }

  @Item(
      value = "2.22",
      needs = {Promise.LAYERED, Promise.TRUSTED_MARKS})
  static void uuidThatTheKernelWrites_staysOnTheUpperRoot_andIsNotSeen(MountedUnion union)
      throws Throwable {
    String mark = "trusted.overlay.uuid";
    union.lower("f=1");
    DiskTree upper = union.upper();
    upper.setXattr("", mark, "0123456789abcdef");
    DiskTree at = union.mount();
    at.chmod("", 0700);
    assertThat(at.xattr("", mark)).isNull();
    assertThat(at.xattrNames("")).isEmpty();
    assertThat(errno(() -> at.removeXattr("", mark))).isEqualTo("ENODATA");
    assertThat(upper.xattr("", mark)).isEqualTo("0123456789abcdef");
  }

  @Item(value = "4.15, 5.19", needs = Promise.TRUSTED_MARKS)
  static void marksOfTheOtherNamespace_areOrdinaryData(MountedUnion union) throws Throwable {
    DiskTree top = union.lower("d/own=1", "r/", "w=");
    top.setXattr("d", "user.overlay.opaque", "y");
    top.setXattr("r", "user.overlay.redirect", "d");
    top.setXattr("w", "user.overlay.whiteout", "y");
    union.lower("d/below=2", "w=below");
    DiskTree at = union.mount();
    assertThat(at.render()).containsExactly("d/", "d/below=2", "d/own=1", "r/", "w=");
    assertThat(at.xattrNames("d")).containsExactly("user.overlay.opaque");
    at.setXattr("r", "user.overlay.opaque", "y");
    assertThat(union.remount().xattr("r", "user.overlay.redirect")).isEqualTo("d");
  }

  @Item("4.71")
  static void trustedNames_areListedToAdministratorsOfTheMachineAlone(MountedUnion union)
      throws Throwable {
    DiskTree lower = union.lower("f=1");
    lower.setXattr("f", "user.a", "1");
    lower.setXattr("f", "trusted.b", "2");
    union.mount();
    String list = "getfattr -m - f | sed -n '/[.]/p'";
    String inNamespace = "unshare --user --map-root-user sh -c 'getfattr -m - f' | sed -n '/[.]/p'";
    String user = "--reuid=1 --regid=1 --clear-groups";
    assertThat(union.as("--reuid=0", list).text()).isEqualTo("trusted.b\nuser.a");
    assertThat(union.as(user + " --inh-caps=+sys_admin --ambient-caps=+sys_admin", list).text())
        .isEqualTo("trusted.b\nuser.a");
    assertThat(union.as(user, list).text()).isEqualTo("user.a");
    assertThat(union.as("--bounding-set=-sys_admin", list).text()).isEqualTo("user.a");
    assertThat(union.as("--reuid=0", inNamespace).text()).isEqualTo("user.a");
    assertThat(union.as(user, "getfattr -n trusted.b f").text()).contains("No such attribute");
  }

  @Item("4.72")
  static void errorsOfXattrs_areThoseOfANativeFileSystem(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("f=1", "l -> f");
    lower.setXattr("f", "user.a", "value");
    lower.setXattr("f", "user.empty", "");
    lower.mknod("p", Linux.S_IFIFO | 0600, 0);
    DiskTree at = union.mount();
    union.unchangedUpper(
        () -> {
          assertThat(at.xattr("f", "user.a")).isEqualTo("value");
          assertThat(at.xattr("f", "user.empty")).isEmpty();
          assertThat(at.xattr("f", "user.none")).isNull();
          assertThat(at.xattrNames("f")).containsExactly("user.a", "user.empty");
          assertThat(errno(() -> at.setXattr("l", "user.a", "1"))).isEqualTo("EPERM");
          assertThat(errno(() -> at.setXattr("p", "user.a", "1"))).isEqualTo("EPERM");
        });
    assertThat(errno(() -> at.setXattr("f", "nonsense.a", "1"))).isEqualTo("EOPNOTSUPP");
    List<String> failures =
        List.of(
            errno(() -> at.setXattr("f", "user.a", "1", Linux.XATTR_CREATE)),
            errno(() -> at.setXattr("f", "user.none", "1", Linux.XATTR_REPLACE)),
            errno(() -> at.removeXattr("f", "user.none")));
    assertThat(failures).containsExactly("EEXIST", "ENODATA", "ENODATA");
    at.setXattr("l", "trusted.a", "1");
    assertThat(at.xattr("l", "trusted.a")).isEqualTo("1");
    at.removeXattr("f", "user.a");
    assertThat(at.xattrNames("f")).containsExactly("user.empty");
    assertThat(union.remount().xattrNames("f")).containsExactly("user.empty");
    assertThat(lower.xattr("f", "user.a")).isEqualTo("value");
  }

  @Item("4.72")
  static void sizesOfXattrs(MountedUnion union) throws Throwable {
    union.lower("f=1").setXattr("f", "user.a", "value");
    DiskTree at = union.mount();
    try (Fd file = at.open("f", Linux.O_RDONLY)) {
      byte[] name = LayerTree.bytes("user.a");
      ByteBuffer memory = ByteBuffer.allocateDirect(64);
      long address = Syscalls.addressOf(memory);
      byte[] self = Syscalls.SELF;
      assertThat(XattrSyscalls.get(file, self, name, address, 0)).isEqualTo(5);
      assertThat(XattrSyscalls.get(file, self, name, address, 2)).isEqualTo(-34);
      assertThat(XattrSyscalls.get(file, self, name, address, 5)).isEqualTo(5);
      assertThat(XattrSyscalls.list(file, self, address, 0)).isEqualTo(7);
      assertThat(XattrSyscalls.list(file, self, address, 3)).isEqualTo(-34);
      assertThat(XattrSyscalls.list(file, self, address, 64)).isEqualTo(7);
    }
  }

  @Item(value = "4.72, 1.3g, 5.30", needs = Promise.NO_NEEDLESS_COPY_UP)
  static void failingXattrCalls_copyNothingUp(MountedUnion union) throws Throwable {
    union.lower("f=1").setXattr("f", "user.a", "value");
    DiskTree at = union.mount();
    union.unchangedUpper(
        () -> {
          assertThat(errno(() -> at.setXattr("f", "user.a", "1", Linux.XATTR_CREATE)))
              .isEqualTo("EEXIST");
          assertThat(errno(() -> at.setXattr("f", "user.b", "1", Linux.XATTR_REPLACE)))
              .isEqualTo("ENODATA");
          assertThat(errno(() -> at.removeXattr("f", "user.b"))).isEqualTo("ENODATA");
          assertThat(errno(() -> at.setXattr("f", "nonsense.a", "1"))).isEqualTo("EOPNOTSUPP");
        });
  }
}
