package plyfs.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.contract.LayerAssertions.assertErrno;
import static plyfs.contract.LayerAssertions.statOf;
import static plyfs.contract.LayerTree.bytes;
import static plyfs.contract.LayerTree.content;
import static plyfs.contract.LayerTree.name;
import static plyfs.contract.LayerTree.ref;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import plyfs.layer.LayerRef;
import plyfs.layer.UpperLayer;
import plyfs.sys.Errno;
import plyfs.sys.Linux;
import plyfs.sys.Stat;

/** Changing a layer: what every {@link UpperLayer} does. */
interface UpperLayerContract extends LayerFixture {
  @Test
  default void preparedObjects_areInvisibleUntilPublished() throws Exception {
    UpperLayer upper = upper();
    List<LayerRef> prepared = new ArrayList<>();
    prepared.add(upper.prepareFile());
    prepared.add(upper.prepareDirectory());
    prepared.add(upper.prepareSymlink(bytes("t")));
    prepared.add(upper.prepareNode(Linux.S_IFIFO, 0));
    assertThat(LayerTree.render(upper)).isEmpty();
    for (LayerRef each : prepared) {
      upper.chown(each, 7, 8);
      upper.setXattr(each, bytes("trusted.x"), bytes("y"), 0);
      upper.setTimes(each, 11, 12, 13, 14);
      assertThat(statOf(upper, each).uid()).isEqualTo(7);
    }
    for (int i = 0; i < prepared.size(); i++) {
      upper.publish(prepared.get(i), upper.root(), name("o" + i));
      Stat stat = statOf(upper, prepared.get(i));
      assertThat(stat.gid()).isEqualTo(8);
      assertThat(stat.mtimeSeconds()).isEqualTo(13);
      assertThat(stat.mtimeNanos()).isEqualTo(14);
      assertThat(upper.xattr(ref(upper, "o" + i), bytes("trusted.x"))).isEqualTo(bytes("y"));
    }
    assertThat(LayerTree.render(upper))
        .containsExactly("o0=", "o1/", "o2 -> t", "o3 mode " + Integer.toOctalString(010600));
    assertThat(workdir()).isEmpty();
  }

  @Test
  default void discardedObjects_leaveNothing() throws Exception {
    UpperLayer upper = upper();
    upper.discard(upper.prepareFile());
    upper.discard(upper.prepareSymlink(bytes("t")));
    LayerRef directory = upper.prepareDirectory();
    upper.publish(upper.prepareNode(Linux.S_IFIFO, 0), directory, name("inside"));
    upper.discard(directory);
    assertThat(workdir()).isEmpty();
    assertThat(LayerTree.render(upper)).isEmpty();
  }

  @Test
  default void publish_ontoATakenName_isEexist_andTheObjectCanStillBeUsed() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "f=old", "w !", "d/");
    for (String taken : List.of("f", "w", "d")) {
      LayerRef file = upper.prepareFile();
      LayerRef directory = upper.prepareDirectory();
      assertErrno(Errno.EEXIST, () -> upper.publish(file, upper.root(), name(taken)));
      assertErrno(Errno.EEXIST, () -> upper.publish(directory, upper.root(), name(taken)));
      upper.publish(file, upper.root(), name(taken + "2"));
      upper.discard(directory);
    }
    assertThat(LayerTree.render(upper)).containsExactly("d/", "d2=", "f2=", "f=old", "w !", "w2=");
    assertThat(workdir()).isEmpty();
  }

  @Test
  default void publishOver_replacesFilesWhiteoutsAndEmptyDirectories() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "f=old", "w !", "d/", "full/x=y");
    upper.publishOver(prepared("new"), upper.root(), name("f"));
    upper.publishOver(prepared("new"), upper.root(), name("w"));
    upper.publishOver(prepared("new"), upper.root(), name("free"));
    upper.publishOver(upper.prepareDirectory(), upper.root(), name("d"));
    LayerRef directory = upper.prepareDirectory();
    assertErrno(Errno.ENOTEMPTY, () -> upper.publishOver(directory, upper.root(), name("full")));
    assertErrno(Errno.ENOTDIR, () -> upper.publishOver(directory, upper.root(), name("f")));
    upper.discard(directory);
    LayerRef file = prepared("late");
    assertErrno(Errno.EISDIR, () -> upper.publishOver(file, upper.root(), name("d")));
    upper.discard(file);
    assertThat(LayerTree.render(upper))
        .containsExactly("d/", "f=new", "free=new", "full/", "full/x=y", "w=new");
    assertThat(workdir()).isEmpty();
  }

  private LayerRef prepared(String content) throws Exception {
    LayerRef file = upper().prepareFile();
    try (var open = upper().openWritable(file)) {
      LayerTree.write(open, bytes(content), 0);
    }
    return file;
  }

  @Test
  default void publishExchanged_putsADirectoryWhereAWhiteoutIs_andRemovesTheOldOne()
      throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "w !", "d/a !", "d/b !");
    upper.publishExchanged(upper.prepareDirectory(), upper.root(), name("w"));
    upper.publishExchanged(upper.prepareDirectory(), upper.root(), name("d"));
    LayerRef lost = upper.prepareDirectory();
    assertErrno(Errno.ENOENT, () -> upper.publishExchanged(lost, upper.root(), name("none")));
    upper.discard(lost);
    assertThat(LayerTree.render(upper)).containsExactly("d/", "w/");
    assertThat(workdir()).isEmpty();
  }

  @Test
  default void link_makesASecondName_andLeavesTheReferenceWithTheFirst() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "f=x", "l -> t", "d/w !", "taken=y");
    LayerRef file = ref(upper, "f");
    upper.link(file, ref(upper, "d"), name("second"));
    upper.link(ref(upper, "l"), ref(upper, "d"), name("l2"));
    upper.linkOver(file, ref(upper, "d"), name("w"));
    assertErrno(Errno.EEXIST, () -> upper.link(file, upper.root(), name("taken")));
    assertErrno(Errno.ENOENT, () -> upper.link(ref(upper, "no"), upper.root(), name("n")));
    assertThat(statOf(upper, file).nlink()).isEqualTo(3);
    upper.unlink(ref(upper, "d"), name("second"));
    assertThat(content(upper, file)).isEqualTo("x");
    assertThat(LayerTree.render(upper))
        .containsExactly("d/", "d/l2 -> t", "d/w=x", "f=x", "l -> t", "taken=y");
    assertThat(workdir()).isEmpty();
  }

  @Test
  default void linkOver_anotherNameOfTheSameObject_leavesNothingBehind() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "f=x");
    upper.link(ref(upper, "f"), upper.root(), name("g"));
    upper.linkOver(ref(upper, "f"), upper.root(), name("g"));
    assertThat(statOf(upper, ref(upper, "g")).nlink()).isEqualTo(2);
    assertThat(workdir()).isEmpty();
  }

  @Test
  default void whiteouts_areLinksOfOneInode() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "a !", "d/b !", "f=x");
    upper.replaceByWhiteout(upper.root(), name("f"));
    upper.replaceByWhiteout(upper.root(), name("a"));
    assertErrno(Errno.EEXIST, () -> upper.whiteout(upper.root(), name("a")));
    Stat one = statOf(upper, ref(upper, "a"));
    assertThat(one.isWhiteout()).isTrue();
    assertThat(one.mode()).isEqualTo(Linux.S_IFCHR);
    assertThat(statOf(upper, ref(upper, "d/b")).ino()).isEqualTo(one.ino());
    assertThat(statOf(upper, ref(upper, "f")).ino()).isEqualTo(one.ino());
    assertThat(LayerTree.render(upper)).containsExactly("a !", "d/", "d/b !", "f !");
    assertThat(workdir()).isEmpty();
  }

  @Test
  default void directoriesOfWhiteouts_goInOneStep() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "a/x !", "a/y !", "b/x !", "b/y !", "c/", "d/");
    upper.removeDirectory(upper.root(), name("a"));
    upper.replaceDirectoryByWhiteout(upper.root(), name("b"));
    upper.removeDirectory(upper.root(), name("c"));
    upper.replaceDirectoryByWhiteout(upper.root(), name("d"));
    assertThat(LayerTree.render(upper)).containsExactly("b !", "d !");
    assertThat(workdir()).isEmpty();
  }

  @Test
  default void removeBareDirectory_leavesWhatHoldsAnything() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "bare/", "hides/x !", "full/x=1", "f=x");
    assertThat(upper.removeBareDirectory(upper.root(), name("bare"))).isTrue();
    assertThat(upper.removeBareDirectory(upper.root(), name("hides"))).isFalse();
    assertThat(upper.removeBareDirectory(upper.root(), name("full"))).isFalse();
    assertErrno(Errno.ENOTDIR, () -> upper.removeBareDirectory(upper.root(), name("f")));
    assertErrno(Errno.ENOENT, () -> upper.removeBareDirectory(upper.root(), name("bare")));
    assertThat(LayerTree.render(upper))
        .containsExactly("f=x", "full/", "full/x=1", "hides/", "hides/x !");
    assertThat(workdir()).isEmpty();
  }

  @Test
  default void unlinkAndRemoveDirectory_mindTheType() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "f=x", "d/");
    assertErrno(Errno.EISDIR, () -> upper.unlink(upper.root(), name("d")));
    assertErrno(Errno.ENOTDIR, () -> upper.removeDirectory(upper.root(), name("f")));
    assertErrno(Errno.ENOENT, () -> upper.unlink(upper.root(), name("none")));
    assertErrno(Errno.ENOENT, () -> upper.removeDirectory(upper.root(), name("none")));
    assertThat(LayerTree.render(upper)).containsExactly("d/", "f=x");
  }

  @Test
  default void move_takesReferencesBelowAlong() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "a/b/c/f=x", "p/");
    LayerRef directory = ref(upper, "a");
    LayerRef inner = new LayerRef(directory, name("b"));
    LayerRef file = new LayerRef(new LayerRef(inner, name("c")), name("f"));
    assertThat(content(upper, file)).isEqualTo("x");
    upper.move(directory, ref(upper, "p"), name("moved"), 0);
    assertThat(content(upper, file)).isEqualTo("x");
    LayerTree.make(upper, "a/b/c/f=impostor");
    assertThat(content(upper, file)).isEqualTo("x");
    upper.move(inner, upper.root(), name("inner"), 0);
    upper.chmod(file, 0400);
    assertThat(LayerTree.render(upper))
        .containsExactly(
            "a/",
            "a/b/",
            "a/b/c/",
            "a/b/c/f=impostor",
            "inner/",
            "inner/c/",
            "inner/c/f=x",
            "p/",
            "p/moved/");
    assertThat(statOf(upper, ref(upper, "inner/c/f")).mode()).isEqualTo(Linux.S_IFREG | 0400);
    assertThat(statOf(upper, ref(upper, "a/b/c/f")).mode()).isEqualTo(Linux.S_IFREG | 0644);
  }

  @Test
  default void move_replaces_refusesOrLeavesAWhiteout_byItsFlags() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "a=1", "b=2", "c=3", "d/e/", "w !");
    LayerRef a = ref(upper, "a");
    assertErrno(Errno.EEXIST, () -> upper.move(a, upper.root(), name("b"), Linux.RENAME_NOREPLACE));
    assertThat(content(upper, a)).isEqualTo("1");
    upper.move(a, upper.root(), name("b"), Linux.RENAME_WHITEOUT);
    assertThat(content(upper, a)).isEqualTo("1");
    upper.move(ref(upper, "c"), upper.root(), name("w"), 0);
    assertErrno(Errno.EINVAL, () -> upper.move(ref(upper, "d"), ref(upper, "d/e"), name("x"), 0));
    assertErrno(Errno.ENOENT, () -> upper.move(ref(upper, "no"), upper.root(), name("x"), 0));
    assertThat(LayerTree.render(upper)).containsExactly("a !", "b=1", "d/", "d/e/", "w=3");
  }

  @Test
  default void exchange_swapsPlacesAndReferences() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "a=1", "d/x=2");
    LayerRef file = ref(upper, "a");
    LayerRef directory = ref(upper, "d");
    LayerRef below = new LayerRef(directory, name("x"));
    upper.exchange(file, directory);
    assertThat(content(upper, file)).isEqualTo("1");
    assertThat(content(upper, below)).isEqualTo("2");
    assertThat(LayerTree.render(upper)).containsExactly("a/", "a/x=2", "d=1");
  }

  @Test
  default void ownerAndMode_setuidIncluded() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "f=x", "l -> f", "d/");
    upper.chown(ref(upper, "f"), 3, -1);
    upper.chmod(ref(upper, "f"), 06711);
    upper.chmod(ref(upper, "d"), 01777);
    upper.chown(ref(upper, "l"), -1, 9);
    assertThat(statOf(upper, ref(upper, "f")).mode()).isEqualTo(Linux.S_IFREG | 06711);
    assertThat(statOf(upper, ref(upper, "f")).uid()).isEqualTo(3);
    assertThat(statOf(upper, ref(upper, "f")).gid()).isZero();
    assertThat(statOf(upper, ref(upper, "d")).mode()).isEqualTo(Linux.S_IFDIR | 01777);
    assertThat(statOf(upper, ref(upper, "l")).gid()).isEqualTo(9);
    upper.chown(ref(upper, "f"), 4, -1);
    assertThat(statOf(upper, ref(upper, "f")).mode())
        .as("chown clears setuid and setgid")
        .isEqualTo(Linux.S_IFREG | 0711);
    assertErrno(Errno.EOPNOTSUPP, () -> upper.chmod(ref(upper, "l"), 0600));
    assertErrno(Errno.ENOENT, () -> upper.chmod(ref(upper, "none"), 0600));
  }

  @Test
  default void times_toTheNanosecond_beforeTheEpoch_nowAndOmitted() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "f=x", "l -> f");
    for (String path : List.of("f", "l")) {
      LayerRef object = ref(upper, path);
      upper.setTimes(object, -1, 999_999_999, (1L << 32) + 7, 1);
      upper.setTimes(object, 55, Linux.UTIME_OMIT, 55, Linux.UTIME_OMIT);
      Stat stat = statOf(upper, object);
      assertThat(stat.atimeSeconds()).isEqualTo(-1);
      assertThat(stat.atimeNanos()).isEqualTo(999_999_999);
      assertThat(stat.mtimeSeconds()).isEqualTo((1L << 32) + 7);
      assertThat(stat.mtimeNanos()).isEqualTo(1);
      upper.setTimes(object, 0, Linux.UTIME_NOW, 0, Linux.UTIME_OMIT);
      assertThat(statOf(upper, object).atimeSeconds()).isGreaterThan(1_500_000_000L);
      assertThat(statOf(upper, object).mtimeNanos()).isEqualTo(1);
    }
  }

  @Test
  default void xattrFlags_areHonoured() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "f=x");
    LayerRef file = ref(upper, "f");
    byte[] attribute = bytes("user.a");
    assertErrno(
        Errno.ENODATA, () -> upper.setXattr(file, attribute, bytes("1"), Linux.XATTR_REPLACE));
    upper.setXattr(file, attribute, bytes("1"), Linux.XATTR_CREATE);
    assertErrno(
        Errno.EEXIST, () -> upper.setXattr(file, attribute, bytes("2"), Linux.XATTR_CREATE));
    upper.setXattr(file, attribute, bytes("longer"), Linux.XATTR_REPLACE);
    upper.setXattr(file, attribute, bytes("3"), 0);
    assertThat(upper.xattr(file, attribute)).isEqualTo(bytes("3"));
    upper.removeXattr(file, attribute);
    assertErrno(Errno.ENODATA, () -> upper.removeXattr(file, attribute));
    assertThat(upper.xattr(file, attribute)).isNull();
  }

  @Test
  default void sync_takesEveryType_preparedOrPublished() throws Exception {
    UpperLayer upper = upper();
    List<LayerRef> objects = new ArrayList<>();
    objects.add(upper.prepareFile());
    objects.add(upper.prepareDirectory());
    objects.add(upper.prepareSymlink(bytes("t")));
    for (int type : new int[] {Linux.S_IFIFO, Linux.S_IFSOCK, Linux.S_IFCHR, Linux.S_IFBLK}) {
      objects.add(upper.prepareNode(type, type == Linux.S_IFCHR ? 0x0103 : 0));
    }
    for (int i = 0; i < objects.size(); i++) {
      upper.sync(objects.get(i));
      upper.publish(objects.get(i), upper.root(), name("o" + i));
      upper.sync(objects.get(i));
    }
    upper.sync(upper.root());
    assertThat(LayerTree.render(upper)).hasSize(7);
    assertErrno(Errno.ENOENT, () -> upper.sync(ref(upper, "none")));
  }
}
