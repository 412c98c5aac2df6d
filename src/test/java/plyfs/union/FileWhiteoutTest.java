package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import plyfs.layer.WhiteoutForm;
import plyfs.sys.Linux;

/** Deletions stored as files {@code .wh.NAME}: SEMANTICS 2.20, 4.13. */
final class FileWhiteoutTest extends UnionCase {
  private UnionFixture withFiles(String... lower) throws Exception {
    UnionFixture fixture = over(lower);
    fixture.whiteouts = WhiteoutForm.FILE;
    return fixture;
  }

  @Test
  void unlink_leavesAFileBesideTheName_onlyOverSomethingLower() throws Exception {
    UnionFixture fixture = withFiles("low=1", "both=1", "keep=1");
    fixture.upper("pure=2", "both=2");
    UnionPaths union = fixture.mount();
    union.unlink("low");
    union.unlink("both");
    union.unlink("pure");
    assertThat(union.tree()).containsExactly("keep=1");
    assertThat(fixture.workdir()).isEmpty();
    assertThat(fixture.mount().tree()).containsExactly("keep=1");
    fixture.unmount();
    assertThat(fixture.raw(0)).containsExactly(".wh.both=", ".wh.low=");
  }

  @Test
  void recreation_besideTheMark_hidesWhatIsBelow_whateverTheType() throws Exception {
    UnionFixture fixture = withFiles("f=low", "d/low=", "d/deep/x=", "l=low", "h=low", "keep=1");
    UnionPaths union = fixture.mount();
    union.unlink("d/low");
    union.unlink("d/deep/x");
    union.rmdir("d/deep");
    union.rmdir("d");
    for (String name : new String[] {"f", "l", "h"}) {
      union.unlink(name);
    }
    union.create("f", "new");
    union.mkdir("d", 0755);
    union.symlink("target", "l");
    union.link("keep", "h");
    String[] shown = {"d/", "f=new", "h=1", "keep=1", "l -> target"};
    assertThat(union.tree()).containsExactly(shown);
    assertThat(fixture.mount().tree()).containsExactly(shown);
    UnionPaths again = fixture.mount();
    again.unlink("f");
    again.rmdir("d");
    assertThat(again.tree()).containsExactly("h=1", "keep=1", "l -> target");
    assertThat(fixture.mount().tree()).containsExactly("h=1", "keep=1", "l -> target");
    assertThat(fixture.workdir()).isEmpty();
  }

  @Test
  void rename_leavesTheMark_andDirectoriesWithALowerPartStay() throws Exception {
    UnionFixture fixture = withFiles("f=1", "over=1", "d/x=1", "gone=1");
    UnionPaths union = fixture.mount();
    union.unlink("gone");
    union.rename("f", "gone", 0);
    union.mkdir("new", 0755);
    union.create("new/y", "2");
    union.unlink("over");
    union.rename("new", "over", 0);
    assertThat(errno(() -> union.rename("d", "e", 0))).isEqualTo("EXDEV");
    assertThat(errno(() -> union.rename("d", "over", Linux.RENAME_EXCHANGE))).isEqualTo("EXDEV");
    String[] shown = {"d/", "d/x=1", "gone=1", "over/", "over/y=2"};
    assertThat(union.tree()).containsExactly(shown);
    assertThat(fixture.mount().tree()).containsExactly(shown);
    fixture.unmount();
    assertThat(fixture.raw(0)).contains(".wh.f=", ".wh.gone=", "gone=1");
  }

  @Test
  void crashBetweenTheMarkAndTheRemoval_leavesTheOldState() throws Exception {
    UnionFixture fixture = withFiles("f=low", "d/a=low", "m=low");
    fixture.upper("f=new", ".wh.f=", "d/.wh.a=", ".wh.d=", "m=moved", ".wh.m=");
    String[] old = {"d/", "f=new", "m=moved"};
    UnionPaths union = fixture.mount();
    assertThat(union.tree()).containsExactly(old);
    union.unlink("f");
    union.rmdir("d");
    union.rename("m", "n", 0);
    assertThat(union.tree()).containsExactly("n=moved");
    assertThat(fixture.mount().tree()).containsExactly("n=moved");
  }

  @Test
  void nameOf252Bytes_cannotBeDeletedFromALowerLayer() throws Exception {
    String fits = "n".repeat(251);
    String tooLong = "n".repeat(252);
    UnionFixture fixture = withFiles(fits + "=1", tooLong + "=1");
    UnionPaths union = fixture.mount();
    union.unlink(fits);
    assertThat(errno(() -> union.unlink(tooLong))).isEqualTo("ENAMETOOLONG");
    assertThat(errno(() -> union.rename(tooLong, "x", 0))).isEqualTo("ENAMETOOLONG");
    union.create("y".repeat(255), "");
    union.unlink("y".repeat(255));
    assertThat(union.tree()).containsExactly(tooLong + "=1");
    assertThat(fixture.mount().tree()).containsExactly(tooLong + "=1");
  }

  @Test
  void upperWithBothForms_isRead_andWorkedOn_inEitherMode() throws Exception {
    for (WhiteoutForm form : new WhiteoutForm[] {WhiteoutForm.CHAR, WhiteoutForm.FILE}) {
      UnionFixture fixture = over("a=1", "b=1", "c/x=1", "keep=1");
      fixture.upper("a !", ".wh.b=", "c !");
      fixture.whiteouts = form;
      UnionPaths union = fixture.mount();
      assertThat(union.tree()).containsExactly("keep=1");
      union.create("a", "2");
      union.create("b", "2");
      union.mkdir("c", 0755);
      union.rename("keep", "kept", 0);
      assertThat(fixture.mount().tree()).containsExactly("a=2", "b=2", "c/", "kept=1");
      UnionPaths again = fixture.mount();
      again.unlink("a");
      again.unlink("b");
      again.rmdir("c");
      assertThat(fixture.mount().tree()).containsExactly("kept=1");
    }
  }

  @Test
  void directoryWithALowerPart_doesNotMoveBesideAMark() throws Exception {
    UnionFixture fixture = over("d/x=1", "e=1");
    fixture.upper(".wh.e=");
    UnionPaths union = fixture.mount();
    assertThat(errno(() -> union.rename("d", "e", 0))).isEqualTo("EXDEV");
    union.rename("d", "free", 0);
    assertThat(fixture.mount().tree()).containsExactly("free/", "free/x=1");
  }
}
