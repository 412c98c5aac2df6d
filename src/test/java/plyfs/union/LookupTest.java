package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import plyfs.contract.LayerTree;
import plyfs.layer.UpperLayer;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.union.api.UnionOptions;

/** SEMANTICS 4.1 to 4.8, 4.91, 2.14, 2.21. */
class LookupTest extends UnionCase {
  private static final String OPAQUE = "trusted.overlay.opaque";
  private static final String REDIRECT = "trusted.overlay.redirect";

  private static void device(UpperLayer layer, String path, int type, int rdev)
      throws ErrnoException {
    layer.publish(layer.prepareNode(type, rdev), layer.root(), LayerTree.name(path));
  }

  @Test
  void whiteoutInUpperOrMiddle_hidesWhatIsBelow_andIsNotListed() throws Exception {
    UnionFixture fixture = layers(3);
    fixture.lower(3, "x=1", "y=1", "d/x=1", "d/z=1");
    fixture.lower(2, "y !", "d/z=2");
    fixture.upper("x !", "d/x !");
    UnionPaths union = fixture.mount();
    assertThat(union.tree()).containsExactly("d/", "d/z=2");
    assertThat(errno(() -> union.stat("x"))).isEqualTo("ENOENT");
    assertThat(errno(() -> union.stat("y"))).isEqualTo("ENOENT");
    assertAllForgotten(fixture);
  }

  @Test
  void devicesThatAreNotZeroZero_areShown() throws Exception {
    UnionFixture fixture = over("a=1", "b=1");
    fixture.onLayer(
        0,
        layer -> {
          device(layer, "a", Linux.S_IFCHR, 1);
          device(layer, "b", Linux.S_IFBLK, 0);
        });
    UnionPaths union = fixture.mount();
    assertThat(union.tree()).containsExactly("a mode 20600", "b mode 60600");
  }

  @Test
  void xattrWhiteout_hides_andIsListedOnlyWithoutTheAnnouncement() throws Exception {
    UnionFixture fixture = layers(2);
    fixture.lower(2, "d/x=1", "d/y=1", "e/x=1");
    fixture.lower(1, "d/x=", "d/n=full", "e/x=");
    fixture.mark(1, "d/x", "trusted.overlay.whiteout", "");
    fixture.mark(1, "d/n", "trusted.overlay.whiteout", "");
    fixture.mark(1, "d", OPAQUE, "x");
    fixture.mark(1, "e/x", "trusted.overlay.whiteout", "y");
    UnionPaths union = fixture.mount();
    assertThat(union.names("d")).containsExactly("n", "y");
    assertThat(errno(() -> union.stat("d/x"))).isEqualTo("ENOENT");
    assertThat(union.names("e")).containsExactly("x");
    assertThat(errno(() -> union.stat("e/x"))).isEqualTo("ENOENT");
  }

  @Test
  void createOverXattrWhiteoutInUpper_replacesIt() throws Exception {
    UnionFixture fixture = over("x=1", "d/y=1");
    fixture.upper("x=", "d=");
    fixture.mark(0, "x", "trusted.overlay.whiteout", "");
    fixture.mark(0, "d", "trusted.overlay.whiteout", "");
    UnionPaths union = fixture.mount();
    union.create("x", "new");
    union.mkdir("d", 0755);
    assertThat(fixture.mount().tree()).containsExactly("d/", "x=new");
  }

  @Test
  void opaqueY_hidesBelow_otherValuesMeanNothing() throws Exception {
    UnionFixture fixture = layers(3);
    fixture.lower(3, "y/low=", "n/low=", "yy/low=", "empty/low=");
    fixture.lower(2, "y/mid=", "n/mid=", "yy/mid=", "empty/mid=");
    fixture.upper("y/up=");
    fixture.mark(2, "y", OPAQUE, "y");
    fixture.mark(2, "n", OPAQUE, "n");
    fixture.mark(2, "yy", OPAQUE, "yy");
    fixture.mark(2, "empty", OPAQUE, "");
    fixture.mark(2, "", OPAQUE, "y");
    UnionPaths union = fixture.mount();
    assertThat(union.names("y")).containsExactly("mid", "up");
    assertThat(union.names("n")).containsExactly("low", "mid");
    assertThat(union.names("yy")).containsExactly("low", "mid");
    assertThat(union.names("empty")).containsExactly("low", "mid");
  }

  @Test
  void fileOverDirectory_andDirectoryOverFile_neverMerge() throws Exception {
    UnionFixture fixture = layers(3);
    fixture.lower(3, "a/low=", "b/low=", "c=file");
    fixture.lower(2, "a=middle", "c/mid=");
    fixture.lower(1, "a/top=", "b=file");
    UnionPaths union = fixture.mount();
    assertThat(union.tree()).containsExactly("a/", "a/top=", "b=file", "c/", "c/mid=");
  }

  @Test
  void aufsMarks_hideOnlyBelow_andAreNeverShown() throws Exception {
    UnionFixture fixture = layers(3);
    fixture.lower(3, "a=low", "b=low", "d/low=", "e/low=");
    fixture.lower(2, ".wh.a=", "a=beside", ".wh.b=", "d/.wh..wh..opq=", "d/mid=", ".wh..wh.aufs=");
    fixture.lower(1, "e/.wh.low=", ".wh.=");
    UnionPaths union = fixture.mount();
    assertThat(union.tree()).containsExactly("a=beside", "d/", "d/mid=", "e/");
    assertThat(errno(() -> union.create(".wh.foo", ""))).isEqualTo("EINVAL");
    assertThat(errno(() -> union.rename("a", ".wh.foo", 0))).isEqualTo("EINVAL");
    assertThat(errno(() -> union.link("a", ".wh.foo"))).isEqualTo("EINVAL");
    assertThat(errno(() -> union.stat(".wh.b"))).isEqualTo("ENOENT");
    union.rmdir("e");
    assertThat(union.names("")).containsExactly("a", "d");
  }

  @Test
  void aufsMarks_switchedOff_areOrdinaryNames() throws Exception {
    UnionFixture fixture = over(".wh.a=", "a=low");
    fixture.options = UnionOptions.DEFAULT.withAufsMarks(false);
    UnionPaths union = fixture.mount();
    union.create(".wh.foo", "1");
    assertThat(fixture.mount().tree()).containsExactly(".wh.a=", ".wh.foo=1", "a=low");
  }

  @Test
  void aufsOpaqueRoot_hidesTheLayersBelow_alsoForRedirects() throws Exception {
    UnionFixture fixture = layers(2);
    fixture.lower(2, "old/low=");
    fixture.lower(1, ".wh..wh..opq=", "old/mid=");
    fixture.upper("new/");
    fixture.mark(0, "new", REDIRECT, "/old");
    UnionPaths union = fixture.mount();
    assertThat(union.names("old")).containsExactly("mid");
    assertThat(union.names("new")).containsExactly("mid");
  }

  @Test
  void redirects_relativeAbsoluteAndThroughOthers_areFollowed() throws Exception {
    UnionFixture fixture = layers(3);
    fixture.lower(3, "a/b/low=", "p/q/low=");
    fixture.lower(2, "moved/b/mid=");
    fixture.lower(1, "r/", "n/top=");
    fixture.mark(2, "moved", REDIRECT, "/a"); // layer 3 has it as a
    fixture.mark(1, "n", REDIRECT, "moved"); // layer 2 has it as moved
    fixture.mark(1, "r", REDIRECT, "/moved/b"); // through the redirect of moved to a/b
    UnionPaths union = fixture.mount();
    assertThat(union.names("n")).containsExactly("b", "top");
    assertThat(union.names("n/b")).containsExactly("low", "mid");
    assertThat(union.names("r")).containsExactly("low", "mid");
  }

  @Test
  void directoryMovedOutOfAnOpaqueOne_keepsWhatItsOwnRedirectLeadsTo() throws Exception {
    UnionFixture fixture = layers(3);
    fixture.lower(3, "origin/foo=1", "pure/plain/hidden=1", "pure/marked/hidden=1");
    fixture.lower(2, "pure/in/", "pure/plain/shown=2", "pure/marked/shown=2");
    fixture.lower(1, "out/", "plain/", "marked/");
    fixture.mark(2, "pure", OPAQUE, "y");
    fixture.mark(2, "pure/in", REDIRECT, "/origin");
    fixture.mark(2, "pure/marked", OPAQUE, "y");
    fixture.mark(2, "pure/marked", REDIRECT, "/origin"); // means nothing beside the other mark
    fixture.mark(1, "out", REDIRECT, "/pure/in");
    fixture.mark(1, "plain", REDIRECT, "/pure/plain");
    fixture.mark(1, "marked", REDIRECT, "/pure/marked");
    UnionPaths union = fixture.mount();
    assertThat(union.names("out")).containsExactly("foo");
    assertThat(union.names("plain")).containsExactly("shown");
    assertThat(union.names("marked")).containsExactly("shown");
  }

  @Test
  void redirectMetOnTheWay_leadsPastAnOpaqueParent() throws Exception {
    UnionFixture fixture = layers(3);
    fixture.lower(3, "origin/d/foo=1", "pure/in/d/hidden=1");
    fixture.lower(2, "pure/in/");
    fixture.lower(1, "out/");
    fixture.mark(2, "pure", OPAQUE, "y");
    fixture.mark(2, "pure/in", REDIRECT, "/origin");
    fixture.mark(1, "out", REDIRECT, "/pure/in/d"); // layer 2 has no d, layer 3 as origin/d
    UnionPaths union = fixture.mount();
    assertThat(union.names("out")).containsExactly("foo");
  }

  @Test
  void directoryMovedOutOfAnOpaqueOne_keepsItsContentOverARemount() throws Exception {
    UnionFixture fixture = layers(3);
    fixture.lower(3, "origin/foo=", "deep/low=");
    fixture.lower(2, "pure/x/", "pure/ opaque", "pure/y/", "way/b/");
    fixture.mark(2, "pure/x", REDIRECT, "/origin");
    fixture.mark(2, "pure/y", REDIRECT, "/way/b"); // itself redirected, and relative to that
    fixture.mark(2, "way", REDIRECT, "/deep0");
    fixture.lower(3, "way/b/other=", "deep0/c/low=");
    fixture.mark(2, "way/b", REDIRECT, "c");
    fixture.lower(1, "w/z/");
    fixture.mark(1, "w/z", REDIRECT, "/way/b");
    UnionPaths union = fixture.mount();
    union.rename("pure/x", "x", 0);
    union.rename("w/z", "z", 0);
    for (int mount = 0; mount < 2; mount++) {
      assertThat(union.names("x")).containsExactly("foo");
      assertThat(union.names("z")).containsExactly("low");
      union = fixture.mount();
    }
  }

  @Test
  void malformedRedirects_failTheLookup_andDoNotEndTheListing() throws Exception {
    for (String value : new String[] {"", ".", "..", "a/", "a/b", "/a/../b", "/a//b", "/"}) {
      UnionFixture fixture = over("a/b/x=", "z=");
      fixture.upper("bad/");
      fixture.mark(0, "bad", REDIRECT, value);
      UnionPaths union = fixture.mount();
      assertThat(errno(() -> union.stat("bad"))).as(value).isEqualTo("EINVAL");
      assertThat(union.names("")).as(value).containsExactly("a", "bad", "z");
      assertThat(union.list("", true)).as(value).hasSize(3);
      assertAllForgotten(fixture);
    }
  }

  @Test
  void redirectsNotFollowed_failWithEperm() throws Exception {
    UnionFixture fixture = over("a/x=");
    fixture.upper("b/");
    fixture.mark(0, "b", REDIRECT, "a");
    fixture.options = UnionOptions.DEFAULT.withRedirects(false, false);
    UnionPaths union = fixture.mount();
    assertThat(errno(() -> union.stat("b"))).isEqualTo("EPERM");
  }

  @Test
  void metacopyFile_isRefused_notShownAsZeros() throws Exception {
    UnionFixture fixture = over("f=data");
    fixture.upper("f=....");
    fixture.mark(0, "f", "trusted.overlay.metacopy", "");
    UnionPaths union = fixture.mount();
    assertThat(errno(() -> union.stat("f"))).isEqualTo("EPERM");
    assertThat(union.names("")).containsExactly("f");
  }

  @Test
  void fileInTheWayOfAPath_isEnotdir() throws Exception {
    UnionPaths union = over("f=").mount();
    assertThat(errno(() -> union.stat("f/x"))).isEqualTo("ENOTDIR");
  }
}
