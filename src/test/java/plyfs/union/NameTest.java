package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import plyfs.contract.LayerTree;
import plyfs.sys.Linux;
import plyfs.union.api.AttributeChange;
import plyfs.union.api.Caller;
import plyfs.union.api.NodeView;
import plyfs.union.api.UnionOptions;

/** Making, removing and moving names: SEMANTICS 4.8 to 4.11, 4.14, 4.29, 4.60 to 4.68, 4.78. */
class NameTest extends UnionCase {
  private static final int NOREPLACE = Linux.RENAME_NOREPLACE;
  private static final int EXCHANGE = Linux.RENAME_EXCHANGE;

  @Test
  void createOverWhiteout_replacesIt_whateverTheType() throws Exception {
    UnionFixture fixture = over("f=low", "d/low=", "l=low", "p=low", "h=low", "keep=1");
    UnionPaths union = fixture.mount();
    union.unlink("d/low");
    union.rmdir("d");
    for (String name : new String[] {"f", "l", "p", "h"}) {
      union.unlink(name);
    }
    assertThat(fixture.workdir()).isEmpty();
    union.create("f", "new");
    union.mkdir("d", 0755);
    union.symlink("target", "l");
    union.mknod("p", Linux.S_IFIFO | 0600, 0);
    union.link("keep", "h");
    String[] shown = {"d/", "f=new", "h=1", "keep=1", "l -> target", "p mode 10600"};
    assertThat(union.tree()).containsExactly(shown);
    assertThat(fixture.mount().tree()).containsExactly(shown);
    fixture.unmount();
    assertThat(fixture.raw(0)).containsExactly(shown); // no whiteout left, none in d
    assertThat(fixture.rawXattr(0, "d", "trusted.overlay.opaque")).isEqualTo("y");
  }

  @Test
  void unlink_leavesAWhiteoutOnlyOverSomethingLower() throws Exception {
    UnionFixture fixture = over("low=1", "both=1", "o/x=1");
    fixture.upper("pure=2", "both=2", "o/x=2", "o/ opaque");
    UnionPaths union = fixture.mount();
    for (String path : new String[] {"low", "both", "pure", "o/x"}) {
      union.unlink(path);
    }
    fixture.unmount();
    assertThat(fixture.raw(0)).containsExactly("both !", "low !", "o/");
  }

  @Test
  void rmdir_ofWhiteoutsOnly_works_ofAVisibleChild_changesNothing() throws Exception {
    UnionFixture fixture = over("d/a=1", "e/a=1", "e/b=1");
    fixture.upper("d/a !", "e/a !", "p/x !");
    UnionPaths union = fixture.mount();
    assertThat(errno(() -> union.rmdir("e"))).isEqualTo("ENOTEMPTY");
    union.rmdir("d");
    union.rmdir("p");
    assertAllForgotten(fixture);
    fixture.unmount();
    assertThat(fixture.raw(0)).containsExactly("d !", "e/", "e/a !");
  }

  @Test
  void deletionOfALowerFile_copiesNothing() throws Exception {
    UnionFixture fixture = over("a/b/c=1");
    fixture.mount().unlink("a/b/c");
    fixture.unmount();
    assertThat(fixture.raw(0)).containsExactly("a/", "a/b/", "a/b/c !");
  }

  @Test
  void renameOfALowerFile_leavesOneWhiteout_ofAPureOneNone() throws Exception {
    UnionFixture fixture = over("low=1", "target=1", "d/");
    fixture.upper("pure=2");
    UnionPaths union = fixture.mount();
    long ino = union.view("low").ino();
    union.rename("low", "d/low2", 0);
    union.rename("pure", "target", 0);
    assertThat(union.view("d/low2").ino()).isEqualTo(ino);
    fixture.unmount();
    assertThat(fixture.raw(0)).containsExactly("d/", "d/low2=1", "low !", "target=2");
    assertThat(fixture.mount().tree()).containsExactly("d/", "d/low2=1", "target=2");
  }

  @Test
  void renameOfALowerDirectory_setsARedirect_andChainsSurviveRemount() throws Exception {
    UnionFixture fixture = over("a/b/c/f=1", "x/");
    UnionPaths union = fixture.mount();
    union.rename("a", "a2", 0);
    union.rename("a2", "a3", 0);
    union.rename("a3/b", "x/b2", 0);
    union.rename("x/b2", "x/b3", 0);
    String[] shown = {"a3/", "x/", "x/b3/", "x/b3/c/", "x/b3/c/f=1"};
    assertThat(union.tree()).containsExactly(shown);
    assertThat(fixture.mount().tree()).containsExactly(shown);
    fixture.unmount();
    assertThat(fixture.rawXattr(0, "a3", "trusted.overlay.redirect")).isEqualTo("a");
    assertThat(fixture.rawXattr(0, "x/b3", "trusted.overlay.redirect")).isEqualTo("/a/b");
    UnionPaths again = fixture.mount();
    again.rename("x", "y", 0);
    again.write("y/b3/c/f", 0, "2");
    assertThat(fixture.mount().read("y/b3/c/f")).isEqualTo("2");
  }

  @Test
  void renameOfALowerDirectory_withoutRedirects_orTooDeep_isExdev() throws Exception {
    UnionFixture fixture = over("a/f=1", "x/");
    fixture.options = UnionOptions.DEFAULT.withRedirects(false, true);
    UnionPaths union = fixture.mount();
    assertThat(errno(() -> union.rename("a", "b", 0))).isEqualTo("EXDEV");
    assertThat(errno(() -> union.rename("a", "x", EXCHANGE))).isEqualTo("EXDEV");
    fixture.unmount();
    assertThat(fixture.raw(0)).isEmpty();
    String longName = "n".repeat(255);
    UnionFixture deep = over(longName + "/f=1", "x/");
    UnionPaths wide = deep.mount();
    wide.rename(longName, "short", 0);
    wide.rename("short", longName, 0);
    assertThat(errno(() -> wide.rename(longName, "x/y", 0))).isEqualTo("ok");
    UnionFixture deeper = over("p/" + longName + "/f=1", "x/");
    UnionPaths tooDeep = deeper.mount();
    assertThat(errno(() -> tooDeep.rename("p/" + longName, "x/y", 0))).isEqualTo("EXDEV");
    assertThat(tooDeep.read("p/" + longName + "/f")).isEqualTo("1");
  }

  @Test
  void renameOntoEachKindOfTarget() throws Exception {
    UnionFixture fixture =
        over("f=1", "d/", "wh=1", "lowf=1", "lowd/", "full/x=", "merged/gone=", "pure/");
    fixture.upper("wh !", "merged/gone !", "up=2", "updir/");
    UnionPaths union = fixture.mount();
    assertThat(errno(() -> union.rename("up", "full", 0))).isEqualTo("EISDIR");
    assertThat(errno(() -> union.rename("updir", "f", 0))).isEqualTo("ENOTDIR");
    assertThat(errno(() -> union.rename("updir", "full", 0))).isEqualTo("ENOTEMPTY");
    assertThat(errno(() -> union.rename("full", "full/x/y", 0))).isEqualTo("ENOTDIR");
    assertThat(errno(() -> union.rename("full", "full/y", 0))).isEqualTo("EINVAL");
    assertThat(errno(() -> union.rename("full/x", "full", 0))).isEqualTo("ENOTEMPTY");
    assertThat(errno(() -> union.rename("f", "lowf", NOREPLACE))).isEqualTo("EEXIST");
    assertThat(errno(() -> union.rename("f", "lowf", Linux.RENAME_WHITEOUT))).isEqualTo("EINVAL");
    assertThat(errno(() -> union.rename("f", "none", EXCHANGE))).isEqualTo("ENOENT");
    assertThat(errno(() -> union.rename("none", "f", 0))).isEqualTo("ENOENT");
    union.rename("f", "f", 0);
    union.rename("f", "wh", NOREPLACE);
    union.rename("up", "lowf", 0);
    union.rename("updir", "merged", 0);
    union.rename("full", "lowd", 0);
    union.rename("d", "f", 0); // over the whiteout that the file left
    String[] shown = {"f/", "lowd/", "lowd/x=", "lowf=2", "merged/", "pure/", "wh=1"};
    assertThat(union.tree()).containsExactly(shown);
    assertAllForgotten(fixture);
    assertThat(fixture.mount().tree()).containsExactly(shown);
  }

  @Test
  void pureDirectoryMovedOverALowerName_isOpaque() throws Exception {
    UnionFixture fixture = over("d/low=1");
    UnionPaths union = fixture.mount();
    union.mkdir("new", 0755);
    union.unlink("d/low");
    union.rename("new", "d", 0);
    assertThat(union.names("d")).isEmpty();
    assertThat(fixture.mount().names("d")).isEmpty();
  }

  @Test
  void exchange_ofAllKinds_survivesRemount() throws Exception {
    UnionFixture fixture = over("f=1", "g=2", "d/x=", "e/y=", "s/z=");
    UnionPaths union = fixture.mount();
    union.rename("f", "g", EXCHANGE);
    union.rename("d", "e", EXCHANGE);
    union.rename("f", "s", EXCHANGE);
    String[] shown = {"d/", "d/y=", "e/", "e/x=", "f/", "f/z=", "g=1", "s=2"};
    assertThat(union.tree()).containsExactly(shown);
    assertThat(fixture.mount().tree()).containsExactly(shown);
    UnionPaths again = fixture.mount();
    assertThat(errno(() -> again.rename("f", "f/z", EXCHANGE))).isEqualTo("EINVAL");
  }

  @Test
  void openDirectory_replacedByARename_staysReachable() throws Exception {
    UnionFixture fixture = over("t/gone=1");
    fixture.upper("t/gone !", "s/");
    UnionPaths union = fixture.mount();
    long old = union.resolve("t");
    union.rename("s", "t", 0);
    NodeView view = new NodeView();
    fixture.fs().setAttributes(old, new AttributeChange().mode(0700), union.caller, view);
    assertThat(view.nlink()).isZero();
    assertThat(view.stat().mode() & 07777).isEqualTo(0700);
    assertThat(
            errno(
                () ->
                    fixture.fs().makeDirectory(old, LayerTree.name("x"), 0755, union.caller, view)))
        .isEqualTo("ENOENT");
    fixture.fs().forget(old, 1);
    assertAllForgotten(fixture);
  }

  @Test
  void mknodOfAWhiteout_isEperm() throws Exception {
    UnionFixture fixture = over("f=");
    UnionPaths union = fixture.mount();
    assertThat(errno(() -> union.mknod("w", Linux.S_IFCHR | 0600, 0))).isEqualTo("EPERM");
    assertThat(fixture.raw(1)).containsExactly("f=");
    assertThat(union.names("")).containsExactly("f");
  }

  @Test
  void link_rules() throws Exception {
    UnionFixture fixture = over("f=1", "d/", "l -> f", "gone=");
    UnionPaths union = fixture.mount();
    long ino = union.view("f").ino();
    union.unlink("gone");
    assertThat(errno(() -> union.link("d", "d2"))).isEqualTo("EPERM");
    assertThat(errno(() -> union.link("f", "d"))).isEqualTo("EEXIST");
    union.link("f", "gone");
    union.link("l", "d/l2");
    assertThat(union.view("gone").ino()).isEqualTo(ino);
    assertThat(union.view("f").nlink()).isEqualTo(2);
    union.write("gone", 0, "2");
    assertThat(union.read("f")).isEqualTo("2");
    assertThat(fixture.mount().tree())
        .containsExactly("d/", "d/l2 -> f", "f=2", "gone=2", "l -> f");
  }

  @Test
  void withoutUpper_everyChangeIsErofs() throws Exception {
    UnionFixture fixture = over("f=1", "d/");
    fixture.writable = false;
    UnionPaths union = fixture.mount();
    assertThat(union.tree()).containsExactly("d/", "f=1");
    Attempt[] changes = {
      () -> union.create("n", ""),
      () -> union.open("f", Linux.O_RDWR),
      () -> union.open("f", Linux.O_RDONLY | Linux.O_TRUNC),
      () -> union.truncate("f", 0),
      () -> union.chmod("f", 0600),
      () -> union.change("f", new AttributeChange()),
      () -> union.setXattr("f", "user.a", "b"),
      () -> union.removeXattr("f", "user.a"),
      () -> union.link("f", "g"),
      () -> union.rename("f", "g", 0),
      () -> union.unlink("f"),
      () -> union.rmdir("d"),
      () -> union.mkdir("n", 0755),
      () -> union.symlink("t", "n"),
      () -> union.mknod("n", Linux.S_IFIFO, 0),
      () -> union.openNameless("d", 0600)
    };
    for (Attempt change : changes) {
      assertThat(errno(change)).isEqualTo("EROFS");
    }
    assertThat(fixture.fs().nodeCount()).isEqualTo(1);
    assertThat(fixture.fs().handleCount()).isZero();
  }

  @Test
  void setgidDirectory_givesItsGroup_andUmaskApplies() throws Exception {
    UnionFixture fixture = over("d/");
    fixture.onLayer(
        1,
        layer -> {
          layer.chown(LayerTree.ref(layer, "d"), 0, 77);
          layer.chmod(LayerTree.ref(layer, "d"), 02770);
        });
    UnionPaths union = fixture.mount();
    union.caller = new Caller(5, 6, 077, () -> false);
    union.create("d/f", "");
    union.mkdir("d/s", 0777);
    union.create("g", "");
    assertThat(union.stat("d/f").gid()).isEqualTo(77);
    assertThat(union.stat("d/f").uid()).isEqualTo(5);
    assertThat(union.stat("d/f").mode() & 07777).isEqualTo(0600);
    assertThat(union.stat("d/s").mode() & 07777).isEqualTo(02700);
    assertThat(union.stat("g").gid()).isEqualTo(6);
  }
}
