package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import plyfs.sys.ErrnoException;

/**
 * Different files have different inode numbers, whatever was copied, linked or moved in the upper
 * directory between mounts, and keep them as long as the mount.
 */
class ShownNumbersTest extends UnionCase {
  /** How many sequences of each kind are tried. */
  private static final int SEEDS = Integer.getInteger("plyfs.numbers.seeds", 1);

  private static long ino(UnionPaths union, String path) throws ErrnoException {
    return union.view(path).ino();
  }

  private static long listed(UnionPaths union, String directory, String name)
      throws ErrnoException {
    return union.list(directory, false).stream()
        .filter(entry -> entry.name().equals(name))
        .findFirst()
        .orElseThrow()
        .ino();
  }

  /** Looks at paths, the first one first; they differ, also when they are listed. */
  private static List<Long> assertDiffer(UnionPaths union, String... paths) throws ErrnoException {
    List<Long> seen = new ArrayList<>();
    for (String path : paths) {
      seen.add(ino(union, path));
    }
    assertThat(seen).doesNotHaveDuplicates();
    for (int i = 0; i < paths.length; i++) {
      int slash = paths[i].lastIndexOf('/');
      String directory = slash < 0 ? "" : paths[i].substring(0, slash);
      assertThat(listed(union, directory, paths[i].substring(slash + 1))).isEqualTo(seen.get(i));
      assertThat(ino(union, paths[i])).as("again").isEqualTo(seen.get(i));
    }
    return seen;
  }

  @Test
  void copyOfACopiedUpFile_madeOutside_differs_asLongAsTheMount() throws Exception {
    UnionFixture fixture = over("origin=same");
    long original = ino(fixture.mount(), "origin");
    fixture.mount().rename("origin", "ref1", 0);
    fixture.unmount();
    fixture.onLayer(0, upper -> Outside.copy(upper, "ref1", "ref2"));
    for (String[] order : new String[][] {{"ref1", "ref2"}, {"ref2", "ref1"}}) {
      UnionPaths union = fixture.mount();
      List<Long> seen = assertDiffer(union, order);
      assertThat(seen.get(0)).isEqualTo(original);
      union.chmod(order[1], 0600);
      assertThat(ino(union, order[1])).isEqualTo(seen.get(1));
    }
    UnionPaths union = fixture.mount();
    List<Long> seen = assertDiffer(union, "ref1", "ref2");
    union.unlink("ref1");
    assertThat(ino(union, "ref2")).as("after the first is gone").isEqualTo(seen.get(1));
    assertAllForgotten(fixture);
  }

  @Test
  void fileCopiedUpWithAnIndex_withoutIt_differsFromTheLinkThatStayed() throws Exception {
    UnionFixture fixture = over("a=old", "d/");
    fixture.onLayer(1, lower -> Outside.link(lower, "a", "d/b"));
    fixture.index = true;
    fixture.mount().write("a", 0, "new");
    fixture.unmount();
    fixture.index = false;
    fixture.onLayer(0, upper -> Outside.remove(upper, "d/b"));
    fixture.onLayer(0, upper -> Outside.link(upper, "a", "c"));
    UnionPaths union = fixture.mount();
    assertDiffer(union, "a", "d/b");
    assertThat(ino(union, "c")).isEqualTo(ino(union, "a"));
    assertThat(union.tree()).containsExactly("a=new", "c=new", "d/", "d/b=old");
  }

  @Test
  void copyOfAnIndexedFile_madeOutside_differsFromItsLinks() throws Exception {
    UnionFixture fixture = over("a=old", "d/");
    fixture.onLayer(1, lower -> Outside.link(lower, "a", "d/b"));
    fixture.index = true;
    fixture.mount().write("a", 0, "new");
    fixture.unmount();
    fixture.onLayer(0, upper -> Outside.copy(upper, "a", "c"));
    fixture.onLayer(0, upper -> Outside.link(upper, "a", "o"));
    for (String[] order : new String[][] {{"a", "c"}, {"c", "d/b"}, {"c", "o"}}) {
      UnionPaths union = fixture.mount();
      assertDiffer(union, order);
      assertThat(ino(union, "d/b")).isEqualTo(ino(union, "a")).isEqualTo(ino(union, "o"));
    }
  }

  @Test
  void copiedUpFile_movedOutside_differsFromTheLowerFileThatIsSeenAgain() throws Exception {
    UnionFixture fixture = over("f=lower");
    fixture.mount().write("f", 0, "upper");
    fixture.unmount();
    fixture.onLayer(0, upper -> Outside.copy(upper, "f", "g"));
    fixture.onLayer(0, upper -> Outside.remove(upper, "f"));
    for (String[] order : new String[][] {{"f", "g"}, {"g", "f"}}) {
      UnionPaths union = fixture.mount();
      long held = union.resolve(order[0]);
      List<Long> seen = assertDiffer(union, order);
      fixture.fs().forget(held, 1);
      assertThat(ino(union, order[1])).isEqualTo(seen.get(1));
      assertThat(ino(union, order[0])).isEqualTo(seen.get(0));
    }
    UnionPaths union = fixture.mount();
    List<Long> seen = assertDiffer(union, "g", "f");
    union.chmod("f", 0600);
    assertThat(assertDiffer(union, "f", "g"))
        .as("copied up")
        .containsExactly(seen.get(1), seen.get(0));
  }

  @Test
  void copyOfACopiedUpDirectory_madeOutside_differsInAllThatIsInIt() throws Exception {
    UnionFixture fixture = over("d/f=1", "d/sub/g=2", "d/low=3");
    UnionPaths first = fixture.mount();
    first.chmod("d/f", 0600);
    first.chmod("d/sub/g", 0600);
    first.rename("d", "moved", 0);
    fixture.unmount();
    fixture.onLayer(0, upper -> Outside.copy(upper, "moved", "copy"));
    fixture.onLayer(0, upper -> Outside.copy(upper, "moved/sub", "sub"));
    UnionPaths union = fixture.mount();
    assertDiffer(union, "copy", "moved", "sub", "moved/sub", "copy/sub");
    assertDiffer(union, "moved/f", "copy/f", "sub/g", "copy/sub/g", "moved/sub/g");
    long held = union.resolve("copy/low");
    long other = union.resolve("moved/low");
    union.chmod("copy/low", 0600);
    List<Long> seen = assertDiffer(union, "copy/low", "moved/low");
    fixture.fs().forget(held, 1);
    fixture.fs().forget(other, 1);
    union.chmod("moved/low", 0640);
    assertThat(assertDiffer(union, "moved/low", "copy/low"))
        .containsExactly(seen.get(1), seen.get(0));
  }

  @Test
  void copyInADirectoryOfItsOwn_madeOutside_isListedWithTheNumberThatItHas() throws Exception {
    UnionFixture fixture = over("f=1");
    fixture.mount().chmod("f", 0600);
    fixture.unmount();
    fixture.upper("pure/");
    fixture.onLayer(0, upper -> Outside.copy(upper, "f", "pure/f"));
    for (String[] order : new String[][] {{"pure/f", "f"}, {"f", "pure/f"}}) {
      UnionPaths union = fixture.mount();
      long before = listed(union, "pure", "f");
      assertDiffer(union, order);
      assertThat(ino(union, "pure/f")).isEqualTo(before);
      union.chmod("f", 0600);
      union.rename("f", "pure/g", 0);
      assertThat(ino(union, "pure/f")).as("once others have origins").isEqualTo(before);
      union.rename("pure/f", "h", 0);
      assertThat(ino(union, "h")).as("elsewhere").isEqualTo(before);
      union.rename("h", "pure/f", 0);
      union.rename("pure/g", "f", 0);
      fixture.unmount();
      fixture.onLayer(0, upper -> Outside.makePure(upper, "pure"));
    }
  }

  @Test
  void whateverIsDoneOutside_differentFilesHaveDifferentNumbers() throws Exception {
    int first = 0;
    for (NumbersCase each : NumbersCase.all(onHost())) {
      first += 1000;
      for (int seed = first; seed < first + SEEDS; seed++) {
        try (UnionFixture fixture = onHost() ? UnionFixture.onHost(2) : UnionFixture.inMemory(2)) {
          new NumbersRun(fixture, each, seed).run();
        }
      }
    }
  }
}
