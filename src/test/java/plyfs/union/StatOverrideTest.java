package plyfs.union;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import org.junit.jupiter.api.Test;
import plyfs.contract.LayerTree;
import plyfs.layer.LayerRef;
import plyfs.layer.OverrideAttribute;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.union.api.AttributeChange;

/** SEMANTICS 2.25: owner, mode and type that are kept in an attribute. */
class StatOverrideTest extends UnionCase {
  private static final String NAME = "user.containers.override_stat";

  private UnionFixture overridden(String... lines) throws Exception {
    UnionFixture fixture = over(lines);
    fixture.overrides = OverrideAttribute.CONTAINERS;
    return fixture;
  }

  private static void lower(UnionFixture fixture, String path, String value) throws Exception {
    fixture.onLayer(
        1,
        layer ->
            layer.setXattr(
                LayerTree.ref(layer, path), UnionPaths.bytes(NAME), UnionPaths.bytes(value), 0));
  }

  private static String shown(UnionPaths union, String path) throws Exception {
    Stat stat = union.stat(path);
    return "%o %d:%d".formatted(stat.mode(), stat.uid(), stat.gid());
  }

  private static String stored(UnionFixture fixture, String path) throws Exception {
    String[] found = new String[1];
    fixture.onLayer(
        0,
        layer -> {
          LayerRef object = LayerTree.ref(layer, path);
          Stat stat = new Stat();
          assertThat(layer.stat(object, stat)).isTrue();
          byte[] value = layer.xattr(object, UnionPaths.bytes(NAME));
          found[0] =
              "%o %d %s"
                  .formatted(
                      stat.mode(), stat.uid(), value == null ? "-" : new String(value, US_ASCII));
        });
    return found[0];
  }

  @Test
  void override_isShown_inStatAndListing() throws Exception {
    UnionFixture fixture = overridden("f=1", "p=", "d/x=2", "plain=3");
    lower(fixture, "f", "7:8:4751");
    lower(fixture, "p", "7:8:0640:pipe");
    lower(fixture, "d", "9:9:1777:dir");
    UnionPaths union = fixture.mount();
    assertThat(shown(union, "f")).isEqualTo("104751 7:8");
    assertThat(shown(union, "p")).isEqualTo("10640 7:8");
    assertThat(shown(union, "d")).isEqualTo("41777 9:9");
    assertThat(shown(union, "plain")).isEqualTo("100644 0:0");
    assertThat(union.list("", false))
        .extracting(UnionPaths.Entry::name, UnionPaths.Entry::type)
        .contains(tuple("p", Linux.S_IFIFO >> 12), tuple("f", Linux.S_IFREG >> 12));
    assertThat(union.read("f")).isEqualTo("1");
  }

  @Test
  void changes_goToTheAttribute_andStayOverRemount() throws Exception {
    UnionFixture fixture = overridden("f=1", "d/");
    UnionPaths union = fixture.mount();
    union.change("f", new AttributeChange().uid(5).gid(6));
    union.chmod("f", 0);
    union.mkdir("made", 0);
    union.mknod("null", Linux.S_IFCHR | 0666, 1 << 8 | 3);
    union.mknod("pipe", Linux.S_IFIFO | 0600, 0);
    union.create("new", "content");
    assertChanged(union);
    assertChanged(fixture.mount());
    fixture.unmount();
    assertThat(stored(fixture, "f")).isEqualTo("100600 0 5:6:0000:file");
    assertThat(stored(fixture, "made")).isEqualTo("40700 0 0:0:0000:dir");
    assertThat(stored(fixture, "null")).isEqualTo("100600 0 0:0:0666:char-1-3");
    assertThat(stored(fixture, "pipe")).isEqualTo("100600 0 0:0:0600:pipe");
  }

  private static void assertChanged(UnionPaths each) throws Exception {
    assertThat(shown(each, "f")).isEqualTo("100000 5:6");
    assertThat(shown(each, "made")).isEqualTo("40000 0:0");
    assertThat(shown(each, "null")).isEqualTo("20666 0:0");
    assertThat(each.stat("null").rdev()).isEqualTo(1 << 8 | 3);
    assertThat(shown(each, "pipe")).isEqualTo("10600 0:0");
    assertThat(each.read("f")).isEqualTo("1");
    assertThat(each.xattrs("f")).isEmpty();
  }

  @Test
  void copyUp_takesTheOverrideAlong() throws Exception {
    UnionFixture fixture = overridden("f=1", "p=", "d/g=2");
    lower(fixture, "f", "7:8:4751");
    lower(fixture, "p", "7:8:0640:socket");
    lower(fixture, "d", "9:9:1777:dir");
    UnionPaths union = fixture.mount();
    union.write("f", 0, "2");
    union.chmod("p", 0600);
    union.write("d/g", 0, "3");
    assertThat(shown(union, "f")).isEqualTo("104751 7:8");
    assertThat(shown(union, "p")).isEqualTo("140600 7:8");
    assertThat(shown(union, "d")).isEqualTo("41777 9:9");
    long number = union.view("p").ino();
    UnionPaths again = fixture.mount();
    assertThat(again.view("p").ino()).as("origin of a stand-in").isEqualTo(number);
    fixture.unmount();
    assertThat(stored(fixture, "f")).isEqualTo("100600 0 7:8:4751:file");
    assertThat(stored(fixture, "p")).isEqualTo("100600 0 7:8:0600:socket");
    assertThat(stored(fixture, "d")).isEqualTo("40700 0 9:9:1777:dir");
  }

  @Test
  void attributeOfThatName_isStoredOneLevelDeeper_andForgesNothing() throws Exception {
    UnionFixture fixture = overridden("f=1");
    lower(fixture, "f", "7:8:0640");
    UnionPaths union = fixture.mount();
    assertThat(union.xattrs("f")).isEmpty();
    union.setXattr("f", NAME, "0:0:4777");
    union.setXattr("f", "user.containers.overlay.override_stat", "deeper");
    assertThat(shown(union, "f")).isEqualTo("100640 7:8");
    assertThat(union.xattrs("f"))
        .containsEntry(NAME, "0:0:4777")
        .containsEntry("user.containers.overlay.override_stat", "deeper")
        .hasSize(2);
    assertThat(fixture.mount().xattrs("f")).hasSize(2);
    union = fixture.mount();
    union.removeXattr("f", NAME);
    assertThat(shown(union, "f")).isEqualTo("100640 7:8");
    UnionPaths again = fixture.mount();
    assertThat(errno(() -> again.removeXattr("f", NAME))).isEqualTo("ENODATA");
  }

  @Test
  void malformedOverride_failsItsOwnNameOnly() throws Exception {
    UnionFixture fixture = overridden("bad=1", "good=2", "link=3");
    lower(fixture, "bad", "7:x");
    lower(fixture, "link", "7:8:0777:symlink");
    UnionPaths union = fixture.mount();
    assertThat(errno(() -> union.stat("bad"))).isEqualTo("EINVAL");
    assertThat(errno(() -> union.stat("link"))).isEqualTo("EINVAL");
    assertThat(union.names("")).containsExactlyInAnyOrder("bad", "good", "link");
    assertThat(union.read("good")).isEqualTo("2");
  }

  @Test
  void whiteouts_areDevicesStill() throws Exception {
    UnionFixture fixture = overridden("f=1", "p=");
    lower(fixture, "p", "7:8:0640:pipe");
    UnionPaths union = fixture.mount();
    union.unlink("f");
    union.unlink("p");
    assertThat(union.names("")).isEmpty();
    union.mknod("p", Linux.S_IFIFO | 0600, 0);
    assertThat(fixture.mount().names("")).containsExactly("p");
    fixture.unmount();
    assertThat(fixture.raw(0)).contains("f !");
  }

  @Test
  void setuid_goesWithAWriteOfSomebodyElse_andWithAChangeOfOwner() throws Exception {
    UnionFixture fixture = overridden("f=1");
    lower(fixture, "f", "7:8:6755");
    UnionPaths union = fixture.mount();
    union.change("f", new AttributeChange().uid(9));
    assertThat(shown(union, "f")).isEqualTo("100755 9:8");
  }

  @Test
  void layerBegunWithTheOldName_keepsIt() throws Exception {
    UnionFixture fixture = overridden("f=1");
    String old = "user.fuseoverlayfs.override_stat";
    fixture.onLayer(
        0,
        layer ->
            layer.setXattr(layer.root(), UnionPaths.bytes(old), UnionPaths.bytes("0:0:40755"), 0));
    UnionPaths union = fixture.mount();
    union.change("f", new AttributeChange().uid(9));
    assertThat(shown(fixture.mount(), "f")).isEqualTo("100644 9:0");
    fixture.unmount();
    fixture.onLayer(
        0,
        layer ->
            assertThat(layer.xattr(LayerTree.ref(layer, "f"), UnionPaths.bytes(old)))
                .isEqualTo(UnionPaths.bytes("9:0:0644:file")));
  }

  @Test
  void securityAttribute_isUsedOnSymlinksToo() throws Exception {
    UnionFixture fixture = over("f=1", "l -> f");
    fixture.overrides = OverrideAttribute.SECURITY;
    UnionPaths union = fixture.mount();
    union.change("l", new AttributeChange().uid(9).gid(9));
    union.change("f", new AttributeChange().uid(9).gid(9));
    assertThat(shown(fixture.mount(), "l")).isEqualTo("120777 9:9");
    assertThat(shown(fixture.mount(), "f")).isEqualTo("100644 9:9");
    fixture.unmount();
    fixture.onLayer(
        0,
        layer -> {
          Stat stat = new Stat();
          assertThat(layer.stat(LayerTree.ref(layer, "l"), stat)).isTrue();
          assertThat(stat.uid()).isZero();
        });
  }
}
