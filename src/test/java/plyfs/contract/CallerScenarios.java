package plyfs.contract;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import plyfs.sys.IdmappedMounts;
import plyfs.sys.Linux;
import plyfs.sys.Stat;

/** SEMANTICS 4.106, 8.11, 8.17: what the kernel makes of callers before it asks. */
final class CallerScenarios {
  private static final String DENIED = "Permission denied";

  private CallerScenarios() {}

  /** A user namespace in which 100000 and up are 0 and up; it lives while its process does. */
  private record UserNamespace(Process process) implements AutoCloseable {
    static UserNamespace make() throws IOException {
      Process process =
          new ProcessBuilder("unshare", "--user", "sh", "-c", "echo ready; read end").start();
      UserNamespace made = new UserNamespace(process);
      boolean ready = process.getInputStream().read() == 'r';
      if (!ready) {
        made.close();
      }
      assumeTrue(ready, "needs user namespaces: unshare --user");
      for (String map : List.of("uid_map", "gid_map")) {
        Files.write(made.file(map), "0 100000 65536".getBytes(US_ASCII));
      }
      return made;
    }

    Path file(String name) {
      return Path.of("/proc/" + process.pid() + "/" + name);
    }

    @Override
    public void close() {
      process.destroy();
      process.onExit().join();
    }
  }

  private static String owner(DiskTree at, String path) throws Exception {
    Stat stat = at.stat(path);
    return stat.uid() + ":" + stat.gid();
  }

  @Item(value = "4.106, 8.11", needs = Promise.IDMAPPED_MOUNTS)
  static void idmappedMount_storesTheMappedOwner(MountedUnion union) throws Throwable {
    union.lower("f=1", "f (640 5:5)", "d/", "d (777 0:0)", "old=1", "old (644 7:7)");
    DiskTree at = union.mount();
    String second = Files.createDirectory(union.beside().resolve("idmapped")).toString();
    try (UserNamespace namespace = UserNamespace.make()) {
      IdmappedMounts.mount(at.root(), second, namespace.file("ns/user").toString());
    }
    try {
      String there = "cd " + second + "; umask 022; ";
      assertThat(union.as("--reuid=0", there + "stat -c %u:%g f d old").text())
          .isEqualTo("100005:100005\n100000:100000\n100007:100007");
      assertThat(union.asUser(5, there + "cat f").text()).contains(DENIED);
      assertThat(
              union
                  .asUser(
                      100007,
                      there
                          + "cat f 2> d/denied; cd d; echo 1 > new; mkdir sub; mkfifo p; ln -s a l;"
                          + " mv new moved; ln moved linked; rm linked; echo 2 >> moved;"
                          + " chmod 640 moved; setfattr -n user.a -v 1 moved; echo 2 >> ../old;"
                          + " rmdir sub; mkdir sub")
                  .text())
          .isEmpty();
      for (String made : List.of("d/denied", "d/moved", "d/sub", "d/p", "d/l", "old")) {
        assertThat(owner(at, made)).as(made).isEqualTo("7:7");
      }
      assertThat(at.read("d/denied")).contains(DENIED);
      assertThat(at.read("d/moved")).isEqualTo("1\n2\n");
      assertThat(union.asUser(100005, there + "cat f; echo 2 >> f").text()).isEqualTo("1");
      assertThat(union.asUser(8, there + "echo 1 > d/unmapped").text()).contains("too large");
      assertThat(union.as("--reuid=0", there + "chown 100009:100009 f").text()).isEmpty();
      assertThat(owner(at, "f")).isEqualTo("9:9");
      assertThat(owner(union.upper(), "d/moved")).isEqualTo("7:7");
    } finally {
      UnionMounter.run(List.of("umount", second));
    }
  }

  /** Does something while a setting of the kernel is on, and puts it back. */
  private static void with(String setting, AssertionsOnly action) throws Throwable {
    Path file = Path.of("/proc/sys/fs/" + setting);
    assumeTrue(Files.isWritable(file), () -> "needs to write " + file);
    byte[] before = Files.readAllBytes(file);
    Files.write(file, "1".getBytes(US_ASCII));
    try {
      action.run();
    } finally {
      Files.write(file, before);
    }
  }

  private interface AssertionsOnly {
    void run() throws Throwable;
  }

  @Item("8.17")
  static void protectedSymlinks_areNotFollowedInStickyDirectories(MountedUnion union)
      throws Throwable {
    DiskTree lower = union.lower("f=1", "f (644 0:0)", "d/l -> ../f", "d (1777 0:0)");
    lower.chown("d/l", 2, 2);
    union.mount();
    with(
        "protected_symlinks",
        () ->
            union.unchangedUpper(
                () -> {
                  assertThat(union.asUser(1, "cat d/l").text()).contains(DENIED);
                  assertThat(union.asUser(2, "cat d/l").text()).isEqualTo("1");
                }));
  }

  @Item("8.17")
  static void protectedHardlinks_areNotMadeToForeignFiles(MountedUnion union) throws Throwable {
    union.lower("d/f=1", "d/f (644 2:2)", "d (777 0:0)");
    DiskTree at = union.mount();
    with(
        "protected_hardlinks",
        () -> {
          union.unchangedUpper(
              () ->
                  assertThat(union.asUser(1, "ln d/f d/g").text())
                      .contains("Operation not permitted"));
          assertThat(union.asUser(2, "ln d/f d/g").text()).isEmpty();
        });
    assertThat(at.read("d/g")).isEqualTo("1");
  }

  @Item("8.17")
  static void protectedRegularFiles_areNotOpenedByCreationInStickyDirectories(MountedUnion union)
      throws Throwable {
    union.lower("d/f=1", "d/f (666 2:2)", "d (1777 0:0)");
    union.mount();
    with(
        "protected_regular",
        () -> {
          union.unchangedUpper(
              () -> assertThat(union.asUser(1, "echo 2 > d/f").text()).contains(DENIED));
          assertThat(union.asUser(2, "echo 2 > d/f; cat d/f").text()).isEqualTo("2");
        });
  }

  @Item("8.17")
  static void protectedFifos_areNotOpenedByCreationInStickyDirectories(MountedUnion union)
      throws Throwable {
    DiskTree lower = union.lower("d/x=", "d (1777 0:0)");
    lower.mknod("d/p", Linux.S_IFIFO | 0600, 0);
    lower.chmod("d/p", 0666);
    lower.chown("d/p", 2, 2);
    union.mount();
    with(
        "protected_fifos",
        () ->
            union.unchangedUpper(
                () -> assertThat(union.asUser(1, "echo 2 > d/p").text()).contains(DENIED)));
  }
}
