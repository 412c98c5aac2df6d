package plyfs.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static plyfs.contract.LayerAssertions.assertErrno;
import static plyfs.contract.LayerAssertions.statOf;
import static plyfs.contract.LayerTree.bytes;
import static plyfs.contract.LayerTree.content;
import static plyfs.contract.LayerTree.name;
import static plyfs.contract.LayerTree.ref;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import plyfs.layer.Layer;
import plyfs.layer.LayerRef;
import plyfs.layer.UpperLayer;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.StatFs;
import plyfs.sys.XattrSyscalls;

/** Reading a layer: what every {@link Layer} does, seen as an upper and as a lower one. */
interface LayerContract extends LayerFixture {
  String ODD = "\u00ff\u00fe\n\\-";

  @Test
  default void root_isADirectory_andHasTheLayersDevice() throws Exception {
    for (Layer layer : views()) {
      Stat stat = statOf(layer, layer.root());
      assertThat(stat.isDirectory()).isTrue();
      assertThat(stat.dev()).isEqualTo(layer.device());
    }
    assertThat(upper().index()).isZero();
    assertThat(lower().index()).isPositive();
  }

  @Test
  default void stat_givesTypeModeOwnerSizeAndDevice_ofEveryType() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "f=12345", "d/", "l -> f");
    Map<String, Integer> modes = new TreeMap<>();
    modes.put("f", Linux.S_IFREG | 0644);
    modes.put("d", Linux.S_IFDIR | 0755);
    modes.put("l", Linux.S_IFLNK | 0777);
    for (int type : new int[] {Linux.S_IFIFO, Linux.S_IFSOCK, Linux.S_IFCHR, Linux.S_IFBLK}) {
      boolean device = type == Linux.S_IFCHR || type == Linux.S_IFBLK;
      LayerRef node = upper.prepareNode(type, device ? 0x0103 : 0);
      upper.chown(node, 1234, 70_000);
      String name = "n" + Integer.toOctalString(type);
      upper.publish(node, upper.root(), name(name));
      modes.put(name, type | 0600);
    }
    for (Layer layer : views()) {
      for (Map.Entry<String, Integer> expected : modes.entrySet()) {
        Stat stat = statOf(layer, ref(layer, expected.getKey()));
        assertThat(stat.mode()).as(expected.getKey()).isEqualTo(expected.getValue());
        assertThat(stat.isWhiteout()).isFalse();
      }
      assertThat(statOf(layer, ref(layer, "f")).size()).isEqualTo(5);
      assertThat(statOf(layer, ref(layer, "l")).size()).isEqualTo(1);
      Stat device = statOf(layer, ref(layer, "n20000"));
      assertThat(device.rdev()).isEqualTo(0x0103);
      assertThat(device.uid()).isEqualTo(1234);
      assertThat(device.gid()).isEqualTo(70_000);
    }
  }

  @Test
  default void absentNames_areFalse_alsoBelowAbsentDirectoriesAndFiles() throws Exception {
    LayerTree.make(upper(), "f=x", "d/");
    Stat stat = new Stat();
    for (Layer layer : views()) {
      assertThat(layer.stat(ref(layer, "none"), stat)).isFalse();
      assertThat(layer.stat(ref(layer, "d/none"), stat)).isFalse();
      assertThat(layer.stat(ref(layer, "none/x"), stat)).isFalse();
      assertThat(layer.stat(ref(layer, "none/x/y"), stat)).isFalse();
      assertThat(layer.stat(ref(layer, "f/x"), stat)).isFalse();
      assertErrno(Errno.ENOENT, () -> layer.open(ref(layer, "none")).close());
      assertErrno(Errno.ENOENT, () -> layer.readLink(ref(layer, "none")));
      assertErrno(Errno.ENOENT, () -> layer.list(ref(layer, "none"), (n, t, i) -> {}));
      assertErrno(Errno.ENOENT, () -> layer.keep(ref(layer, "none")));
    }
  }

  @Test
  default void names_upTo255Bytes() throws Exception {
    String longest = "n".repeat(255);
    LayerTree.make(upper(), longest + "=x");
    for (Layer layer : views()) {
      assertThat(statOf(layer, ref(layer, longest)).size()).isEqualTo(1);
      LayerRef tooLong = new LayerRef(layer.root(), name(longest).withPrefix(bytes("n")));
      assertErrno(Errno.ENAMETOOLONG, () -> layer.stat(tooLong, new Stat()));
    }
  }

  @Test
  default void namesThatAreNotUtf8_areTheSameBytesEverywhere() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, ODD + "/" + ODD + "=" + ODD, "l -> " + ODD);
    upper.setXattr(ref(upper, ODD), bytes("user." + ODD), bytes(ODD), 0);
    for (Layer layer : views()) {
      assertThat(LayerTree.render(layer))
          .containsExactly("l -> " + ODD, ODD + "/", ODD + "/" + ODD + "=" + ODD);
      assertThat(layer.xattr(ref(layer, ODD), bytes("user." + ODD))).isEqualTo(bytes(ODD));
      assertThat(xattrNames(layer, ref(layer, ODD))).containsExactly("user." + ODD);
    }
  }

  private static List<String> xattrNames(Layer layer, LayerRef object) throws ErrnoException {
    List<String> names = new ArrayList<>();
    XattrSyscalls.forEachName(
        layer.xattrNames(object), name -> names.add(new String(name, ISO_8859_1)));
    // A host with security labels adds its own.
    names.removeIf(name -> name.startsWith("security."));
    names.sort(null);
    return names;
  }

  @Test
  default void readLink_givesTheBytesOfTheTarget() throws Exception {
    String target = "/a//b/../" + "x".repeat(3000) + "/";
    LayerTree.make(upper(), "l -> " + target, "f=x");
    for (Layer layer : views()) {
      assertThat(layer.readLink(ref(layer, "l"))).isEqualTo(bytes(target));
      assertThatThrownBy(() -> layer.readLink(ref(layer, "f"))).isInstanceOf(ErrnoException.class);
    }
  }

  @Test
  default void open_followsNoLink() throws Exception {
    LayerTree.make(upper(), "f=x", "l -> f", "d/f=x", "dl -> d");
    for (Layer layer : views()) {
      assertErrno(Errno.ELOOP, () -> layer.open(ref(layer, "l")).close());
      assertThatThrownBy(() -> layer.open(ref(layer, "dl/f")).close())
          .isInstanceOf(ErrnoException.class);
      assertThat(layer.stat(ref(layer, "dl/f"), new Stat())).isFalse();
    }
  }

  @Test
  default void list_givesTypesAndInodeNumbers_withoutDots() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "d/f=x", "d/d/", "d/l -> f", "d/w !");
    for (int type : new int[] {Linux.S_IFIFO, Linux.S_IFSOCK, Linux.S_IFBLK}) {
      upper.publish(
          upper.prepareNode(type, 0), ref(upper, "d"), name("n" + Integer.toOctalString(type)));
    }
    for (Layer layer : views()) {
      Map<String, Integer> types = new TreeMap<>();
      layer.list(
          ref(layer, "d"),
          (name, type, ino) -> {
            assertThat(statOf(layer, new LayerRef(ref(layer, "d"), Name.of(name))).ino())
                .isEqualTo(ino);
            types.put(new String(name, ISO_8859_1), type);
          });
      assertThat(types)
          .containsExactlyInAnyOrderEntriesOf(
              Map.of(
                  "f", Linux.DT_REG,
                  "d", Linux.DT_DIR,
                  "l", Linux.DT_LNK,
                  "w", Linux.DT_CHR,
                  "n10000", Linux.DT_FIFO,
                  "n140000", Linux.DT_SOCK,
                  "n60000", Linux.DT_BLK));
    }
  }

  @Test
  default void list_ofManyEntries_isComplete() throws Exception {
    UpperLayer upper = upper();
    List<String> made = new ArrayList<>();
    LayerTree.make(upper, "d/");
    for (int i = 0; i < 3000; i++) {
      String name = "entry-with-a-rather-long-name-" + i;
      upper.whiteout(ref(upper, "d"), name(name));
      made.add(name);
    }
    for (Layer layer : views()) {
      List<String> listed = new ArrayList<>();
      layer.list(ref(layer, "d"), (name, type, ino) -> listed.add(new String(name, ISO_8859_1)));
      assertThat(listed).containsExactlyInAnyOrderElementsOf(made);
    }
  }

  @Test
  default void list_passesOnWhatTheVisitorThrows() throws Exception {
    LayerTree.make(upper(), "d/f=x");
    for (Layer layer : views()) {
      assertErrno(
          Errno.EINTR,
          () ->
              layer.list(
                  ref(layer, "d"),
                  (name, type, ino) -> {
                    throw ErrnoException.of(Errno.EINTR);
                  }));
    }
  }

  @Test
  default void hardLinks_areOneInode() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "a=x", "d/");
    upper.link(ref(upper, "a"), ref(upper, "d"), name("b"));
    for (Layer layer : views()) {
      Stat a = statOf(layer, ref(layer, "a"));
      Stat b = statOf(layer, ref(layer, "d/b"));
      assertThat(a.nlink()).isEqualTo(2);
      assertThat(b.nlink()).isEqualTo(2);
      assertThat(a.ino()).isEqualTo(b.ino());
    }
  }

  @Test
  default void xattrs_areBinary_emptyAndAbsent() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "f=x", "l -> f");
    byte[] binary = {0, 1, (byte) 0xff, 0, '\n'};
    byte[] large = new byte[2000];
    Arrays.fill(large, (byte) 0xa5);
    upper.setXattr(ref(upper, "f"), bytes("user.binary"), binary, 0);
    upper.setXattr(ref(upper, "f"), bytes("user.empty"), new byte[0], 0);
    upper.setXattr(ref(upper, "f"), bytes("trusted.large"), large, 0);
    upper.setXattr(ref(upper, "l"), bytes("trusted.link"), bytes("of the link"), 0);
    for (Layer layer : views()) {
      LayerRef file = ref(layer, "f");
      assertThat(layer.xattr(file, bytes("user.binary"))).isEqualTo(binary);
      assertThat(layer.xattr(file, bytes("user.empty"))).isEmpty();
      assertThat(layer.xattr(file, bytes("trusted.large"))).isEqualTo(large);
      assertThat(layer.xattr(file, bytes("user.none"))).isNull();
      assertThat(layer.xattr(layer.root(), bytes("user.none"))).isNull();
      assertThat(xattrNames(layer, file))
          .containsExactly("trusted.large", "user.binary", "user.empty");
      assertThat(layer.xattr(ref(layer, "l"), bytes("trusted.link")))
          .isEqualTo(bytes("of the link"));
    }
  }

  @Test
  default void xattrs_of64KiB() throws Exception {
    assumeTrue(
        capabilities().contains(Capability.LARGE_XATTRS), "this layer has no xattrs of 64 KiB");
    UpperLayer upper = upper();
    LayerTree.make(upper, "f=x");
    byte[] largest = new byte[65536];
    Arrays.fill(largest, (byte) 7);
    upper.setXattr(ref(upper, "f"), bytes("trusted.large"), largest, 0);
    for (Layer layer : views()) {
      assertThat(layer.xattr(ref(layer, "f"), bytes("trusted.large"))).isEqualTo(largest);
    }
    assertErrno(
        Errno.E2BIG,
        () -> upper.setXattr(ref(upper, "f"), bytes("trusted.large"), new byte[65537], 0));
  }

  @Test
  default void keptFile_isReachableWithoutItsName_andForgottenOnce() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "f=content");
    LayerRef file = ref(upper, "f");
    long ino = statOf(upper, file).ino();
    upper.keep(file);
    upper.keep(file);
    upper.unlink(upper.root(), name("f"));
    LayerTree.make(upper, "f=another");
    assertThat(statOf(upper, file).nlink()).isZero();
    assertThat(statOf(upper, file).ino()).isEqualTo(ino);
    assertThat(content(upper, file)).isEqualTo("content");
    upper.chmod(file, 0400);
    upper.chown(file, 5, 6);
    upper.setXattr(file, bytes("user.x"), bytes("y"), 0);
    upper.setTimes(file, 1, 2, 3, 4);
    upper.sync(file);
    assertThat(upper.xattr(file, bytes("user.x"))).isEqualTo(bytes("y"));
    assertThat(statOf(upper, file).mode()).isEqualTo(Linux.S_IFREG | 0400);
    assertThat(statOf(upper, file).mtimeSeconds()).isEqualTo(3);
    try (var open = upper.openWritable(file)) {
      LayerTree.write(open, bytes("C"), 0);
    }
    assertThat(content(upper, file)).isEqualTo("Content");
    assertThat(content(upper, ref(upper, "f"))).isEqualTo("another");
    upper.forget(file);
    upper.forget(file);
    assertErrno(Errno.ESTALE, () -> upper.stat(file, new Stat()));
  }

  @Test
  default void keptObjectsOfOtherTypes_liveOnWithoutTheirNames() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "l -> target", "d/");
    upper.publish(upper.prepareNode(Linux.S_IFIFO, 0), upper.root(), name("p"));
    LayerRef link = ref(upper, "l");
    LayerRef directory = ref(upper, "d");
    LayerRef fifo = ref(upper, "p");
    upper.list(directory, (n, t, i) -> {}); // so that a descriptor of it is cached
    for (LayerRef each : List.of(link, directory, fifo)) {
      upper.keep(each);
    }
    upper.unlink(upper.root(), name("l"));
    upper.unlink(upper.root(), name("p"));
    upper.removeDirectory(upper.root(), name("d"));
    assertThat(upper.readLink(link)).isEqualTo(bytes("target"));
    upper.chmod(fifo, 0600);
    assertThat(statOf(upper, fifo).mode()).isEqualTo(Linux.S_IFIFO | 0600);
    upper.chmod(directory, 0500);
    assertThat(statOf(upper, directory).mode()).isEqualTo(Linux.S_IFDIR | 0500);
    assertThat(LayerTree.render(upper)).isEmpty();
    List<String> listed = new ArrayList<>();
    upper.list(directory, (n, t, i) -> listed.add("entry"));
    assertThat(listed).isEmpty();
    for (LayerRef each : List.of(link, directory, fifo)) {
      upper.forget(each);
    }
  }

  @Test
  default void keptObject_takesAnotherName_byRename() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "f=x", "d/");
    LayerRef file = ref(upper, "f");
    upper.link(file, ref(upper, "d"), name("second"));
    upper.keep(file);
    upper.unlink(upper.root(), name("f"));
    upper.rename(file, ref(upper, "d"), name("second"));
    assertThat(file.place()).isNotNull();
    assertThat(content(upper, file)).isEqualTo("x");
    assertThat(statOf(upper, file).nlink()).isEqualTo(1);
    upper.forget(file);
  }

  @Test
  default void handle_leadsToTheObject_whileItIsThere() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "d/f=x");
    for (Layer layer : views()) {
      byte[] handle = layer.handle(ref(layer, "d/f"));
      Stat stat = new Stat();
      assertThat(handle).isNotNull();
      assertThat(handle != null && layer.statByHandle(handle, stat)).isTrue();
      assertThat(stat.ino()).isEqualTo(statOf(layer, ref(layer, "d/f")).ino());
    }
    byte[] handle = upper.handle(ref(upper, "d/f"));
    upper.unlink(ref(upper, "d"), name("f"));
    assertThat(handle != null && upper.statByHandle(handle, new Stat())).isFalse();
  }

  @Test
  default void statFs_hasSizes() throws Exception {
    for (Layer layer : views()) {
      StatFs sizes = new StatFs();
      layer.statFs(sizes);
      assertThat(sizes.blocks()).isPositive();
      assertThat(sizes.blockSize()).isPositive();
      assertThat(sizes.nameMax()).isEqualTo(255);
    }
  }
}
