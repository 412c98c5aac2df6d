package plyfs.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.contract.MountedUnion.errno;

/** SEMANTICS 2.20: deletions stored as files {@code .wh.NAME}. */
final class FileWhiteoutScenarios {
  private FileWhiteoutScenarios() {}

  @Item(value = "2.20, 4.13", needs = Promise.FILE_WHITEOUTS)
  static void deletions_areFiles_andSurviveRemount(MountedUnion union) throws Throwable {
    union.lower("f=1", "d/a=1", "d/b=1", "moved=1", "again=1", "over=1");
    DiskTree at = union.mount("whiteout=file");
    at.unlink("f");
    at.removeAll("d");
    at.rename("moved", "here");
    at.rename("again", "over");
    at.write("again", "new");
    at.mkdir("d");
    String[] shown = {"again=new", "d/", "here=1", "over=1"};
    assertThat(at.render()).containsExactly(shown);
    assertThat(errno(() -> at.stat(".wh.f"))).isEqualTo("ENOENT");
    assertThat(union.remount("whiteout=file").render()).containsExactly(shown);
    assertThat(union.remount("whiteout=char").render()).containsExactly(shown);
    union.unmount();
    assertThat(union.upper().list("")).contains(".wh.d", ".wh.f", ".wh.moved");
    for (String name : union.upper().list("")) {
      assertThat(union.upper().stat(name).isWhiteout()).as(name).isFalse();
    }
  }

  @Item(value = "2.20, 4.10", needs = Promise.FILE_WHITEOUTS)
  static void directoriesThatShowNothing_areRemovedAndReplaced(MountedUnion union)
      throws Throwable {
    union.lower("d/a=1", "e/a=1", "e/b=1", "f/");
    DiskTree at = union.mount("whiteout=file");
    at.unlink("d/a");
    at.unlink("e/a");
    assertThat(errno(() -> at.rmdir("e"))).isEqualTo("ENOTEMPTY");
    at.mkdir("new");
    at.write("new/x", "2");
    at.rename("new", "d");
    assertThat(errno(() -> at.rename("e", "g"))).isEqualTo("EXDEV");
    at.unlink("e/b");
    at.rmdir("e");
    at.rmdir("f");
    assertThat(at.render()).containsExactly("d/", "d/x=2");
    assertThat(union.remount("whiteout=file").render()).containsExactly("d/", "d/x=2");
    at.removeAll("d");
    assertThat(at.render()).isEmpty();
    assertThat(union.remount("whiteout=file").render()).isEmpty();
  }
}
