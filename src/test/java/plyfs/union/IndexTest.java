package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import plyfs.contract.LayerTree;
import plyfs.layer.LayerRef;
import plyfs.layer.MountRefusedException;
import plyfs.layer.UpperLayer;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.union.api.AttributeChange;

/** Hard links of lower files that stay together: SEMANTICS 2.13, 4.24, 4.29, 5.6 to 5.10. */
class IndexTest extends UnionCase {
  /** A lower layer with a file of three names: {@code a}, {@code d/b} and {@code d/c}. */
  final UnionFixture linked() throws ErrnoException, MountRefusedException {
    UnionFixture fixture = layers(1);
    link(fixture, 1);
    fixture.index = true;
    return fixture;
  }

  static void link(UnionFixture fixture, int layer) throws ErrnoException, MountRefusedException {
    fixture.lower(layer, "a=1", "d/", "single=s");
    fixture.onLayer(
        layer,
        on -> {
          on.link(LayerTree.ref(on, "a"), LayerTree.ref(on, "d"), LayerTree.name("b"));
          on.link(LayerTree.ref(on, "a"), LayerTree.ref(on, "d"), LayerTree.name("c"));
        });
  }

  private static List<String> all(String content) {
    return List.of("a=" + content, "d/", "d/b=" + content, "d/c=" + content, "single=s");
  }

  private static void assertLinks(UnionPaths union, int count, String... paths)
      throws ErrnoException {
    for (String path : paths) {
      assertThat(union.view(path).nlink()).as(path).isEqualTo(count);
    }
  }

  @Test
  void namesOfOneLowerFile_shareANode_alsoOverCopyUpAndRemount() throws Exception {
    UnionFixture fixture = linked();
    UnionPaths union = fixture.mount();
    long node = union.resolve("a");
    assertThat(union.resolve("d/b")).isEqualTo(node);
    long ino = union.view("a").ino();
    assertLinks(union, 3, "a", "d/b", "d/c");
    union.write("d/b", 1, "+");
    assertThat(union.tree()).isEqualTo(all("1+"));
    assertLinks(union, 3, "a", "d/b", "d/c");
    assertThat(union.view("d/c").ino()).isEqualTo(ino);
    fixture.fs().forget(node, 2);
    for (String first : new String[] {"a", "d/c"}) {
      UnionPaths again = fixture.mount();
      assertThat(again.read(first)).isEqualTo("1+");
      assertThat(again.tree()).isEqualTo(all("1+"));
      assertLinks(again, 3, "a", "d/b", "d/c");
      assertThat(again.view("d/c").ino()).isEqualTo(ino);
      assertThat(again.list("d", false))
          .anyMatch(entry -> entry.name().equals("b") && entry.ino() == ino);
    }
    assertThat(fixture.indexEntries()).hasSize(1);
  }

  @Test
  void copyUp_linksTheNamesThatAreKnown_andTheOthersWithTheNextChange() throws Exception {
    UnionFixture fixture = linked();
    UnionPaths union = fixture.mount();
    union.chmod("a", 0600);
    fixture.unmount();
    assertThat(fixture.raw(0)).containsExactly("a=1");
    union = fixture.mount();
    assertThat(union.stat("d/b").mode() & 07777).isEqualTo(0600);
    union.chmod("d/b", 0640);
    assertLinks(union, 3, "a", "d/b", "d/c");
    fixture.unmount();
    assertThat(fixture.raw(0)).containsExactly("a=1", "d/", "d/b=1");
    assertThat(fixture.rawXattr(0, "a", "trusted.overlay.nlink")).isEqualTo("U+0");
  }

  @Test
  void unlink_lowersTheCount_andTheLastOneEndsTheEntry() throws Exception {
    UnionFixture fixture = linked();
    UnionPaths union = fixture.mount();
    union.unlink("a");
    assertLinks(union, 2, "d/b", "d/c");
    assertThat(union.read("d/b")).isEqualTo("1");
    union = fixture.mount();
    assertLinks(union, 2, "d/b", "d/c");
    union.unlink("d/b");
    assertLinks(union, 1, "d/c");
    long reader = union.open("d/c", Linux.O_RDONLY);
    union.unlink("d/c");
    assertThat(union.readAt(reader, 0, 10)).isEqualTo("1");
    union.release(reader);
    assertThat(fixture.indexEntries()).isEmpty();
    assertAllForgotten(fixture);
    assertThat(fixture.mount().tree()).containsExactly("d/", "single=s");
  }

  @Test
  void renameOverALink_lowersTheCount_andOverAnotherLinkDoesNothing() throws Exception {
    UnionFixture fixture = linked();
    UnionPaths union = fixture.mount();
    union.rename("d/b", "a", 0);
    assertLinks(union, 3, "a", "d/b", "d/c");
    union.rename("single", "a", 0);
    assertLinks(union, 2, "d/b", "d/c");
    union.rename("d/b", "moved", 0);
    assertLinks(union, 2, "moved", "d/c");
    union.rename("moved", "a", Linux.RENAME_EXCHANGE);
    List<String> expected = List.of("a=1", "d/", "d/c=1", "moved=s");
    assertThat(union.tree()).isEqualTo(expected);
    assertLinks(union, 2, "a", "d/c");
    union = fixture.mount();
    assertThat(union.tree()).isEqualTo(expected);
    assertLinks(union, 2, "a", "d/c");
    union.write("a", 1, "+");
    assertThat(union.read("d/c")).isEqualTo("1+");
  }

  @Test
  void link_keepsTheInode_andRaisesTheCount() throws Exception {
    UnionFixture fixture = linked();
    UnionPaths union = fixture.mount();
    long ino = union.view("a").ino();
    union.link("a", "e");
    assertLinks(union, 4, "a", "d/b", "d/c", "e");
    assertThat(union.view("e").ino()).isEqualTo(ino);
    union = fixture.mount();
    assertLinks(union, 4, "e", "d/b", "d/c", "a");
    assertThat(union.resolve("e")).isEqualTo(union.resolve("d/c"));
    union.unlink("a");
    union.unlink("d/b");
    union.unlink("d/c");
    assertLinks(union, 1, "e");
    union = fixture.mount();
    assertLinks(union, 1, "e");
    union.unlink("e");
    assertThat(fixture.indexEntries()).isEmpty();
  }

  @Test
  void truncationOfALink_isSeenThroughTheOthers() throws Exception {
    UnionFixture fixture = linked();
    UnionPaths union = fixture.mount();
    long reader = union.open("d/c", Linux.O_RDONLY);
    union.truncate("d/b", 0);
    assertThat(union.readAt(reader, 0, 10)).isEmpty();
    union.release(reader);
    assertThat(union.tree()).isEqualTo(all(""));
    assertThat(fixture.mount().tree()).isEqualTo(all(""));
  }

  @Test
  void linkedSymlink_isIndexedLikeAFile() throws Exception {
    UnionFixture fixture = layers(1);
    fixture.lower(1, "s -> there");
    fixture.onLayer(1, on -> on.link(LayerTree.ref(on, "s"), on.root(), LayerTree.name("t")));
    fixture.index = true;
    UnionPaths union = fixture.mount();
    AttributeChange change = new AttributeChange().uid(5).gid(6);
    union.change("s", change);
    assertThat(union.stat("t").uid()).isEqualTo(5);
    union = fixture.mount();
    assertThat(union.stat("t").uid()).isEqualTo(5);
    assertLinks(union, 2, "s", "t");
    assertThat(fixture.indexEntries()).hasSize(1);
  }

  @Test
  void orphans_goAtTheNextMount_andWhatHasNamesInLowersStays() throws Exception {
    UnionFixture fixture = linked();
    UnionPaths union = fixture.mount();
    union.write("a", 1, "+");
    fixture.unmount();
    // As a crash between copy-up and the first link leaves it.
    fixture.onLayer(0, on -> on.unlink(on.root(), LayerTree.name("a")));
    setMark(fixture, "U+2");
    union = fixture.mount();
    assertThat(union.tree()).isEqualTo(all("1+"));
    assertLinks(union, 3, "a", "d/b", "d/c");
    fixture.unmount();
    // As a crash leaves it after the last name went and before the entry did.
    setMark(fixture, "U-1");
    fixture.mount();
    assertThat(fixture.indexEntries()).isEmpty();
  }

  /** Writes the nlink mark of the only entry. */
  private static void setMark(UnionFixture fixture, String value) throws Exception {
    fixture.onIndexed(
        (layer, directory) ->
            layer.setXattr(
                new LayerRef(directory, LayerTree.name(fixture.indexEntries().get(0))),
                layerMark(),
                UnionPaths.bytes(value),
                0));
  }

  private static byte[] layerMark() {
    return UnionPaths.bytes("trusted.overlay.nlink");
  }

  @Test
  void staleEntry_goes_andOneThatIsNotUnderstoodRefusesTheMount() throws Exception {
    UnionFixture fixture = linked();
    UnionPaths union = fixture.mount();
    union.write("a", 1, "+");
    fixture.unmount();
    String entry = fixture.indexEntries().get(0);
    String other = entry.substring(0, entry.length() - 2) + "ff";
    fixture.onIndexed(
        (layer, directory) -> {
          LayerRef good = new LayerRef(directory, LayerTree.name(entry));
          layer.link(good, directory, LayerTree.name(other));
        });
    assertThat(fixture.mount().tree()).isEqualTo(all("1+"));
    assertThat(fixture.indexEntries()).containsExactly(entry);
    fixture.unmount();
    fixture.onIndexed(
        (layer, directory) -> {
          LayerRef good = new LayerRef(directory, LayerTree.name(entry));
          layer.link(good, directory, LayerTree.name("readme"));
        });
    assertThatThrownBy(fixture::mount)
        .isInstanceOf(MountRefusedException.class)
        .hasMessageContaining("readme");
  }

  @Test
  void upperOfOtherLayers_isRefused() throws Exception {
    UnionFixture fixture = linked();
    fixture.mount();
    fixture.unmount();
    fixture.mark(0, "", "trusted.overlay.origin", "another");
    assertThatThrownBy(fixture::mount)
        .isInstanceOf(MountRefusedException.class)
        .hasMessageContaining("ESTALE");
    fixture.index = false;
    assertThat(fixture.mount().tree()).isEqualTo(all("1"));
  }

  @Test
  void indexOfAnotherUpper_isRefused() throws Exception {
    UnionFixture fixture = linked();
    fixture.mount();
    fixture.unmount();
    fixture.onIndexed(
        (layer, directory) ->
            layer.setXattr(
                directory, UnionPaths.bytes("trusted.overlay.upper"), new byte[] {1}, 0));
    assertThatThrownBy(fixture::mount)
        .isInstanceOf(MountRefusedException.class)
        .hasMessageContaining("ESTALE");
  }

  @Test
  void withoutIndex_nothingOfItIsOnDisk() throws Exception {
    UnionFixture fixture = linked();
    fixture.index = false;
    UnionPaths union = fixture.mount();
    union.write("a", 1, "+");
    assertThat(union.read("d/b")).isEqualTo("1");
    fixture.unmount();
    assertThat(fixture.rawXattr(0, "a", "trusted.overlay.nlink")).isNull();
  }

  /** Something to do with an upper layer and its index. */
  interface OnIndex {
    void run(UpperLayer layer, LayerRef directory) throws ErrnoException;
  }
}
