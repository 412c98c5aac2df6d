package plyfs.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.contract.MountedUnion.errno;

import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import plyfs.contract.KernelOverlayTest.KernelMounter;
import plyfs.contract.PlyfsMountTest.PlyfsMounter;
import plyfs.model.TreeSnapshot;
import plyfs.sys.Linux;

/**
 * SEMANTICS 2.2, 4.77: an upper directory written by Plyfs shows the same tree under kernel
 * overlayfs, and the reverse; then the other one goes on writing, and both agree again.
 */
@Tag("mount")
final class UpperInterchangeTest {
  private static final String METACOPY = "metacopy=on";

  @BeforeEach
  void available() throws Exception {
    KernelOverlayTest.assumeAvailable();
    PlyfsMountTest.assumeAvailable();
  }

  @Test
  void upperOfPlyfs_isReadAlikeByTheKernel() throws Exception {
    swap(new PlyfsMounter(), new KernelMounter());
  }

  @Test
  void upperOfTheKernel_isReadAlikeByPlyfs() throws Exception {
    swap(new KernelMounter(), new PlyfsMounter());
  }

  @Test
  void upperOfPlyfsWithMetacopy_isReadAlikeByTheKernel() throws Exception {
    swap(new PlyfsMounter(), new KernelMounter(), METACOPY);
  }

  @Test
  void upperOfTheKernelWithMetacopy_isReadAlikeByPlyfs() throws Exception {
    swap(new KernelMounter(), new PlyfsMounter(), METACOPY);
  }

  @Test
  void protectionByPlyfs_isKeptByTheKernel() throws Throwable {
    protect(new PlyfsMounter(), new KernelMounter());
  }

  @Test
  void protectionByTheKernel_isKeptByPlyfs() throws Throwable {
    protect(new KernelMounter(), new PlyfsMounter());
  }

  @Test
  void linksOfPlyfs_stayTogetherUnderTheKernel() throws Exception {
    swapLinks(new PlyfsMounter(), new KernelMounter(), "index=on");
  }

  @Test
  void linksOfTheKernel_stayTogetherUnderPlyfs() throws Exception {
    swapLinks(new KernelMounter(), new PlyfsMounter(), "index=on");
  }

  @Test
  void linksOfPlyfsWithMetacopy_stayTogetherUnderTheKernel() throws Exception {
    swapLinks(new PlyfsMounter(), new KernelMounter(), "index=on", METACOPY);
  }

  @Test
  void linksOfTheKernelWithMetacopy_stayTogetherUnderPlyfs() throws Exception {
    swapLinks(new KernelMounter(), new PlyfsMounter(), "index=on", METACOPY);
  }

  /** Link counts of files are part of what is compared. */
  private static void swapLinks(UnionMounter one, UnionMounter other, String... options)
      throws Exception {
    try (MountedUnion union = new MountedUnion(one)) {
      DiskTree top = union.lower("a=1", "d/x=2", "e/", "f=3", "g=4", "h=5", "s -> t", "single=6");
      for (String name : List.of("a", "f", "g", "h", "s")) {
        top.link(name, "d/" + name);
        top.link(name, "e/" + name);
      }
      union.lower("d/low=7", "low2=8").link("d/low", "low3");
      DiskTree at = union.mount(options);
      at.append("a", "+");
      at.unlink("d/f");
      at.link("g", "g2");
      at.rename("single", "e/h");
      at.rename("d/h", "moved");
      at.chown("e/s", 5, 6);
      at.chmod("e/g", 0600);
      at.rename("e", "e2");
      assertSame(union, one, other, options);
      DiskTree then = union.at();
      then.append("d/a", "++");
      then.append("f", "+");
      then.unlink("e2/f");
      then.unlink("f");
      then.unlink("g2");
      then.link("moved", "e2/h2");
      then.unlink("s");
      then.rename("e2/a", "d/g");
      assertSame(union, other, one, options);
      DiskTree last = union.at();
      for (String name : List.of("a", "d/a", "d/g", "g", "e2/g", "h", "moved", "e2/h2")) {
        last.append(name, "!");
      }
      assertThat(last.read("a")).isEqualTo("1+++!!!");
      assertSame(union, one, other, options);
    }
  }

  private static void protect(UnionMounter one, UnionMounter other) throws Throwable {
    try (MountedUnion union = new MountedUnion(one)) {
      union.lower("fixed=1", "log=2", "d/f=3");
      String root = union.mount().root();
      UnionMounter.run(List.of("chattr", "+i", root + "/fixed", root + "/d"));
      UnionMounter.run(List.of("chattr", "+a", root + "/log"));
      DiskTree at = union.remountBy(other);
      assertThat(errno(() -> at.append("fixed", "x"))).isEqualTo("EPERM");
      assertThat(errno(() -> at.unlink("d/f"))).isEqualTo("EPERM");
      assertThat(errno(() -> at.truncate("log", 0))).isEqualTo("EPERM");
      at.append("log", "+");
      UnionMounter.run(List.of("chattr", "-i", root + "/fixed", root + "/d"));
      DiskTree again = union.remountBy(one);
      again.append("fixed", "+");
      again.unlink("d/f");
      assertThat(errno(() -> again.unlink("log"))).isEqualTo("EPERM");
      assertThat(again.read("fixed") + again.read("log")).isEqualTo("1+2+");
    }
  }

  private static void swap(UnionMounter one, UnionMounter other, String... options)
      throws Exception {
    try (MountedUnion union = new MountedUnion(one)) {
      DiskTree top =
          union.lower("etc/passwd=root", "etc/group=g", "lib -> usr/lib", "d/a=1", "d/b=2");
      top.setXattr("etc/group", "user.a", "\0\u00ff");
      top.make("bin/su=su", "bin/su (4755 0:0)", "tmp/", "tmp (1777 0:0)", "\u00ff\u00fe\n=odd");
      top.link("d/a", "d/hard");
      top.make("n/a=data of a", "n/b=data of b", "n/c=data of c", "n/d=data of d", "n/e=");
      union.lower("etc/hosts=h", "d/c=3", "usr/lib/x/y=deep", "doc/one=1", "doc/two=2", "m/k=5");
      DiskTree at = union.mount(options);
      change(at);
      changeAttributes(at);
      assertSame(union, one, other, options);
      changeMore(at);
      assertSame(union, other, one, options);
    }
  }

  /** The union is mounted by the first; afterwards by the second. */
  private static void assertSame(
      MountedUnion union, UnionMounter one, UnionMounter other, String... options)
      throws Exception {
    SortedMap<String, String> first = union.snapshot();
    union.remountBy(other, options);
    SortedMap<String, String> second = union.snapshot();
    assertThat(TreeSnapshot.diff(first, second))
        .as("what %s (-) and %s (+) show", one.kind(), other.kind())
        .isEmpty();
    assertThat(first).hasSizeGreaterThan(15);
  }

  /** As {@link #swap}, with marks in the user namespace, where no redirect is written. */
  static void swapWithoutRedirects(UnionMounter one, UnionMounter other) throws Exception {
    try (MountedUnion union = new MountedUnion(one)) {
      DiskTree top = union.lower("etc/passwd=root", "etc/group=g", "lib -> usr/lib", "d/a=1");
      top.make("bin/su=su", "bin/su (4755 0:0)", "ro=1", "ro (444 0:0)", "o/x=1", "o/y/z=1");
      union.lower("etc/hosts=h", "d/c=3", "doc/one=1", "doc/two=2", "m/k=5");
      DiskTree at = union.mount();
      at.append("etc/passwd", "+user");
      at.chown("bin/su", 5, 6);
      at.chmod("bin/su", 06711);
      at.chmod("ro", 0400);
      at.setXattr("etc/group", "user.overlay.opaque", "forged");
      at.setXattr("d", "user.overlay.opaque", "y");
      at.removeAll("doc");
      at.mkdir("doc");
      at.write("doc/new", "fresh");
      at.unlink("etc/hosts");
      at.unlink("lib");
      at.mkdir("new");
      at.write("new/x", "2");
      at.removeAll("o");
      at.rename("new", "o");
      at.mknod("fifo", Linux.S_IFIFO | 0640, 0);
      assertSame(union, one, other);
      assertThat(at.xattr("d", "user.overlay.opaque")).isEqualTo("y");
      at.unlink("o/x");
      at.rename("o", "doc/o");
      at.write("etc/hosts", "again");
      at.append("ro", "+");
      at.mkdir("o");
      at.chmod("m", 0700);
      assertSame(union, other, one);
    }
  }

  private static void change(DiskTree at) throws Exception {
    at.append("etc/passwd", "+user");
    at.chown("bin/su", 5, 6);
    at.chmod("bin/su", 06711);
    at.setXattr("etc/group", "user.b", "more");
    at.setXattr("etc/group", "trusted.overlay.opaque", "forged");
    at.removeAll("doc");
    at.mkdir("doc");
    at.write("doc/new", "fresh");
    at.unlink("etc/hosts");
    at.rename("d", "moved");
    at.rename("usr/lib/x", "x");
    at.append("moved/hard", "!");
    at.link("moved/c", "c2");
    at.unlink("lib");
    at.symlink("elsewhere", "lib");
    at.mknod("fifo", Linux.S_IFIFO | 0640, 0);
    at.mknod("tty", Linux.S_IFCHR | 0620, 0x0501);
    at.append("\u00ff\u00fe\n", "+");
    at.truncate("m/k", 0);
    at.utimens("m/k", -1, 1, (1L << 32) + 1, 5);
    at.utimens("moved", 10, 11, 12, 13);
  }

  /** With metacopy=on these leave data below, which the other must find. */
  private static void changeAttributes(DiskTree at) throws Exception {
    at.chmod("n/a", 0600);
    at.rename("n/b", "n/b2");
    at.rename("n/c", "etc/c");
    at.link("n/d", "n/d2");
    at.chmod("n/e", 0600);
    at.setXattr("n/a", "user.x", "y");
    at.rename("n", "o");
  }

  private static void changeMore(DiskTree at) throws Exception {
    at.rename("o/a", "a");
    at.append("o/b2", "+");
    at.truncate("etc/c", 4);
    at.append("o/d2", "+");
    at.append("o/e", "no longer empty");
    at.rename("moved", "doc/again");
    at.unlink("doc/again/b");
    at.write("doc/again/b", "back");
    at.mkdir("d");
    at.write("d/other", "not the old one");
    at.rename("x/y", "y");
    at.rmdir("x");
    at.rename("c2", "etc/hosts");
    at.removeXattr("etc/group", "user.a");
    at.rename("bin/su", "etc/passwd", Linux.RENAME_EXCHANGE);
    at.removeAll("m");
  }
}
