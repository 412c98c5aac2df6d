package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import plyfs.contract.LayerTree;
import plyfs.layer.LayerFile;
import plyfs.layer.LayerRef;
import plyfs.layer.UpperLayer;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.union.api.AttributeChange;
import plyfs.union.api.Caller;
import plyfs.union.api.NodeView;

/** SEMANTICS 4.32 to 4.36, 4.98 to 4.100, 2.12. */
class CopyUpTest extends UnionCase {
  /** {@code cap_net_raw+ep}, revision 2. */
  private static final String CAPABILITY = "\1\0\0\2\0\40\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

  /** {@code u::rwx,u:5:rw-,g::r-x,m::rwx,o::---}. */
  static final String ACL =
      "\2\0\0\0"
          + "\1\0\7\0\377\377\377\377"
          + "\2\0\6\0\5\0\0\0"
          + "\4\0\5\0\377\377\377\377"
          + "\20\0\7\0\377\377\377\377"
          + "\40\0\0\0\377\377\377\377";

  private static void special(UpperLayer layer, String path, int type, int rdev)
      throws ErrnoException {
    layer.publish(layer.prepareNode(type, rdev), layer.root(), LayerTree.name(path));
  }

  @Test
  void everyType_keepsOwnerModeTimesAndTarget_onDiskToo() throws Exception {
    UnionFixture fixture = over("f=data", "empty=", "d/", "l -> target");
    String[] paths = {"f", "empty", "d", "l", "p", "s", "c", "b"};
    fixture.onLayer(
        1,
        layer -> {
          special(layer, "p", Linux.S_IFIFO, 0);
          special(layer, "s", Linux.S_IFSOCK, 0);
          special(layer, "c", Linux.S_IFCHR, 0x105);
          special(layer, "b", Linux.S_IFBLK, 0x80301);
          for (String path : paths) {
            LayerRef ref = LayerTree.ref(layer, path);
            layer.chown(ref, 11, 12);
            if (!path.equals("l")) {
              layer.chmod(ref, 06751);
            }
            layer.setTimes(ref, -5, 1, (1L << 33) + 9, 123_456_789);
          }
        });
    UnionPaths union = fixture.mount();
    for (String path : paths) {
      long ino = union.view(path).ino();
      union.setXattr(path, "trusted.t", "1");
      assertThat(union.view(path).ino()).as(path).isEqualTo(ino);
    }
    fixture.unmount();
    fixture.onLayer(
        0,
        layer -> {
          Stat stat = new Stat();
          for (String path : paths) {
            assertThat(layer.stat(LayerTree.ref(layer, path), stat)).as(path).isTrue();
            assertThat(stat.uid() + ":" + stat.gid()).as(path).isEqualTo("11:12");
            assertThat(stat.mode() & 07777).as(path).isEqualTo(path.equals("l") ? 0777 : 06751);
            assertThat(stat.mtimeSeconds()).as(path).isEqualTo((1L << 33) + 9);
            assertThat(stat.mtimeNanos()).as(path).isEqualTo(123_456_789);
            assertThat(stat.atimeSeconds()).as(path).isEqualTo(-5);
          }
          layer.stat(LayerTree.ref(layer, "c"), stat);
          assertThat(stat.rdev()).isEqualTo(0x105);
          layer.stat(LayerTree.ref(layer, "b"), stat);
          assertThat(stat.rdev()).isEqualTo(0x80301);
        });
  }

  @Test
  void xattrs_areCopied_butNotTheOverlaysOwn() throws Exception {
    UnionFixture fixture = over("f=data", "d/");
    fixture.mark(1, "f", "security.capability", CAPABILITY);
    fixture.mark(1, "f", "system.posix_acl_access", ACL);
    fixture.mark(1, "f", "user.empty", "");
    fixture.mark(1, "f", "trusted.binary", "\0\1\377");
    fixture.mark(1, "f", "trusted.overlay.protattr", "x");
    fixture.mark(1, "f", "trusted.overlay.overlay.opaque", "user's");
    fixture.mark(1, "f", "user.fuseoverlayfs.origin", "x");
    fixture.mark(1, "d", "system.posix_acl_default", ACL);
    UnionPaths union = fixture.mount();
    union.change("f", new AttributeChange().mtime(5, 5));
    union.chmod("d", 0755);
    fixture.unmount();
    assertThat(fixture.rawXattr(0, "f", "security.capability")).isEqualTo(CAPABILITY);
    assertThat(fixture.rawXattr(0, "f", "system.posix_acl_access")).isEqualTo(ACL);
    assertThat(fixture.rawXattr(0, "f", "user.empty")).isEmpty();
    assertThat(fixture.rawXattr(0, "f", "trusted.binary")).isEqualTo("\0\1\377");
    assertThat(fixture.rawXattr(0, "f", "trusted.overlay.protattr")).isNull();
    assertThat(fixture.rawXattr(0, "f", "trusted.overlay.overlay.opaque")).isEqualTo("user's");
    assertThat(fixture.rawXattr(0, "f", "user.fuseoverlayfs.origin")).isNull();
    assertThat(fixture.rawXattr(0, "f", "trusted.overlay.origin")).isNotNull();
    assertThat(fixture.rawXattr(0, "d", "system.posix_acl_default")).isEqualTo(ACL);
    assertThat(fixture.mount().xattrs("f")).containsEntry("trusted.overlay.opaque", "user's");
  }

  @Test
  void parents_areMadeWithTheirAttributes_andKeepTheirTimes() throws Exception {
    UnionFixture fixture = over("a/b/f=1");
    fixture.onLayer(
        1,
        layer -> {
          for (String path : new String[] {"a/b", "a"}) {
            layer.chmod(LayerTree.ref(layer, path), 02751);
            layer.setTimes(LayerTree.ref(layer, path), 1, 2, 3, 4);
          }
        });
    fixture.mount().write("a/b/f", 0, "2");
    fixture.unmount();
    fixture.onLayer(
        0,
        layer -> {
          Stat stat = new Stat();
          for (String path : new String[] {"a/b", "a"}) {
            layer.stat(LayerTree.ref(layer, path), stat);
            assertThat(stat.mode() & 07777).isEqualTo(02751);
            assertThat(stat.mtimeSeconds() + " " + stat.mtimeNanos()).isEqualTo("3 4");
            assertThat(stat.atimeSeconds() + " " + stat.atimeNanos()).isEqualTo("1 2");
          }
        });
    assertThat(fixture.rawXattr(0, "a", "trusted.overlay.impure")).isEqualTo("y");
  }

  @Test
  void truncation_copiesNoMoreThanStays() throws Exception {
    UnionFixture fixture = over("f=0123456789", "g=0123456789", "h=0123456789", "e=");
    UnionPaths union = fixture.mount();
    union.truncate("f", 4);
    union.truncate("g", 0);
    union.truncate("h", 12);
    union.truncate("e", 3);
    assertThat(union.read("f")).isEqualTo("0123");
    assertThat(union.read("g")).isEmpty();
    assertThat(union.read("h")).isEqualTo("0123456789\0\0");
    assertThat(union.read("e")).isEqualTo("\0\0\0");
    assertThat(errno(() -> union.truncate("", 0))).isEqualTo("EISDIR");
  }

  @Test
  void callsThatChangeNothingOrFail_copyNothing() throws Exception {
    UnionFixture fixture = over("f=1", "d/x=", "l -> f");
    fixture.mark(1, "f", "user.a", "1");
    UnionPaths union = fixture.mount();
    union.change("f", new AttributeChange().uid(-1).gid(-1));
    union.read("f");
    union.list("d", true);
    union.xattrs("f");
    assertThat(errno(() -> union.on("f", node -> setFlagged(fixture, node, "user.a", 1))))
        .isEqualTo("EEXIST");
    assertThat(errno(() -> union.on("f", node -> setFlagged(fixture, node, "user.b", 2))))
        .isEqualTo("ENODATA");
    assertThat(errno(() -> union.removeXattr("f", "user.b"))).isEqualTo("ENODATA");
    assertThat(errno(() -> union.setXattr("l", "user.b", ""))).isEqualTo("EPERM");
    assertThat(errno(() -> union.setXattr("f", "bad.b", ""))).isEqualTo("EOPNOTSUPP");
    assertThat(errno(() -> union.setXattr("f", "user.b", "x".repeat(70_000)))).isEqualTo("E2BIG");
    String longest = "trusted.overlay." + "x".repeat(239);
    assertThat(errno(() -> union.setXattr("f", longest, ""))).isEqualTo("ERANGE");
    assertThat(errno(() -> union.rename("f", "d", 0))).isEqualTo("EISDIR");
    assertThat(errno(() -> union.rmdir("d"))).isEqualTo("ENOTEMPTY");
    assertThat(errno(() -> union.create("f", ""))).isEqualTo("EEXIST");
    fixture.unmount();
    assertThat(fixture.raw(0)).isEmpty();
  }

  private static boolean setFlagged(UnionFixture fixture, long node, String name, int flag)
      throws ErrnoException {
    fixture.fs().setXattr(node, UnionPaths.bytes(name), new byte[1], flag, false, UnionPaths.ROOT);
    return true;
  }

  @Test
  void callerWhoIsKilled_endsACopyUp_andALaterOneWorks() throws Exception {
    UnionFixture fixture = over("f=" + "x".repeat(5000));
    UnionPaths union = fixture.mount();
    union.caller = new Caller(0, 0, 0, () -> true);
    assertThat(errno(() -> union.chmod("f", 0600))).isEqualTo("EINTR");
    assertThat(fixture.workdir()).isEmpty();
    union.caller = UnionPaths.ROOT;
    union.chmod("f", 0600);
    assertThat(union.read("f")).hasSize(5000);
  }

  @Test
  void defaultAcl_isInherited_insteadOfTheUmask() throws Exception {
    UnionFixture fixture = over("d/");
    UnionPaths union = fixture.mount();
    union.create("d/before", "");
    union.setXattr("d", "system.posix_acl_default", ACL);
    union.caller = new Caller(0, 0, 077, () -> false);
    union.create("d/f", "");
    union.mkdir("d/s", 0777);
    union.mknod("d/p", Linux.S_IFIFO | 0666, 0);
    assertThat(union.stat("d/f").mode() & 07777).isEqualTo(0640);
    assertThat(union.stat("d/s").mode() & 07777).isEqualTo(0770);
    assertThat(union.stat("d/p").mode() & 07777).isEqualTo(0660);
    assertThat(union.xattrs("d/f")).containsOnlyKeys("system.posix_acl_access");
    assertThat(union.xattrs("d/s"))
        .containsEntry("system.posix_acl_default", ACL)
        .containsKey("system.posix_acl_access");
    union.removeXattr("d", "system.posix_acl_default");
    union.create("d/after", "");
    assertThat(union.stat("d/after").mode() & 07777).isEqualTo(0600);
  }

  @Test
  void writeByAnotherUser_takesSetuidAway() throws Exception {
    UnionFixture fixture = over("f=1");
    fixture.onLayer(1, layer -> layer.chmod(LayerTree.ref(layer, "f"), 06767));
    UnionPaths union = fixture.mount();
    long node = union.resolve("f");
    long handle = fixture.fs().open(node, Linux.O_RDWR, false, union.caller);
    union.writeAt(handle, 0, "2");
    assertThat(union.stat("f").mode() & 07777).isEqualTo(06767);
    Caller user = new Caller(1, 1, 0, () -> false);
    AttributeChange resize = new AttributeChange().size(0).killSuidgid(true);
    fixture.fs().setAttributes(node, resize, user, new NodeView());
    assertThat(union.stat("f").mode() & 07777).isEqualTo(0767);
    fixture.fs().release(handle);
    fixture.fs().forget(node, 1);
    assertAllForgotten(fixture);
  }

  /** With write-back the kernel sends the times of a file after each rename and removal. */
  @Test
  void timesThatTheKernelKept_andTheFileHas_copyNothing() throws Exception {
    UnionFixture fixture = over("f=data");
    UnionPaths union = fixture.mount();
    Stat before = new Stat();
    before.set(union.stat("f"));
    AttributeChange same =
        new AttributeChange().mtime(before.mtimeSeconds(), before.mtimeNanos()).keptTimes(true);
    union.change("f", same);
    assertThat(fixture.layer(0).resolve("f")).doesNotExist();
    union.change("f", new AttributeChange().mtime(12, 34).keptTimes(true));
    assertThat(fixture.layer(0).resolve("f")).exists();
    assertThat(union.stat("f").mtimeSeconds()).isEqualTo(12);
    assertThat(union.stat("f").mtimeNanos()).isEqualTo(34);
    assertAllForgotten(fixture);
  }

  /** In memory there is no copy_file_range(2), as between two file systems. */
  @Test
  void dataOfManyBuffersAndShortExtents_arrivesWhole() throws Exception {
    StringBuilder text = new StringBuilder();
    for (int i = 0; text.length() < 3_000_000; i++) {
      text.append(i).append(' ');
    }
    UnionFixture fixture = layers(1);
    fixture.onLayer(
        1,
        layer -> {
          LayerRef made = layer.prepareFile();
          try (LayerFile file = layer.openWritable(made)) {
            LayerTree.write(file, LayerTree.bytes("short"), 0);
            LayerTree.write(file, LayerTree.bytes(text.toString()), 1 << 20);
          }
          layer.publish(made, layer.root(), LayerTree.name("f"));
        });
    UnionPaths union = fixture.mount();
    union.chmod("f", 0600);
    assertThat(union.view("f").stat().mode() & 07777).isEqualTo(0600);
    long handle = union.open("f", Linux.O_RDONLY);
    assertThat(union.readAt(handle, 0, 6)).isEqualTo("short\0");
    StringBuilder copied = new StringBuilder();
    for (int pieces = 0; pieces < 3; pieces++) {
      copied.append(union.readAt(handle, (1 << 20) + copied.length(), text.length()));
    }
    assertThat(copied.toString()).isEqualTo(text.toString());
    union.release(handle);
    assertAllForgotten(fixture);
  }

  /** What only real directories have: holes. */
  static void sparse(UpperLayer layer, String name, long size, long... extents)
      throws ErrnoException {
    LayerRef made = layer.prepareFile();
    try (LayerFile file = layer.openWritable(made)) {
      for (long at : extents) {
        LayerTree.write(file, LayerTree.bytes("data"), at);
      }
      file.truncate(size);
    }
    layer.publish(made, layer.root(), LayerTree.name(name));
  }
}
