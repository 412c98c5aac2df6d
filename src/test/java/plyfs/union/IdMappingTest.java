package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import org.junit.jupiter.api.Test;
import plyfs.contract.LayerTree;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.union.api.AttributeChange;
import plyfs.union.api.Caller;
import plyfs.union.api.DirSink;
import plyfs.union.api.IdMapping;
import plyfs.union.api.IdRange;
import plyfs.union.api.NodeView;
import plyfs.union.api.UnionOptions;

/** Owners shown and stored: SEMANTICS 4.73, 8.7 to 8.9. */
class IdMappingTest extends UnionCase {
  private static final String ACL = "system.posix_acl_access";
  private static final String CAPABILITY = "security.capability";

  /** Ids 0 to 999 of the layers are shown as 5000 to 5999, groups as 7000 to 7999. */
  private static final IdMapping MAPPED =
      new IdMapping(
          ImmutableList.of(new IdRange(0, 5000, 1000)),
          ImmutableList.of(new IdRange(0, 7000, 1000)),
          IdMapping.NOT_SQUASHED,
          IdMapping.NOT_SQUASHED);

  private static String owner(UnionPaths union, String path) throws Exception {
    return union.stat(path).uid() + ":" + union.stat(path).gid();
  }

  private static UnionPaths mount(UnionFixture fixture, IdMapping ids) throws Exception {
    fixture.options = UnionOptions.DEFAULT.withIds(ids);
    return fixture.mount();
  }

  private static UnionPaths asStored(UnionFixture fixture) throws Exception {
    return mount(fixture, IdMapping.IDENTITY);
  }

  private static void own(UnionFixture fixture, String path, int mode, int uid, int gid)
      throws Exception {
    fixture.onLayer(
        1,
        layer -> {
          layer.chown(LayerTree.ref(layer, path), uid, gid);
          layer.chmod(LayerTree.ref(layer, path), mode);
        });
  }

  private static Caller caller(int uid, int gid) {
    return new Caller(uid, gid, 0, () -> false);
  }

  @Test
  void owners_areShownMapped_outsideTheMapAsOverflow() throws Exception {
    UnionFixture fixture = over("f=1", "alien=1", "d/");
    own(fixture, "f", 0644, 7, 8);
    own(fixture, "alien", 0644, 1000, 70000);
    own(fixture, "d", 0755, 0, 999);
    UnionPaths union = mount(fixture, MAPPED);
    assertThat(owner(union, "f")).isEqualTo("5007:7008");
    assertThat(owner(union, "alien")).isEqualTo("65534:65534");
    assertThat(owner(union, "d")).isEqualTo("5000:7999");
  }

  @Test
  void copyUp_keepsStoredIds_evenThoseOutsideTheMap() throws Exception {
    UnionFixture fixture = over("d/f=1");
    own(fixture, "d/f", 0644, 7, 8);
    own(fixture, "d", 0755, 1000, 70000);
    UnionPaths union = mount(fixture, MAPPED);
    union.write("d/f", 0, "2");
    assertThat(owner(union, "d/f")).isEqualTo("5007:7008");
    union = asStored(fixture);
    assertThat(owner(union, "d/f")).isEqualTo("7:8");
    assertThat(owner(union, "d")).isEqualTo("1000:70000");
  }

  @Test
  void newObjects_areStoredWithTheCallersIdsMappedBack() throws Exception {
    UnionFixture fixture = over("group/");
    own(fixture, "group", 02777, 0, 50);
    UnionPaths union = mount(fixture, MAPPED);
    union.caller = caller(5001, 7002);
    union.create("f", "1");
    union.mkdir("d", 0755);
    union.mknod("p", Linux.S_IFIFO | 0600, 0);
    union.symlink("f", "l");
    union.create("group/f", "1");
    long[] nameless = union.openNameless("d", 0600);
    union.linkNode(nameless[1], "d/named");
    union.release(nameless[0]);
    fixture.fs().forget(nameless[1], 1);
    assertThat(owner(union, "f")).isEqualTo("5001:7002");
    assertThat(owner(union, "group/f")).isEqualTo("5001:7050");
    UnionPaths stored = asStored(fixture);
    for (String path : new String[] {"f", "d", "p", "l", "d/named"}) {
      assertThat(owner(stored, path)).as(path).isEqualTo("1:2");
    }
    assertThat(owner(stored, "group/f")).isEqualTo("1:50");
  }

  @Test
  void callerOutsideTheMap_createsNothing_butMayDoTheRest() throws Exception {
    UnionFixture fixture = over("d/f=1", "gone=1");
    UnionPaths union = mount(fixture, MAPPED);
    for (Caller alien : new Caller[] {caller(1, 7000), caller(5000, 1)}) {
      union.caller = alien;
      assertThat(errno(() -> union.create("d/new", "1"))).isEqualTo("EOVERFLOW");
      assertThat(errno(() -> union.mkdir("d/new", 0755))).isEqualTo("EOVERFLOW");
      assertThat(errno(() -> union.symlink("a", "d/new"))).isEqualTo("EOVERFLOW");
      assertThat(errno(() -> union.openNameless("d", 0600))).isEqualTo("EOVERFLOW");
    }
    assertThat(fixture.workdir()).isEmpty();
    union.unlink("gone");
    union.write("d/f", 0, "2");
    union.rename("d/f", "d/g", 0);
    fixture.unmount();
    assertThat(fixture.raw(0)).containsExactly("d/", "d/f !", "d/g=2", "gone !");
  }

  /** podman makes /etc/mtab in a container's root as root of the machine, who is not in the map. */
  @Test
  void asForFuseOverlayfs_ownersOutsideTheMapAreStoredAsOverflow_butGetNoRights() throws Exception {
    UnionFixture fixture = over("f=1");
    UnionPaths union = mount(fixture, MAPPED.asByFuseOverlayfs());
    union.caller = caller(0, 7002);
    union.symlink("/proc/mounts", "mtab");
    union.caller = caller(5001, 9);
    union.create("new", "1");
    union.change("f", new AttributeChange().uid(4).gid(4294967));
    assertThat(owner(union, "mtab")).isEqualTo("65534:7002");
    assertThat(owner(union, "new")).isEqualTo("5001:65534");
    assertThat(errno(() -> union.setXattr("new", ACL, acl(1, 7002)))).isEqualTo("EOVERFLOW");
    assertThat(errno(() -> union.setXattr("new", CAPABILITY, capability(1))))
        .isEqualTo("EOVERFLOW");
    UnionPaths stored = asStored(fixture);
    assertThat(owner(stored, "mtab")).isEqualTo("65534:2");
    assertThat(owner(stored, "new")).isEqualTo("1:65534");
    assertThat(owner(stored, "f")).isEqualTo("65534:65534");
  }

  @Test
  void chown_isMappedBack_outsideTheMapNothingIsCopied() throws Exception {
    UnionFixture fixture = over("f=1", "g=1");
    own(fixture, "f", 0644, 7, 8);
    UnionPaths union = mount(fixture, MAPPED);
    assertThat(errno(() -> union.change("g", new AttributeChange().uid(4)))).isEqualTo("EOVERFLOW");
    assertThat(errno(() -> union.change("g", new AttributeChange().gid(65534).mode(0600))))
        .isEqualTo("EOVERFLOW");
    union.change("f", new AttributeChange().uid(5020));
    assertThat(owner(union, "f")).isEqualTo("5020:7008");
    union.change("f", new AttributeChange().gid(7021));
    assertThat(owner(asStored(fixture), "f")).isEqualTo("20:21");
    fixture.unmount();
    assertThat(fixture.raw(0)).containsExactly("f=1");
  }

  @Test
  void setgidOfAForeignGroup_goesWithWrites_byShownGroups() throws Exception {
    UnionFixture fixture = over("f=1", "own=1");
    own(fixture, "f", 02666, 0, 8);
    own(fixture, "own", 02666, 0, 8);
    UnionPaths union = mount(fixture, MAPPED);
    union.caller = caller(1, 8);
    union.on("f", node -> writeUnprivileged(fixture, union, node));
    union.caller = caller(1, 7008);
    union.on("own", node -> writeUnprivileged(fixture, union, node));
    assertThat(union.stat("f").mode() & 07777).isEqualTo(0666);
    assertThat(union.stat("own").mode() & 07777).isEqualTo(02666);
  }

  private static boolean writeUnprivileged(UnionFixture fixture, UnionPaths union, long node)
      throws ErrnoException {
    long handle = fixture.fs().open(node, Linux.O_WRONLY | Linux.O_TRUNC, true, union.caller);
    fixture.fs().release(handle);
    return true;
  }

  @Test
  void squash_changesWhatIsShown_andChownNothing() throws Exception {
    UnionFixture fixture = over("f=1");
    own(fixture, "f", 0644, 7, 8);
    IdMapping toUser =
        new IdMapping(MAPPED.users(), MAPPED.groups(), 4294967294L, IdMapping.NOT_SQUASHED);
    UnionPaths union = mount(fixture, toUser);
    assertThat(owner(union, "f")).isEqualTo("-2:7008");
    union.change("f", new AttributeChange().uid(1)); // no place in the map, and none needed
    fixture.unmount();
    assertThat(fixture.raw(0)).as("nothing changed, nothing copied").isEmpty();
    union = fixture.mount();
    union.change("f", new AttributeChange().uid(1).gid(7009));
    assertThat(owner(union, "f")).isEqualTo("-2:7009");
    union.caller = caller(5003, 7004);
    union.create("new", "1");
    assertThat(owner(union, "new")).isEqualTo("-2:7004");
    union = asStored(fixture);
    assertThat(owner(union, "f")).isEqualTo("7:9");
    assertThat(owner(union, "new")).isEqualTo("3:4");
  }

  /** {@code [u32 2]} and entries {@code [u16 tag][u16 rw-][u32 id]}. */
  private static String acl(int user, int group) {
    return "\2\0\0\0"
        + entry(0x01, -1)
        + entry(0x02, user)
        + entry(0x04, -1)
        + entry(0x08, group)
        + entry(0x10, -1)
        + entry(0x20, -1);
  }

  private static String entry(int tag, int id) {
    return little(tag).substring(0, 2) + "\6\0" + little(id);
  }

  private static String little(int number) {
    StringBuilder bytes = new StringBuilder();
    for (int shift = 0; shift < 32; shift += 8) {
      bytes.append((char) (number >> shift & 0xff));
    }
    return bytes.toString();
  }

  private static String capability(int root) {
    return "\1\0\0\3" + "\0\40\0\0" + "\0\0\0\0".repeat(3) + little(root);
  }

  @Test
  void namedAclEntries_areTranslatedBothWays() throws Exception {
    UnionFixture fixture = over("f=1", "alien=1", "g=1");
    fixture.mark(1, "f", ACL, acl(7, 8));
    fixture.mark(1, "alien", ACL, acl(1000, 8));
    UnionPaths union = mount(fixture, MAPPED);
    assertThat(union.xattrs("f")).containsEntry(ACL, acl(5007, 7008));
    assertThat(union.xattrs("alien")).containsEntry(ACL, acl(65534, 7008));
    union.setXattr("f", ACL, acl(5001, 7002));
    assertThat(errno(() -> union.setXattr("g", ACL, acl(1, 7002)))).isEqualTo("EOVERFLOW");
    assertThat(errno(() -> union.setXattr("g", ACL, acl(5001, 2)))).isEqualTo("EOVERFLOW");
    union.change("alien", new AttributeChange().mtime(1, 0));
    fixture.unmount();
    assertThat(fixture.raw(0)).containsExactly("alien=1", "f=1");
    assertThat(fixture.rawXattr(0, "f", ACL)).isEqualTo(acl(1, 2));
    assertThat(fixture.rawXattr(0, "alien", ACL)).as("kept by copy-up").isEqualTo(acl(1000, 8));
  }

  @Test
  void rootOfACapability_isTranslated_withoutAPlaceItIsNotShown() throws Exception {
    UnionFixture fixture = over("f=1", "alien=1", "plain=1");
    String plain = "\1\0\0\2" + "\0\40\0\0" + "\0\0\0\0".repeat(3);
    fixture.mark(1, "f", CAPABILITY, capability(7));
    fixture.mark(1, "alien", CAPABILITY, capability(1000));
    fixture.mark(1, "plain", CAPABILITY, plain);
    UnionPaths union = mount(fixture, MAPPED);
    assertThat(union.xattrs("f")).containsEntry(CAPABILITY, capability(5007));
    assertThat(union.xattrs("alien")).isEmpty();
    assertThat(union.xattrs("plain")).containsEntry(CAPABILITY, plain);
    assertThat(errno(() -> union.setXattr("f", CAPABILITY, capability(1)))).isEqualTo("EOVERFLOW");
    union.setXattr("f", CAPABILITY, capability(5009));
    fixture.unmount();
    assertThat(fixture.rawXattr(0, "f", CAPABILITY)).isEqualTo(capability(9));
  }

  @Test
  void listingWithAttributes_showsMappedOwners() throws Exception {
    UnionFixture fixture = over("f=1");
    own(fixture, "f", 0644, 7, 8);
    mount(fixture, MAPPED);
    UnionFs fs = fixture.fs();
    StringBuilder seen = new StringBuilder();
    fs.readDirectory(
        UnionFs.ROOT_ID,
        0,
        new DirSink() {
          @Override
          public boolean hasRoom(int nameBytes) {
            return true;
          }

          @Override
          public void entry(byte[] name, long cookie, int type, long ino) {
            // "." and ".."
          }

          @Override
          public void entryPlus(byte[] name, long cookie, int type, NodeView view) {
            seen.append(view.stat().uid()).append(':').append(view.stat().gid());
            fs.forget(view.nodeId(), 1);
          }
        },
        new NodeView());
    assertThat(seen).hasToString("5007:7008");
  }
}
