package plyfs.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.contract.MountedUnion.errno;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;

/** SEMANTICS 4, what a descriptor still does when its name has changed or is gone. */
final class DescriptorScenarios {
  private static final String ROOT = "--reuid=0";

  private DescriptorScenarios() {}

  static Stat fstat(Fd file) throws ErrnoException {
    Stat stat = new Stat();
    ErrnoException.check(Syscalls.statx(file, Syscalls.SELF, stat));
    return stat;
  }

  /** The path under which another process finds a descriptor of this one. */
  private static String path(Fd file) {
    return "/proc/" + ProcessHandle.current().pid() + "/fd/" + file.forMessage();
  }

  /** Everything that a descriptor open for reading and writing does with {@code content!}. */
  private static void useWithoutName(Fd file) throws Throwable {
    assertThat(fstat(file).nlink()).isZero();
    assertThat(DiskTree.pread(file, 20, 0)).isEqualTo("content!");
    DiskTree.pwrite(file, "C", 0);
    assertThat(FileSyscalls.ftruncate(file, 4)).isZero();
    assertThat(Syscalls.fchmod(file, 0640)).isZero();
    assertThat(Syscalls.chownat(file, Syscalls.SELF, 3, 4)).isZero();
    assertThat(Syscalls.utimensat(file, Syscalls.SELF, 1, 2, 3, 4)).isZero();
    assertThat(FileSyscalls.fallocate(file, 0, 0, 100)).isZero();
    assertThat(FileSyscalls.fsync(file)).isZero();
    assertThat(XattrSyscalls.set(file, Syscalls.SELF, LayerTree.bytes("user.a"), new byte[] {1}, 0))
        .isZero();
    try (Fd reader = Syscalls.reopen(file, Linux.O_RDONLY);
        Fd writer = Syscalls.reopen(file, Linux.O_RDWR)) {
      DiskTree.pwrite(writer, "c", 0);
      assertThat(DiskTree.pread(reader, 4, 0)).isEqualTo("cont");
    }
    Stat stat = fstat(file);
    assertThat(stat.mode()).isEqualTo(Linux.S_IFREG | 0640);
    assertThat(stat.uid() + ":" + stat.gid()).isEqualTo("3:4");
    assertThat(stat.size()).isEqualTo(100);
    assertThat(stat.nlink()).isZero();
  }

  /** Nor can an NFS server have one. */
  @Item(value = "5.46", needs = Promise.LAYERED)
  static void handleOfAFile_cannotBeHad(MountedUnion union) throws Throwable {
    union.lower("f=1");
    DiskTree at = union.mount();
    assertThat(Syscalls.nameToHandle(Fd.CWD, LayerTree.bytes(at.root() + "/f"))).isNull();
    at.append("f", "+");
    assertThat(Syscalls.nameToHandle(Fd.CWD, LayerTree.bytes(at.root() + "/f"))).isNull();
  }

  private static void useUnlinkedUpperFiles(DiskTree at) throws Throwable {
    at.append("copied", "!");
    at.append("replaced", "!");
    try (Fd copied = at.open("copied", Linux.O_RDWR);
        Fd replaced = at.open("replaced", Linux.O_RDWR)) {
      at.unlink("copied");
      at.rename("new", "replaced");
      useWithoutName(copied);
      useWithoutName(replaced);
    }
    assertThat(at.render()).containsExactly("replaced=n");
  }

  @Item("4.52")
  static void unlinkedOpenFile_ofTheUpper_staysUsable(MountedUnion union) throws Throwable {
    union.lower("copied=content", "replaced=content", "new=n");
    useUnlinkedUpperFiles(union.mount());
  }

  @Item(value = "4.52, 6.4", needs = Promise.UNLINKED_LOWER_CAN_CHANGE)
  static void unlinkedOpenFile_staysUsable_whenTheKernelKeepsNoAttributes(MountedUnion union)
      throws Throwable {
    union.lower("copied=content", "replaced=content", "new=n");
    useUnlinkedUpperFiles(union.mount("timeout=0"));
  }

  @Item(value = "4.52, 4.99", needs = Promise.UNLINKED_LOWER_CAN_CHANGE)
  static void unlinkedOpenFile_ofALower_staysUsable(MountedUnion union) throws Throwable {
    union.lower("gone=content!", "replaced=content!", "new=n");
    DiskTree at = union.mount();
    try (Fd gone = at.open("gone", Linux.O_RDONLY);
        Fd replaced = at.open("replaced", Linux.O_RDONLY)) {
      at.unlink("gone");
      at.rename("new", "replaced");
      for (Fd reader : List.of(gone, replaced)) {
        assertThat(fstat(reader).nlink()).isZero();
        assertThat(Syscalls.chownat(reader, Syscalls.SELF, 3, 4)).isZero();
        try (Fd writer = Syscalls.reopen(reader, Linux.O_RDWR)) {
          useWithoutName(writer);
        }
        assertThat(DiskTree.pread(reader, 4, 0)).isEqualTo("cont");
      }
    }
    union.unmount();
    assertThat(union.upper().render()).containsExactly("gone !", "new !", "replaced=n");
  }

  @Item("4.52")
  static void unlinkedProgram_canBeExecuted(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower();
    UnionMounter.run(List.of("cp", "/bin/echo", lower.root() + "/low"));
    UnionMounter.run(List.of("cp", "/bin/echo", lower.root() + "/copied"));
    DiskTree at = union.mount();
    at.chmod("copied", 0700);
    for (String name : List.of("low", "copied")) {
      try (Fd program = at.open(name, Linux.O_RDONLY)) {
        at.unlink(name);
        assertThat(UnionMounter.run(List.of(path(program), "hello"))).isEqualTo("hello");
      }
    }
  }

  @Item("4.59")
  static void programThatIsWritten_isNotExecuted(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower();
    UnionMounter.run(List.of("cp", "/bin/echo", lower.root() + "/echo"));
    DiskTree at = union.mount();
    try (Fd writer = at.open("echo", Linux.O_WRONLY)) {
      assertThat(writer.isOpen()).isTrue();
      assertThat(union.as(ROOT, "exec ./echo hello").text()).contains("Text file busy");
    }
    assertThat(union.as(ROOT, "exec ./echo hello").text()).isEqualTo("hello");
  }

  @Item("4.59")
  static void runningProgram_isNotCopiedUpByWhatFails(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower();
    UnionMounter.run(List.of("cp", "/bin/cat", lower.root() + "/cat"));
    DiskTree at = union.mount();
    Process running = new ProcessBuilder(at.root() + "/cat").start();
    try {
      running.getOutputStream().write('x');
      running.getOutputStream().flush();
      assertThat(running.getInputStream().read()).isEqualTo('x');
      union.unchangedUpper(
          () -> {
            assertThat(errno(() -> at.open("cat", Linux.O_RDWR).close())).isEqualTo("ETXTBSY");
            assertThat(errno(() -> at.open("cat", Linux.O_WRONLY | Linux.O_TRUNC).close()))
                .isEqualTo("ETXTBSY");
            assertThat(union.as(ROOT, "perl -e 'truncate(\"cat\", 0) or print $!'").text())
                .isEqualTo("Text file busy");
          });
    } finally {
      running.getOutputStream().close();
      running.onExit().join();
    }
  }

  @Item("4.107")
  static void pathDescriptor_actsOnTheSameFile_afterCopyUpAndRename(MountedUnion union)
      throws Throwable {
    union.lower("f=old");
    DiskTree at = union.mount();
    try (Fd path = at.open("f", Linux.O_PATH)) {
      assertThat(fstat(path).size()).isEqualTo(3);
      at.append("f", " and new");
      assertThat(fstat(path).size()).isEqualTo(11);
      for (String name : List.of("f", "g")) {
        try (Fd reader = Syscalls.reopen(path, Linux.O_RDONLY);
            Fd writer = Syscalls.reopen(path, Linux.O_RDWR)) {
          DiskTree.pwrite(writer, name.toUpperCase(Locale.ROOT), 0);
          assertThat(DiskTree.pread(reader, 1, 0)).isNotEqualTo("o");
        }
        Syscalls.reopen(path, Linux.O_WRONLY | Linux.O_TRUNC).close();
        assertThat(at.stat(name).size()).isZero();
        at.append(name, "more");
        assertThat(fstat(path).size()).isEqualTo(4);
        assertThat(union.as(ROOT, "chmod 0" + (name.equals("f") ? 611 : 622) + " " + path(path)))
            .extracting(MountedUnion.Output::text)
            .isEqualTo("");
        assertThat(at.stat(name).mode() & 0777).isEqualTo(name.equals("f") ? 0611 : 0622);
        if (name.equals("f")) {
          at.rename("f", "g");
        }
      }
    }
  }

  @Item("4.107")
  static void pathDescriptor_ofALower_isOpenedForWriting(MountedUnion union) throws Throwable {
    union.lower("f=old", "renamed=old");
    DiskTree at = union.mount();
    try (Fd path = at.open("f", Linux.O_PATH);
        Fd moved = at.open("renamed", Linux.O_PATH)) {
      try (Fd writer = Syscalls.reopen(path, Linux.O_WRONLY)) {
        DiskTree.pwrite(writer, "NEW", 0);
      }
      at.rename("renamed", "g");
      Syscalls.reopen(moved, Linux.O_WRONLY | Linux.O_TRUNC).close();
      assertThat(fstat(moved).size()).isZero();
    }
    assertThat(at.render()).containsExactly("f=NEW", "g=");
  }

  /** The kernel must not go on with the attributes that the lower file had. */
  @Item("4.23, 4.28, 5.5, 5.7: copy-up by open(2) alone")
  static void attributesAfterAnOpenForWriting_areThoseOfTheUpperFile(MountedUnion union)
      throws Throwable {
    union.lower("a=1", "d/f=1", "d/sub/").link("a", "b");
    DiskTree at = union.mount();
    Stat before = at.stat("a");
    assertThat(before.nlink()).isEqualTo(2);
    assertThat(at.stat("d").nlink()).isEqualTo(3);
    at.open("a", Linux.O_RDWR).close();
    at.open("d/f", Linux.O_RDWR).close();
    assertThat(at.stat("a").nlink()).isEqualTo(1);
    assertThat(at.stat("a").ino()).isNotEqualTo(before.ino());
    assertThat(at.stat("b").ino()).isEqualTo(before.ino());
    assertThat(at.stat("d").nlink()).isEqualTo(1);
    assertSameChangeTime(at, union.upper(), "a");
    assertSameChangeTime(at, union.upper(), "d");
    assertSameChangeTime(at, union.upper(), "d/f");
  }

  static void assertSameChangeTime(DiskTree at, DiskTree upper, String path) throws Exception {
    assertThat(changeTime(at, path)).as(path).isEqualTo(changeTime(upper, path));
  }

  private static String changeTime(DiskTree tree, String path) throws IOException {
    return UnionMounter.run(List.of("stat", "-c", "%z", tree.root() + "/" + path));
  }
}
