package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import plyfs.sys.Errno;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.union.api.UnionOptions;

/** Files whose attributes and data are in different layers: SEMANTICS 2.21, 4.47. */
class MetacopyTest extends UnionCase {
  private static final String METACOPY = "trusted.overlay.metacopy";
  private static final String CAPABILITY = "\1\0\0\2\0\40\0\0" + "\0".repeat(12);
  private static final String REDIRECT = "trusted.overlay.redirect";

  private UnionFixture metacopy(UnionFixture fixture) {
    fixture.options = UnionOptions.DEFAULT.withMetacopy(true);
    return fixture;
  }

  /** Makes a file of a layer one whose data is below, with as many bytes as that has. */
  private static void metacopyFile(UnionFixture fixture, int layer, String path, int size)
      throws Exception {
    fixture.lower(layer, path + "=" + ".".repeat(size));
    fixture.mark(layer, path, METACOPY, "");
  }

  @Test
  void chainOfMetacopyFiles_leadsToTheData() throws Exception {
    UnionFixture fixture = metacopy(layers(4));
    metacopyFile(fixture, 0, "d/a", 4);
    fixture.mark(0, "d/a", REDIRECT, "b");
    fixture.lower(1, "d/b2=no", "x/");
    metacopyFile(fixture, 2, "d/b", 4);
    fixture.mark(2, "d/b", REDIRECT, "/e/c");
    fixture.lower(3, "e/", "d/b=no");
    fixture.lower(4, "e/c=data", "d/b=no", "d/a=no");
    UnionPaths union = fixture.mount();
    assertThat(union.read("d/a")).isEqualTo("data");
    assertThat(union.read("d/b")).isEqualTo("data");
    union.write("d/a", 0, "D");
    assertThat(union.read("d/a")).isEqualTo("Data");
    assertThat(fixture.mount().read("d/a")).isEqualTo("Data");
    fixture.unmount();
    assertThat(fixture.rawXattr(0, "d/a", METACOPY)).isNull();
  }

  @Test
  void pathThroughARenamedLowerDirectory_isFollowed() throws Exception {
    UnionFixture fixture = metacopy(layers(3));
    metacopyFile(fixture, 1, "f", 4);
    fixture.mark(1, "f", REDIRECT, "/new/f");
    fixture.lower(2, "new/");
    fixture.mark(2, "new", REDIRECT, "/old");
    fixture.lower(3, "old/f=data", "new/f=oops");
    assertThat(fixture.mount().read("f")).isEqualTo("data");
  }

  @Test
  void missingData_isEio_neverZeros() throws Exception {
    UnionFixture fixture = metacopy(layers(2));
    for (int layer = 0; layer < 2; layer++) {
      String name = "f" + layer;
      for (String suffix : new String[] {"absent", "whiteout", "directory", "empty"}) {
        metacopyFile(fixture, layer, name + suffix, 4);
      }
      fixture.lower(layer + 1, name + "whiteout !", name + "directory/");
      if (layer + 2 <= 2) {
        fixture.lower(layer + 2, name + "whiteout=data", name + "directory=data");
      }
    }
    UnionPaths union = fixture.mount();
    for (String path : new String[] {"f0absent", "f0whiteout", "f0directory", "f1absent"}) {
      assertThat(errno(() -> union.stat(path))).as(path).isEqualTo("EIO");
    }
    assertThat(union.names("")).contains("f0absent", "f1directory");
  }

  @Test
  void marks_mayHoldADigest_andMustNotBeTooShort() throws Exception {
    UnionFixture fixture = metacopy(over("a=data", "b=data", "c=data"));
    for (String name : new String[] {"a", "b", "c"}) {
      metacopyFile(fixture, 0, name, 4);
    }
    fixture.mark(0, "a", METACOPY, "\0\4\0\0");
    fixture.mark(0, "b", METACOPY, "\0\44\0\1" + "x".repeat(32));
    fixture.mark(0, "c", METACOPY, "\0\3\0");
    UnionPaths union = fixture.mount();
    assertThat(union.read("a") + union.read("b")).isEqualTo("datadata");
    assertThat(errno(() -> union.stat("c"))).isEqualTo("EIO");
  }

  @Test
  void redirectThatIsNone_failsWithEinval() throws Exception {
    UnionFixture fixture = metacopy(over("a=data"));
    metacopyFile(fixture, 0, "a", 4);
    for (String bad : new String[] {"", "..", "x/y", "/", "/a/", "/../a"}) {
      fixture.mark(0, "a", REDIRECT, bad);
      UnionPaths union = fixture.mount();
      assertThat(errno(() -> union.stat("a"))).as(bad).isEqualTo("EINVAL");
      fixture.unmount();
    }
  }

  @Test
  void withoutTheOption_lookupIsEperm_andUnlinkOfWhatHidesItWorks() throws Exception {
    UnionFixture fixture = layers(2);
    metacopyFile(fixture, 1, "f", 4);
    fixture.lower(2, "f=data");
    UnionPaths union = fixture.mount();
    assertThat(errno(() -> union.stat("f"))).isEqualTo("EPERM");
    fixture.unmount();
    fixture.upper("f=own");
    UnionPaths above = fixture.mount();
    above.unlink("f");
    assertThat(errno(() -> above.stat("f"))).isEqualTo("ENOENT");
  }

  @Test
  void chmod_copiesNoData_andTheFirstWriteDoes() throws Exception {
    UnionFixture fixture = metacopy(over("d/f=lower data"));
    fixture.mark(1, "d/f", "user.a", "1");
    fixture.onLayer(
        1, layer -> layer.setTimes(plyfs.contract.LayerTree.ref(layer, "d/f"), 11, 12, 13, 14));
    fixture.mount().chmod("d/f", 0640);
    fixture.unmount();
    assertThat(fixture.raw(0)).contains("d/f=" + "\0".repeat(10));
    UnionPaths again = fixture.mount();
    assertThat(again.read("d/f")).isEqualTo("lower data");
    assertThat(again.stat("d/f").mode() & 07777).isEqualTo(0640);
    assertThat(again.xattrs("d/f")).containsOnlyKeys("user.a");
    long reader = again.open("d/f", Linux.O_RDONLY);
    long writer = again.open("d/f", Linux.O_RDWR);
    Stat stat = again.stat("d/f");
    assertThat(stat.mtimeSeconds()).isEqualTo(13);
    assertThat(stat.mtimeNanos()).isEqualTo(14);
    again.writeAt(writer, 0, "UPPER");
    assertThat(again.readAt(reader, 0, 20)).isEqualTo("UPPER data");
    again.release(writer);
    again.release(reader);
    fixture.unmount();
    assertThat(fixture.rawXattr(0, "d/f", METACOPY)).isNull();
    assertThat(fixture.mount().read("d/f")).isEqualTo("UPPER data");
  }

  @Test
  void readerOpenBefore_seesTheSameThroughCopyUpOfAttributes() throws Exception {
    UnionPaths union = metacopy(over("f=lower data")).mount();
    long reader = union.open("f", Linux.O_RDONLY);
    union.chmod("f", 0640);
    assertThat(union.readAt(reader, 0, 20)).isEqualTo("lower data");
    union.truncate("f", 5);
    assertThat(union.readAt(reader, 0, 20)).isEqualTo("lower");
    union.release(reader);
  }

  @Test
  void renamesAndLinks_leaveThePathToTheData() throws Exception {
    UnionFixture fixture = metacopy(over("d/e/f=1", "d/e/g=22", "d/e/h=333", "d/e/i=4444", "t/"));
    UnionPaths union = fixture.mount();
    union.rename("d/e/f", "d/e/f2", 0);
    union.rename("d/e/f2", "d/e/f3", 0);
    union.rename("d/e/g", "t/g", 0);
    union.link("d/e/h", "t/h");
    union.rename("d/e/i", "d/e/i2", 0);
    union.rename("d", "t/d", 0);
    union.rename("t/d/e/i2", "t/i", 0);
    String[] tree = {
      "t/", "t/d/", "t/d/e/", "t/d/e/f3=1", "t/d/e/h=333", "t/g=22", "t/h=333", "t/i=4444"
    };
    assertThat(union.tree()).containsExactlyInAnyOrder(tree);
    assertThat(fixture.mount().tree()).containsExactlyInAnyOrder(tree);
    fixture.unmount();
    assertThat(fixture.rawXattr(0, "t/d/e/f3", REDIRECT)).isEqualTo("f");
    assertThat(fixture.rawXattr(0, "t/g", REDIRECT)).isEqualTo("/d/e/g");
    assertThat(fixture.rawXattr(0, "t/h", REDIRECT)).isEqualTo("/d/e/h");
    assertThat(fixture.rawXattr(0, "t/i", REDIRECT)).isEqualTo("/d/e/i");
    assertThat(fixture.rawXattr(0, "t/i", METACOPY)).isEmpty();
    UnionPaths again = fixture.mount();
    again.write("t/h", 0, "+");
    assertThat(again.read("t/d/e/h")).isEqualTo("+33");
    assertThat(fixture.mount().read("t/d/e/h")).isEqualTo("+33");
  }

  @Test
  void pathTooLongForAMark_isNoError_butCopiesTheData() throws Exception {
    String deep = ("x".repeat(100) + "/").repeat(3);
    UnionFixture fixture = metacopy(over(deep + "f=1", deep + "g=2", deep + "h=3", "t/"));
    UnionPaths union = fixture.mount();
    union.rename(deep + "f", "t/f", 0);
    union.link(deep + "g", "t/g");
    union.rename(deep + "h", "t/f", Linux.RENAME_EXCHANGE);
    assertThat(union.read("t/f") + union.read("t/g")).isEqualTo("32");
    UnionPaths again = fixture.mount();
    assertThat(again.read("t/f") + again.read("t/g") + again.read(deep + "h")).isEqualTo("321");
    fixture.unmount();
    for (String path : new String[] {"t/f", "t/g", deep + "h"}) {
      assertThat(fixture.rawXattr(0, path, METACOPY)).as(path).isNull();
    }
  }

  @Test
  void markOnAnEmptyFile_goesBeforeThereIsAnythingToHide() throws Exception {
    for (boolean on : new boolean[] {true, false}) {
      UnionFixture fixture = over("a=", "b=", "c=", "x/");
      fixture.upper("a=", "b=", "c=");
      for (String name : new String[] {"a", "b", "c"}) {
        fixture.mark(0, name, METACOPY, "");
      }
      fixture.options = UnionOptions.DEFAULT.withMetacopy(on);
      UnionPaths union = fixture.mount();
      union.write("a", 0, "new");
      union.truncate("b", 3);
      union.rename("c", "x/c", 0);
      assertThat(fixture.mount().read("a")).isEqualTo("new");
      fixture.unmount();
      for (String path : new String[] {"a", "b", "x/c"}) {
        assertThat(fixture.rawXattr(0, path, METACOPY)).as(path).isNull();
      }
    }
  }

  @Test
  void truncationCutOffBeforeItsEnd_showsNoMoreThanIsLeft() throws Exception {
    UnionFixture fixture = metacopy(over("f=lower data"));
    metacopyFile(fixture, 0, "f", 5);
    UnionPaths union = fixture.mount();
    assertThat(union.read("f")).isEqualTo("lower");
    union.truncate("f", 7);
    assertThat(union.read("f")).isEqualTo("lower\0\0");
  }

  @Test
  void dataThatCannotBeRead_leavesTheFileAsItWas() throws Exception {
    Faults faults = new Faults();
    UnionFixture fixture = metacopy(over("f=lower data"));
    metacopyFile(fixture, 0, "f", 10);
    fixture.mark(0, "f", "security.capability", CAPABILITY);
    fixture.around = faults::around;
    UnionPaths union = fixture.mount();
    union.stat("f");
    for (int k = 1; ; k++) {
      faults.fail(k, Errno.ENOSPC);
      String result = errno(() -> union.truncate("f", 3));
      faults.heal();
      boolean isCommitted = union.stat("f").size() == 3; // an error after that undoes nothing
      if (faults.failed == null || result.equals("ok") || isCommitted) {
        break;
      }
      assertThat(union.stat("f").size()).as("call %d, %s", k, faults.failed).isEqualTo(10);
      assertThat(union.read("f")).isEqualTo("lower data");
      assertThat(union.xattrs("f")).containsEntry("security.capability", CAPABILITY);
    }
    assertThat(union.read("f")).isEqualTo("low");
  }

  @Test
  void deletedFileWithDataBelow_canStillBeWritten() throws Exception {
    UnionFixture fixture = metacopy(over("f=lower data"));
    UnionPaths union = fixture.mount();
    long reader = union.open("f", Linux.O_RDONLY);
    long node = union.resolve("f");
    union.chmod("f", 0640);
    union.unlink("f");
    assertThat(union.readAt(reader, 0, 20)).isEqualTo("lower data");
    long writer = fixture.fs().open(node, Linux.O_RDWR, false, UnionPaths.ROOT);
    union.writeAt(writer, 0, "U");
    assertThat(union.readAt(reader, 0, 20)).isEqualTo("Uower data");
    union.release(writer);
    union.release(reader);
    fixture.fs().forget(node, 1);
    assertThat(union.names("")).isEmpty();
    assertAllForgotten(fixture);
  }

  @Test
  void dataOnlyLayers_giveDataAndNoNames() throws Exception {
    for (boolean on : new boolean[] {true, false}) {
      UnionFixture fixture = layers(3);
      fixture.dataOnly = 2;
      fixture.options = UnionOptions.DEFAULT.withMetacopy(on);
      metacopyFile(fixture, 1, "f", 4);
      fixture.mark(1, "f", REDIRECT, "/o/1");
      metacopyFile(fixture, 1, "gone", 4);
      fixture.mark(1, "gone", REDIRECT, "/o/2");
      metacopyFile(fixture, 1, "relative", 4);
      fixture.mark(1, "relative", REDIRECT, "here");
      metacopyFile(fixture, 0, "direct", 4);
      fixture.mark(0, "direct", REDIRECT, "/o/1");
      fixture.lower(2, "o/1/", "here=data", "relative=data");
      fixture.lower(3, "o/1=data", "f=no");
      UnionPaths union = fixture.mount();
      assertThat(union.names("")).containsExactlyInAnyOrder("direct", "f", "gone", "relative");
      assertThat(union.stat("f").blocks()).isEqualTo(8);
      assertThat(union.read("f")).isEqualTo("data");
      assertThat(union.stat("gone").size()).isEqualTo(4);
      assertThat(errno(() -> union.open("gone", Linux.O_RDONLY))).isEqualTo("ENOENT");
      String refused = on ? "EIO" : "EPERM";
      assertThat(errno(() -> union.stat("relative"))).isEqualTo(refused);
      assertThat(errno(() -> union.stat("direct"))).isEqualTo(refused);
      union.chmod("f", 0600);
      union.rename("f", "f2", 0);
      assertThat(fixture.mount().read("f2")).isEqualTo("data");
      fixture.unmount();
      assertThat(fixture.rawXattr(0, "f2", METACOPY)).isEqualTo(on ? "" : null);
      UnionPaths again = fixture.mount();
      again.write("f2", 4, "+");
      assertThat(fixture.mount().read("f2")).isEqualTo("data+");
    }
  }

  @Test
  void withoutTheOption_onlyTheLastLayerAboveDataOnlyOnesLeadsThere() throws Exception {
    UnionFixture fixture = layers(3);
    fixture.dataOnly = 1;
    metacopyFile(fixture, 1, "f", 4);
    fixture.mark(1, "f", REDIRECT, "/o/1");
    metacopyFile(fixture, 2, "g", 4);
    fixture.mark(2, "g", REDIRECT, "/o/1");
    fixture.lower(3, "o/1=data");
    UnionPaths union = fixture.mount();
    assertThat(union.read("g")).isEqualTo("data");
    assertThat(errno(() -> union.stat("f"))).isEqualTo("EPERM");
  }
}
