package plyfs.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Getdents;
import plyfs.sys.Linux;
import plyfs.sys.Stat;

/** SEMANTICS 4, names that change while another thread looks at them. */
final class RaceScenarios {
  private static final int ROUNDS = 200;
  private static final int THREADS = 8;
  private static final int FILES = 12;

  private RaceScenarios() {}

  /** Whether stat finds the name; any failure but ENOENT is thrown. */
  private static boolean isThere(DiskTree at, String path) throws ErrnoException {
    try {
      return at.stat(path).ino() != 0;
    } catch (ErrnoException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
      return false;
    }
  }

  @Item("4.62")
  static void renamedLowerFile_isListedUnderOneNameAlways(MountedUnion union) throws Throwable {
    union.lower("merged/x=1", "pure/other=");
    union.lower("merged/other=");
    DiskTree at = union.mount();
    at.rename("pure/other", "pure/x");
    for (String directory : List.of("merged", "pure")) {
      String one = directory + "/x";
      String two = directory + "/y";
      Concurrent.whileLooking(
          () -> {
            for (int i = 0; i < ROUNDS; i++) {
              at.rename(one, two);
              at.rename(two, one);
            }
          },
          () -> {
            List<String> names = new ArrayList<>(at.list(directory));
            names.remove("other");
            assertThat(names).as(directory).hasSize(1);
          });
    }
  }

  @Item("4.62")
  static void fileReplacedByRename_isAlwaysThere(MountedUnion union) throws Throwable {
    union.lower("f=lower", "g=other");
    DiskTree at = union.mount();
    Concurrent.whileLooking(
        () -> {
          at.rename("g", "f");
          for (int i = 0; i < ROUNDS; i++) {
            at.write("g", "again");
            at.rename("g", "f");
            at.write("h", "third");
            at.rename("h", "f", Linux.RENAME_EXCHANGE);
            at.unlink("h");
          }
        },
        () -> assertThat(isThere(at, "f")).isTrue());
    assertThat(union.remount().render()).containsExactly("f=third");
  }

  @Item("4.17")
  static void nameThatChangesItsType_isOneOfThemOrAbsent(MountedUnion union) throws Throwable {
    union.lower("d/name=lower", "d/same=1");
    DiskTree at = union.mount();
    Concurrent.whileLooking(
        () -> {
          at.unlink("d/name");
          for (int i = 0; i < ROUNDS; i++) {
            at.mkdir("d/name");
            at.rmdir("d/name");
            at.symlink("same", "d/name");
            at.unlink("d/name");
            at.write("d/name", "x");
            at.unlink("d/name");
          }
        },
        () -> {
          for (String name : at.list("d")) {
            lookAt(at, "d/" + name);
          }
        });
    for (int i = 0; i < 1000; i++) {
      assertThat(at.stat("d/same").size()).isEqualTo(1);
    }
    assertThat(at.render()).containsExactly("d/", "d/same=1");
  }

  private static void lookAt(DiskTree at, String path) throws ErrnoException {
    try {
      Stat stat = at.stat(path);
      assertThat(stat.isDirectory() || stat.isSymlink() || stat.isRegular()).isTrue();
      at.readLink(path);
    } catch (ErrnoException e) {
      assertThat(e.errno()).isIn(Errno.ENOENT, Errno.EINVAL);
    }
  }

  /** System property {@code plyfs.names.entries}: how many, in the long form 100000. */
  @Item("4.54")
  static void creationsWhileAnotherEmptiesTheDirectory_neverRepeatOrSkipAnOldName(
      MountedUnion union) throws Throwable {
    List<DiskTree> lowers = List.of(union.lower("d/"), union.lower("d/"));
    int entries = Integer.getInteger("plyfs.names.entries", 1000);
    for (int i = 0; i < entries; i++) {
      lowers.get(i % 2).write("d/old-" + i, "");
    }
    DiskTree at = union.mount();
    Set<String> seen = new HashSet<>();
    int[] made = {0};
    Concurrent.whileLooking(
        () -> emptyWhileListing(at, seen), () -> at.write("d/new-" + made[0]++, ""));
    assertThat(seen.stream().filter(name -> name.startsWith("old-"))).hasSize(entries);
    assertThat(at.list("d")).noneMatch(name -> name.startsWith("old-"));
    at.removeAll("d");
    assertThat(at.render()).isEmpty();
  }

  private static void emptyWhileListing(DiskTree at, Set<String> seen) throws ErrnoException {
    try (Fd directory = at.open("d", Linux.O_RDONLY | Linux.O_DIRECTORY)) {
      Getdents found = new Getdents();
      while (found.advance(directory)) {
        String name = new String(found.name(), ISO_8859_1);
        assertThat(seen.add(name)).as("%s once", name).isTrue();
        if (name.startsWith("old-")) {
          at.unlink("d/" + name);
        }
      }
    }
  }

  /** Each thread has a name of its own, and all list, write, move and copy up side by side. */
  @Item("4.57")
  static void eightThreadsInOneDirectory_allEnd(MountedUnion union) throws Throwable {
    DiskTree lower = union.lower("d/");
    for (int thread = 0; thread < THREADS; thread++) {
      for (int i = 0; i < FILES; i++) {
        lower.write("d/low-" + thread + "-" + i, "lower");
      }
    }
    DiskTree at = union.mount();
    List<ThrowingCallable> workers = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      int number = thread;
      workers.add(() -> work(at, number));
    }
    Concurrent.together(workers);
    List<String> expected = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      for (int i = 0; i < FILES; i++) {
        expected.add("d/moved-" + thread + "-" + i + "=lower+");
      }
    }
    expected.add("d/");
    assertThat(at.render()).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(union.remount().render()).containsExactlyInAnyOrderElementsOf(expected);
  }

  private static void work(DiskTree at, int thread) throws ErrnoException {
    for (int i = 0; i < FILES; i++) {
      String name = "d/low-" + thread + "-" + i;
      at.append(name, "+");
      at.write("d/tmp-" + thread, "x");
      at.rename(name, "d/moved-" + thread + "-" + i);
      assertThat(at.list("d")).contains("moved-" + thread + "-" + i).contains("tmp-" + thread);
      at.unlink("d/tmp-" + thread);
      assertThat(at.list("d")).doesNotContain("tmp-" + thread);
    }
  }
}
