package plyfs.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import plyfs.sys.Linux;
import plyfs.sys.Stat;

/**
 * Bugs of other file systems, mostly overlays, that users or tests have reported about programs. A
 * scenario is named after the reported symptom, which must not occur here; its comment names the
 * project and the issue.
 */
final class ProgramBugReports {
  private ProgramBugReports() {}

  private static String run(MountedUnion union, String command) throws Exception {
    MountedUnion.Output output = union.as("--reuid=0", command);
    assertThat(output.exitCode()).as("%s: %s", command, output.text()).isZero();
    return output.text();
  }

  private static void requireProgram(String name) {
    try {
      UnionMounter.run(List.of("sh", "-c", "command -v " + name));
    } catch (IOException e) {
      Assumptions.abort("needs " + name);
    }
  }

  /** moby/moby issues 11705 and 31587: the file is copied up after tail(1) has opened it. */
  @Item("4.48, 4.109")
  static void tailOfALowerFile_showsNothingNew(MountedUnion union) throws Throwable {
    union.lower("log=first\n");
    DiskTree at = union.mount();
    Process tail = new ProcessBuilder("tail", "-F", "-n", "+1", at.root() + "/log").start();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(tail.getInputStream(), UTF_8))) {
      assertThat(lines.readLine()).isEqualTo("first");
      at.append("log", "second\n");
      assertThat(lines.readLine()).isEqualTo("second");
      at.append("log", "third\n");
      assertThat(lines.readLine()).isEqualTo("third");
    } finally {
      tail.destroy();
      tail.onExit().join();
    }
  }

  /**
   * containers/fuse-overlayfs issues 265 and 348: the program cannot set the mode of the new file.
   */
  @Item("4.68")
  static void sedInPlaceByAnOrdinaryUser_cannotKeepPermissions(MountedUnion union)
      throws Throwable {
    union.lower("d/hello=hello\n", "d/hello (664 5:5)", "d (755 5:5)");
    DiskTree at = union.mount();
    assertThat(union.asUser(5, "umask 0777; sed -i s/hello/HELLO/ d/hello").text()).isEmpty();
    assertThat(at.render()).containsExactly("d/", "d/hello=HELLO\n");
    assertThat(at.stat("d/hello").mode()).isEqualTo(Linux.S_IFREG | 0664);
    assertThat(at.stat("d/hello").uid()).isEqualTo(5);
  }

  /** rfjakob/gocryptfs issue 491. */
  @Item("4.69")
  static void copyOfReadOnlyFilesByTheirOwner_cannotKeepPermissions(MountedUnion union)
      throws Throwable {
    union.lower("h/git/pack=1", "h/git/pack (444 5:5)", "h/git (555 5:5)", "h (755 5:5)");
    DiskTree at = union.mount();
    assertThat(union.asUser(5, "cp -a h/git h/1 && chmod 700 h/1").text()).isEmpty();
    assertThat(at.read("h/1/pack")).isEqualTo("1");
    assertThat(at.stat("h/1/pack").mode()).isEqualTo(Linux.S_IFREG | 0444);
    assertThat(at.stat("h/1/pack").mtimeNanos()).isEqualTo(at.stat("h/git/pack").mtimeNanos());
  }

  /** trapexit/mergerfs issues 976 and 983: databases mapped into memory, and unsupported locks. */
  @Item("4.49, 4.50")
  static void databaseOfALowerLayer_isMalformedOrCannotBeLocked(MountedUnion union)
      throws Throwable {
    DiskTree lower = union.lower("d/");
    requireProgram("sqlite3");
    UnionMounter.run(
        List.of("sqlite3", lower.root() + "/d/db", "create table t(x); insert into t values(1);"));
    DiskTree at = union.mount();
    String start = "sqlite3 d/db 'pragma mmap_size=1048576' 'pragma journal_mode=";
    assertThat(run(union, start + "wal' 'insert into t values(2)' 'select sum(x) from t'"))
        .endsWith("3");
    assertThat(run(union, start + "delete' 'insert into t values(3)' 'select sum(x) from t'"))
        .endsWith("6");
    union.remount();
    assertThat(run(union, "sqlite3 d/db 'pragma integrity_check' 'select sum(x) from t'"))
        .isEqualTo("ok\n6");
    assertThat(at.list("d")).containsExactly("db");
  }

  /** netheril96/securefs issue 58: git appends to its logs, and locks with links and renames. */
  @Item("4.62, 4.92")
  static void gitRepositoryOfALowerLayer_cannotBeCommittedTo(MountedUnion union) throws Throwable {
    requireProgram("git");
    DiskTree lower = union.lower("r/");
    String git = "git -c user.name=n -c user.email=e -c safe.directory='*' -c gc.auto=0 ";
    UnionMounter.run(
        List.of(
            "sh",
            "-c",
            "cd "
                + lower.root()
                + "/r && git init -q && echo 1 >f && "
                + git
                + "add f && "
                + git
                + "commit -qm one"));
    union.mount();
    run(union, "cd r && echo 2 >>f && " + git + "commit -qam two && " + git + "mv f g");
    run(union, "cd r && " + git + "commit -qam three && " + git + "gc -q");
    union.remount();
    assertThat(
            run(union, "cd r && " + git + "fsck --full 2>/dev/null; cat g; " + git + "status -s"))
        .isEqualTo("1\n2");
    assertThat(run(union, "cd r && " + git + "log --format=%s")).isEqualTo("three\ntwo\none");
  }

  /** containers/fuse-overlayfs issue 384: "file changed as we read it" for the root directory. */
  @Item("4.33")
  static void archiveOfTheWholeTree_changesWhileItIsRead(MountedUnion union) throws Throwable {
    union.lower("tmp/", "etc/a=1", "etc/sub/b=2", "usr/c=3");
    DiskTree at = union.mount();
    at.append("etc/a", "+");
    Stat before = at.stat("etc");
    assertThat(run(union, "tar -cf tmp/flash.tar --one-file-system --exclude='./*' -C . ."))
        .isEmpty();
    assertThat(run(union, "tar -cf tmp/all.tar --one-file-system --exclude=./tmp .")).isEmpty();
    assertThat(run(union, "tar -df tmp/all.tar")).isEmpty();
    Stat after = at.stat("etc");
    assertThat(after.ctimeNanos()).isEqualTo(before.ctimeNanos());
    assertThat(after.mtimeNanos()).isEqualTo(before.mtimeNanos());
  }

  /** netheril96/securefs issue 171: "Directory renamed before its status could be extracted". */
  @Item("4.20, 4.21")
  static void unpackingAnArchive_findsOtherDirectoriesThanItMade(MountedUnion union)
      throws Throwable {
    union.lower("a/b/c/", "a/b/f=1");
    DiskTree at = union.mount();
    run(union, "mkdir -p src/a/b/c/d/e src/a/x/y && echo 2 >src/a/b/c/d/e/f && chmod 555 src/a/x");
    run(union, "touch -d @1000 src/a/x src/a/b/c src/a/b && tar -cf src.tar -C src a");
    assertThat(run(union, "tar -xpf src.tar")).isEmpty();
    assertThat(at.read("a/b/c/d/e/f")).isEqualTo("2\n");
    assertThat(at.read("a/b/f")).isEqualTo("1");
    assertThat(at.stat("a/b").mtimeSeconds()).isEqualTo(1000);
    assertThat(at.stat("a/x").mode()).isEqualTo(Linux.S_IFDIR | 0555);
  }
}
