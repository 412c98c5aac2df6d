package plyfs.layer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static plyfs.layer.TestMounts.bytes;
import static plyfs.layer.TestMounts.plan;
import static plyfs.layer.TestMounts.readOnlyPlan;

import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;

/** Which layers a mount takes, and how it reaches them. */
final class LayerStackTest {
  private TestMounts places;
  private int descriptorsBefore;

  LayerStackTest() throws Exception {
    places = new TestMounts();
  }

  @BeforeEach
  void count() throws Exception {
    try (Fd warm = Fd.open(bytes("/"), Linux.O_PATH)) {
      assertThat(warm.isOpen()).isTrue();
    }
    descriptorsBefore = TestMounts.openDescriptors();
  }

  @AfterEach
  void close() throws Exception {
    try {
      assertThat(TestMounts.openDescriptors())
          .as("no descriptor leaks")
          .isEqualTo(descriptorsBefore);
    } finally {
      places.close();
    }
  }

  private void assertRefused(MountPlan plan, String... parts) {
    assertThatThrownBy(() -> LayerStack.open(plan, 64).close())
        .isInstanceOf(MountRefusedException.class)
        .satisfies(e -> assertThat(e.getMessage()).contains(parts));
  }

  @Test
  void missingLayers_andFiles_areRefusedByName() throws Exception {
    Path lower = places.directory("lower");
    Path file = Files.writeString(lower.resolve("file"), "x");
    Path missing = lower.resolveSibling("missing");
    assertRefused(readOnlyPlan(lower, missing), "lower directory", missing.toString(), "ENOENT");
    assertRefused(readOnlyPlan(file), "lower directory", file.toString(), "ENOTDIR");
    assertRefused(
        plan(missing, places.directory("w"), lower), "upper directory", missing.toString());
    assertRefused(plan(places.directory("u"), missing, lower), "workdir", missing.toString());
  }

  @Test
  void sameDirectoryTwice_andNestedOnes_areRefused() throws Exception {
    Path lower = places.directory("lower");
    Path inside = places.directory("lower/in/side");
    Path upper = places.directory("upper");
    Path work = places.directory("work");
    assertRefused(readOnlyPlan(lower, lower), "same directory", "EINVAL");
    assertRefused(readOnlyPlan(lower, lower.resolve("in/..")), "same directory");
    assertRefused(readOnlyPlan(inside, lower), "inside", inside.toString(), "ELOOP");
    assertRefused(plan(inside, work, lower), "upper directory " + inside, "inside");
    assertRefused(plan(upper, places.directory("upper/work"), lower), "workdir", "inside");
    assertRefused(plan(places.directory("work/upper"), work, lower), "upper directory", "inside");
    assertRefused(plan(upper, upper, lower), "same directory");
    Path link = Files.createSymbolicLink(lower.resolveSibling("link"), lower);
    assertRefused(readOnlyPlan(lower, link), "same directory");
  }

  /** SEMANTICS 3.38: the way by which a directory is reached does not matter. */
  @Test
  void sameDirectory_andNestedOnes_throughBindMounts_areRefused() throws Exception {
    Path lower = places.directory("lower");
    Path inside = places.directory("lower/in/side");
    Path bound = places.mountBy("bound", "--bind", lower.toString());
    Path deep = places.mountBy("deep", "--bind", inside.toString());
    assertRefused(readOnlyPlan(lower, bound), "same directory", "EINVAL");
    assertRefused(readOnlyPlan(deep, inside), "same directory");
    assertRefused(readOnlyPlan(lower, deep), deep + " lies inside", "ELOOP");
    assertRefused(readOnlyPlan(deep, bound), deep + " lies inside");
    assertRefused(readOnlyPlan(deep, bound.resolve("in")), deep + " lies inside");
    Path upper = places.directory("upper");
    assertRefused(plan(deep, places.directory("lower/w"), upper, lower), "lies inside");
    LayerStack.open(readOnlyPlan(deep, upper), 64).close();
  }

  @Test
  void fileSystemMountedInsideALayer_isAnotherLayer() throws Exception {
    Path lower = places.directory("lower");
    Path mounted = places.mount("tmpfs", "lower/sub");
    LayerStack.open(readOnlyPlan(mounted, lower), 64).close();
  }

  /** SEMANTICS 3.38: in use by an overlay in the mount table. */
  @Test
  void upperAndWorkdirOfAMountedOverlay_areRefused_untilItIsUnmounted() throws Exception {
    Path lower = places.directory("lower");
    Path upper = places.directory("up, per");
    Path work = places.directory("work");
    String options =
        "lowerdir="
            + lower
            + ",upperdir="
            + upper.toString().replace(",", "\\,")
            + ",workdir="
            + work;
    Path overlay = places.mountBy("overlay", "-t", "overlay", "overlay", "-o", options);
    Path other = places.directory("other");
    assertRefused(plan(upper, other, lower), "upperdir of the overlay mounted on", "EBUSY");
    assertRefused(plan(other, work, lower), "workdir of the overlay mounted on " + overlay);
    places.unmount(overlay);
    LayerStack.open(plan(upper, work, lower), 64).close();
  }

  @Test
  void fileSystemWithoutEntryTypes_isRefusedAsUpper() throws Exception {
    Path image = places.directory("images").resolve("ext4");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(16 << 20);
    }
    List<String> make = List.of("mkfs.ext4", "-q", "-F", "-O", "^filetype", image.toString());
    assumeTrue(TestMounts.run(make) == 0, "needs mkfs.ext4 of e2fsprogs");
    Path disk = places.mountBy("disk", "-o", "loop", image.toString());
    Path upper = Files.createDirectory(disk.resolve("u"));
    Path work = Files.createDirectory(disk.resolve("w"));
    Path lower = places.directory("lower");
    assertRefused(plan(upper, work, lower), "workdir " + work, "d_type", "EINVAL");
    LayerStack.open(readOnlyPlan(upper, lower), 64).close();
  }

  @Test
  void deepTreeInWorkdir_isSwept_howeverDeep() throws Exception {
    Path work = places.directory("work");
    makeDeepTree(places.directory("work/work"), 5000);
    try (LayerStack stack =
        LayerStack.open(plan(places.directory("upper"), work, places.directory("lower")), 64)) {
      assertThat(stack.upper()).isNotNull();
      try (Stream<Path> left = Files.list(work.resolve("work"))) {
        assertThat(left).allMatch(p -> p.endsWith("#whiteout"));
      }
    }
  }

  /** Too deep for a path, so made step by step; each level holds a file, too. */
  private static void makeDeepTree(Path top, int depth) throws Exception {
    Fd at = Fd.open(bytes(top), Linux.O_PATH | Linux.O_DIRECTORY);
    byte[] name = bytes("d");
    for (int i = 0; i < depth; i++) {
      assertThat(Syscalls.mkdirat(at, name, 0700)).isZero();
      Fd next = Fd.openat(at, name, Linux.O_PATH | Linux.O_DIRECTORY, 0);
      at.close();
      at = next;
      Fd.openat(at, bytes("f"), Linux.O_CREAT | Linux.O_WRONLY, 0600).close();
    }
    at.close();
  }

  @Test
  void neighboursWithACommonPrefix_areAccepted() throws Exception {
    try (LayerStack stack =
        LayerStack.open(
            readOnlyPlan(places.directory("a"), places.directory("a-b"), places.directory("ab")),
            64)) {
      assertThat(stack.lowers()).hasSize(3);
      assertThat(stack.upper()).isNull();
      assertThat(stack.all()).hasSize(3);
    }
  }

  @Test
  void workdirOnAnotherMount_isRefused() throws Exception {
    Path upper = places.directory("upper");
    Path elsewhere = places.mount("tmpfs", "elsewhere");
    Path lower = places.directory("lower");
    assertRefused(plan(upper, elsewhere, lower), "same mount", "EXDEV", elsewhere.toString());
    assertRefused(plan(elsewhere, upper, lower), "same mount", "EXDEV");
    Files.createDirectory(elsewhere.resolve("w"));
    assertRefused(plan(upper, elsewhere.resolve("w"), lower), "same mount", "EXDEV");
  }

  /** A failure at the first, second or third open of {@code CommonMount} leaves nothing open. */
  @Test
  void upperAndWorkdir_whenDescriptorsRunOut_leaveNoneOpen() throws Exception {
    long limit = MountSyscalls.raiseDescriptorLimit();
    assumeTrue(limit <= 1 << 16, "a table of " + limit + " descriptors is too large for a test");
    Path upper = places.directory("upper");
    Path work = places.directory("work");
    try (Fd upperFd = Fd.open(bytes(upper), Linux.O_PATH);
        Fd workFd = Fd.open(bytes(work), Linux.O_PATH)) {
      CommonMount.Pair pair = commonMount(upperFd, upper, workFd, work); // loads all classes
      pair.upper().close();
      pair.work().close();
      UpperMount mount = pair.mount();
      assumeTrue(mount != null, "needs a machine that can clone a mount");
      if (mount != null) {
        mount.close();
      }
      int before = TestMounts.openDescriptors();
      for (int free = 0; free < 3; free++) {
        int error = 0;
        try (Exhausted all = new Exhausted(upperFd, free)) {
          assertThat(all.taken()).isPositive();
          commonMount(upperFd, upper, workFd, work);
        } catch (ErrnoException e) {
          error = e.errno();
        }
        assertThat(error).as("%s free", free).isEqualTo(Errno.EMFILE);
        assertThat(TestMounts.openDescriptors()).as("%s free", free).isEqualTo(before);
      }
    }
  }

  private static CommonMount.Pair commonMount(Fd upperFd, Path upper, Fd workFd, Path work)
      throws Exception {
    return CommonMount.of(upperFd, workFd, bytes(upper), bytes(work), false);
  }

  /** All descriptors that the process may have are taken, except for some. */
  private static final class Exhausted implements AutoCloseable {
    private final Deque<Fd> taken = new ArrayDeque<>();

    Exhausted(Fd any, int free) {
      try {
        while (true) {
          taken.push(Syscalls.reopen(any, Linux.O_PATH));
        }
      } catch (ErrnoException e) {
        for (int i = 0; i < free; i++) {
          taken.pop().close();
        }
      }
    }

    int taken() {
      return taken.size();
    }

    @Override
    public void close() {
      taken.forEach(Fd::close);
    }
  }

  @Test
  void upperAndWorkdir_besideEachOther_onAMountOfTheirOwn() throws Exception {
    Path disk = places.mount("tmpfs", "disk");
    Path upper = Files.createDirectory(disk.resolve("u"));
    Path work = Files.createDirectory(disk.resolve("w"));
    try (LayerStack stack = LayerStack.open(plan(upper, work, places.directory("lower")), 64)) {
      UpperLayer layer = stack.upper();
      assertThat(layer).isNotNull();
      if (layer != null) {
        layer.publish(layer.prepareDirectory(), layer.root(), Name.of("made"));
      }
    }
    assertThat(upper.resolve("made")).isDirectory();
  }

  @Test
  void fileSystemWithoutAttributes_isRefusedAsUpper_withTheReason() throws Exception {
    Path disk = places.mount("ramfs", "ram");
    Path upper = Files.createDirectory(disk.resolve("u"));
    Path work = Files.createDirectory(disk.resolve("w"));
    assertRefused(
        plan(upper, work, places.directory("lower")),
        "upper directory " + upper,
        "attributes trusted.overlay.*",
        "EOPNOTSUPP");
    assertThat(upper).isEmptyDirectory();
    assertThat(work.resolve("work")).isEmptyDirectory();
  }

  @Test
  void workdirInUse_isRefused_andFreeAfterwards() throws Exception {
    Path lower = places.directory("lower");
    Path upper = places.directory("upper");
    Path work = places.directory("work");
    try (LayerStack first = LayerStack.open(plan(upper, work, lower), 64)) {
      assertThat(first.upper()).isNotNull();
      assertRefused(
          plan(places.directory("upper2"), work, lower), work.toString(), "in use", "EBUSY");
    }
    LayerStack.open(plan(upper, work, lower), 64).close();
  }

  @Test
  void workdir_isEmptiedOfWhatACrashLeft_andOtherEntriesAreLeftAlone() throws Exception {
    Path work = places.directory("work");
    Files.writeString(places.directory("work/work/#1/deep/er").resolve("f"), "left");
    Files.writeString(work.resolve("work/#2"), "left");
    Files.writeString(work.resolve("keep"), "mine");
    try (LayerStack stack =
        LayerStack.open(plan(places.directory("upper"), work, places.directory("lower")), 64)) {
      assertThat(stack.upper()).isNotNull();
      assertThat(work.resolve("work/#2")).doesNotExist();
      assertThat(work.resolve("work/#1/deep")).doesNotExist();
    }
    assertThat(work.resolve("keep")).hasContent("mine");
  }

  /** SEMANTICS 8.14: the kernel refuses a write to a lower layer even where the daemon errs. */
  @Test
  void lowerLayer_isReadOnlyForEveryCallOnItsDescriptors() throws Exception {
    Path lower = places.directory("lower");
    Path file = Files.writeString(lower.resolve("f"), "content");
    try (LayerStack stack = LayerStack.open(readOnlyPlan(lower), 64)) {
      HostLayer layer = (HostLayer) stack.lowers().get(0);
      Fd root = layer.directories.acquire(layer.root());
      byte[] name = bytes("f");
      byte[] fresh = bytes("new");
      int create = Linux.O_WRONLY | Linux.O_CREAT;
      assertErofs(() -> Fd.openat(root, fresh, create, 0600).close());
      assertErofs(() -> Fd.openat(root, name, Linux.O_RDWR, 0).close());
      assertThat(Syscalls.mkdirat(root, fresh, 0700)).isEqualTo(-Errno.EROFS);
      assertThat(Syscalls.unlinkat(root, name, 0)).isEqualTo(-Errno.EROFS);
      assertThat(Syscalls.chmodat(root, name, 0600)).isEqualTo(-Errno.EROFS);
      assertThat(Syscalls.chownat(root, name, 1, 1)).isEqualTo(-Errno.EROFS);
      assertThat(Syscalls.utimensat(root, name, 1, 1, 1, 1)).isEqualTo(-Errno.EROFS);
      assertThat(Syscalls.linkat(root, name, root, fresh)).isEqualTo(-Errno.EROFS);
      assertThat(XattrSyscalls.set(root, name, bytes("user.a"), fresh, 0)).isEqualTo(-Errno.EROFS);
      try (Fd open = Fd.openat(root, name, Linux.O_RDONLY, 0)) {
        assertErofs(() -> Syscalls.reopen(open, Linux.O_RDWR).close());
        assertThat(Syscalls.fchmod(open, 0600)).isEqualTo(-Errno.EROFS);
      }
      layer.root().release();
    }
    assertThat(file).hasContent("content");
  }

  private static void assertErofs(ThrowingCallable call) {
    assertThatThrownBy(call).hasMessageContaining("EROFS");
  }

  /** SEMANTICS 4.96, L1. */
  @Test
  void readingALowerLayer_movesNoAccessTime() throws Exception {
    Path lower = places.directory("lower");
    Path file = Files.writeString(lower.resolve("f"), "content");
    Path link = Files.createSymbolicLink(lower.resolve("l"), Path.of("f"));
    for (Path each : new Path[] {file, lower}) {
      Files.setAttribute(each, "lastAccessTime", FileTime.fromMillis(1000));
    }
    try (LayerStack stack = LayerStack.open(readOnlyPlan(lower), 64)) {
      Layer layer = stack.lowers().get(0);
      layer.list(layer.root(), (name, type, ino) -> {});
      layer.readLink(new LayerRef(layer.root(), Name.of("l")));
      try (LayerFile open = layer.open(new LayerRef(layer.root(), Name.of("f")))) {
        ByteBuffer memory = ByteBuffer.allocateDirect(16);
        assertThat(open.read(Syscalls.addressOf(memory), 16, 0)).isEqualTo(7);
      }
      Stat stat = new Stat();
      for (String name : new String[] {"f"}) {
        assertThat(layer.stat(new LayerRef(layer.root(), Name.of(name)), stat)).isTrue();
        assertThat(stat.atimeSeconds()).isEqualTo(1);
      }
      assertThat(layer.stat(layer.root(), stat)).isTrue();
      assertThat(stat.atimeSeconds()).isEqualTo(1);
    }
    assertThat(link).isSymbolicLink();
  }

  @Test
  void submounts_areNotEntered() throws Exception {
    Path lower = places.directory("lower");
    Files.writeString(places.directory("lower/sub").resolve("covered"), "x");
    Path mounted = places.mount("tmpfs", "lower/sub");
    Files.writeString(mounted.resolve("of-the-mount"), "y");
    try (LayerStack stack = LayerStack.open(readOnlyPlan(lower), 64)) {
      Layer layer = stack.lowers().get(0);
      LayerRef sub = new LayerRef(layer.root(), Name.of("sub"));
      assertThat(layer.stat(new LayerRef(sub, Name.of("covered")), new Stat())).isTrue();
      assertThat(layer.stat(new LayerRef(sub, Name.of("of-the-mount")), new Stat())).isFalse();
    }
  }

  @Test
  void commonAncestor_isOfWholeComponents() {
    assertThat(ancestor("/a/b/u", "/a/b/w")).isEqualTo("/a/b");
    assertThat(ancestor("/a/bc", "/a/bd")).isEqualTo("/a");
    assertThat(ancestor("/u", "/w")).isEqualTo("/");
    assertThat(ancestor("/a/u", "/b/w")).isEqualTo("/");
    assertThat(ancestor("/a/u", "/a/u2")).isEqualTo("/a");
  }

  private static String ancestor(String one, String other) {
    return new String(CommonMount.commonAncestor(bytes(one), bytes(other)), UTF_8);
  }
}
