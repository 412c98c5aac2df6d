package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import plyfs.contract.LayerTree;
import plyfs.layer.MountRefusedException;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.union.api.UnionOptions;

/** Hard links that stay together while their data is still below: SEMANTICS 2.13, 2.21. */
class IndexedMetacopyTest extends UnionCase {
  private static final String METACOPY = "trusted.overlay.metacopy";

  /** A lower file of three names: {@code a}, {@code d/b} and {@code d/c}. */
  private UnionFixture linked() throws ErrnoException, MountRefusedException {
    UnionFixture fixture = layers(1);
    IndexTest.link(fixture, 1);
    return on(fixture);
  }

  private static UnionFixture on(UnionFixture fixture) {
    fixture.index = true;
    fixture.options = UnionOptions.DEFAULT.withMetacopy(true);
    return fixture;
  }

  private static List<String> all(String content) {
    return List.of("a=" + content, "d/", "d/b=" + content, "d/c=" + content, "single=s");
  }

  @Test
  void chmodOfOneLink_isSeenByAll_andLeavesTheDataBelow() throws Exception {
    UnionFixture fixture = linked();
    fixture.mount().chmod("a", 0600);
    fixture.unmount();
    assertThat(fixture.raw(0)).containsExactly("a=\0");
    assertThat(fixture.rawXattr(0, "a", METACOPY)).isEmpty();
    for (String first : new String[] {"d/c", "a"}) {
      UnionPaths union = fixture.mount();
      assertThat(union.read(first)).isEqualTo("1");
      assertThat(union.stat("d/b").mode() & 07777).isEqualTo(0600);
      assertThat(union.tree()).isEqualTo(all("1"));
    }
  }

  @Test
  void writeThroughALowerName_bringsTheDataForAllNames() throws Exception {
    for (boolean remount : new boolean[] {false, true}) {
      UnionFixture fixture = linked();
      UnionPaths union = fixture.mount();
      union.chmod("a", 0600);
      union = remount ? fixture.mount() : union;
      long reader = union.open("d/b", Linux.O_RDONLY);
      assertThat(union.readAt(reader, 0, 10)).isEqualTo("1");
      union.write("d/c", 1, "+");
      assertThat(union.readAt(reader, 0, 10)).isEqualTo("1+");
      union.release(reader);
      assertThat(union.tree()).isEqualTo(all("1+"));
      assertThat(fixture.mount().tree()).isEqualTo(all("1+"));
      fixture.unmount();
      assertThat(fixture.rawXattr(0, "a", METACOPY)).isNull();
    }
  }

  @Test
  void truncationThroughALowerName_isSeenByAllNames() throws Exception {
    UnionFixture fixture = linked();
    fixture.mount().chmod("a", 0600);
    UnionPaths union = fixture.mount();
    union.truncate("d/b", 3);
    assertThat(union.tree()).isEqualTo(all("1\0\0"));
    assertThat(fixture.mount().tree()).isEqualTo(all("1\0\0"));
  }

  @Test
  void renamesAndUnlinks_leaveTheOtherNamesTheirData() throws Exception {
    UnionFixture fixture = linked();
    UnionPaths union = fixture.mount();
    union.chmod("d/b", 0600);
    union.rename("a", "moved", 0);
    union.rename("d", "e", 0);
    union.link("e/c", "e/new");
    union = fixture.mount();
    union.unlink("e/b");
    List<String> expected = List.of("e/", "e/c=1", "e/new=1", "moved=1", "single=s");
    assertThat(union.tree()).isEqualTo(expected);
    union = fixture.mount();
    assertThat(union.tree()).isEqualTo(expected);
    assertThat(union.view("moved").nlink()).isEqualTo(3);
    union.write("e/c", 1, "+");
    assertThat(union.read("moved") + union.read("e/new")).isEqualTo("1+1+");
    union = fixture.mount();
    for (String name : new String[] {"moved", "e/c", "e/new"}) {
      assertThat(union.read(name)).isEqualTo("1+");
      union.unlink(name);
    }
    assertThat(fixture.indexEntries()).isEmpty();
    assertAllForgotten(fixture);
  }

  @Test
  void linksOfALowerMetacopyFile_seeWhatIsWritten_andNoLongerWhatIsBelow() throws Exception {
    UnionFixture fixture = layers(2);
    fixture.lower(1, "a=....", "d/");
    fixture.mark(1, "a", METACOPY, "");
    fixture.mark(1, "a", "trusted.overlay.redirect", "/data");
    fixture.onLayer(
        1, top -> top.link(LayerTree.ref(top, "a"), LayerTree.ref(top, "d"), LayerTree.name("b")));
    fixture.lower(2, "data=data");
    on(fixture);
    UnionPaths union = fixture.mount();
    union.chmod("a", 0600);
    assertThat(union.read("a") + union.read("d/b")).isEqualTo("datadata");
    union = fixture.mount();
    assertThat(union.read("d/b") + union.read("a")).isEqualTo("datadata");
    union.write("a", 0, "NEW!");
    union = fixture.mount();
    assertThat(union.read("d/b")).isEqualTo("NEW!");
    union = fixture.mount();
    union.write("d/b", 4, "+");
    assertThat(union.read("d/b") + union.read("a")).isEqualTo("NEW!+NEW!+");
    assertThat(fixture.mount().tree()).containsExactly("a=NEW!+", "d/", "d/b=NEW!+", "data=data");
  }
}
