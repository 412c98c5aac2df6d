package plyfs.jnrfuse;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.jnrfuse.MountedPaths.errno;

import org.junit.jupiter.api.Test;
import plyfs.sys.FlagsForm;
import plyfs.sys.Linux;
import plyfs.sys.Stat;

/** {@link NameOperations}, {@link AttributeOperations}, {@link XattrOperations}. */
final class OperationsByPathTest {
  @Test
  void names_areMadeMovedAndRemoved() throws Exception {
    try (MountedPaths mounted = new MountedPaths("d/f=1")) {
      mounted.names.makeDirectory("/e", 0755);
      mounted.names.makeSymlink("/e/s", "to \u00ff");
      mounted.names.makeNode("/e/n", Linux.S_IFREG | 0600, 0);
      mounted.names.link("/d/f", "/e/l");
      assertThat(mounted.names.readLink("/e/s")).isEqualTo("to \u00ff".getBytes(ISO_8859_1));
      mounted.names.rename("/d/f", "/e/m");
      mounted.names.unlink("/e/n");
      mounted.names.removeDirectory("/d");
      assertThat(mounted.union.names("e")).containsExactly("l", "m", "s");
      assertThat(mounted.union.names("")).containsExactly("e");
      assertThat(errno(() -> mounted.names.rename("/e/missing", "/x"))).isEqualTo("ENOENT");
      assertThat(errno(() -> mounted.names.makeDirectory("/e", 0755))).isEqualTo("EEXIST");
      assertThat(errno(() -> mounted.names.removeDirectory("/e"))).isEqualTo("ENOTEMPTY");
      mounted.assertAllForgotten();
    }
  }

  @Test
  void oneTimeAlone_isChanged() throws Exception {
    try (MountedPaths mounted = new MountedPaths("f=1")) {
      mounted.attributes.setTimes("/f", 11, 1, 22, 2);
      mounted.attributes.setTimes("/f", 33, 3, 99, Linux.UTIME_OMIT);
      mounted.attributes.setTimes("/f", 99, Linux.UTIME_OMIT, 44, 4);
      Stat stat = mounted.attributes.of("/f").stat();
      assertThat(stat.atimeSeconds()).isEqualTo(33);
      assertThat(stat.atimeNanos()).isEqualTo(3);
      assertThat(stat.mtimeSeconds()).isEqualTo(44);
      assertThat(stat.mtimeNanos()).isEqualTo(4);
      mounted.assertAllForgotten();
    }
  }

  @Test
  void ownerOrGroupAlone_isChanged() throws Exception {
    try (MountedPaths mounted = new MountedPaths("f=1")) {
      mounted.attributes.setOwner("/f", -1, 8);
      mounted.attributes.setOwner("/f", 7, -1);
      assertThat(mounted.attributes.of("/f").stat().uid()).isEqualTo(7);
      assertThat(mounted.attributes.of("/f").stat().gid()).isEqualTo(8);
    }
  }

  @Test
  void xattrs_areBytes_andMayBeMissing() throws Exception {
    try (MountedPaths mounted = new MountedPaths("f=1")) {
      byte[] value = "v\u0000\u00ff".getBytes(ISO_8859_1);
      mounted.xattrs.set("/f", "user.\u00e4", value, 0);
      assertThat(mounted.xattrs.get("/f", "user.\u00e4")).isEqualTo(value);
      assertThat(mounted.xattrs.list("/f")).isEqualTo("user.\u00e4\0".getBytes(ISO_8859_1));
      mounted.xattrs.remove("/f", "user.\u00e4");
      assertThat(errno(() -> mounted.xattrs.get("/f", "user.\u00e4"))).isEqualTo("ENODATA");
      mounted.assertAllForgotten();
    }
  }

  @Test
  void ioctlsOfChattr_andNoOthers_areKnown() {
    for (FlagsForm form : FlagsForm.values()) {
      assertThat(FlagOperations.isKnown(form.getRequest())).isTrue();
      assertThat(FlagOperations.isKnown(form.setRequest())).isTrue();
    }
    int getVersion = 0x80087601;
    assertThat(FlagOperations.isKnown(getVersion)).isFalse();
  }
}
