package plyfs.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static plyfs.contract.MountedUnion.errno;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import plyfs.contract.PlyfsMountTest.PlyfsMounter;
import plyfs.differential.PlyfsProcess;
import plyfs.sys.Errno;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/**
 * The contract on the transport jnr-fuse. What it cannot keep stands in a table of
 * docs/TRANSPORTS.md and nowhere else; what stands there and passes is a failure, too.
 */
@Tag("mount")
final class JnrFuseMountTest {
  private static final String TRANSPORT = "transport=jnr-fuse";
  private static final Path DOCUMENT = Path.of("docs/TRANSPORTS.md");

  /** {@code | `scenario` | reason |}. */
  private static final Pattern ROW = Pattern.compile("\\| `(\\w+)` \\| (.+) \\|");

  /** Scenarios that must fail, with the reason. */
  private static Map<String, String> exceptions() throws IOException {
    Map<String, String> exceptions = new TreeMap<>();
    for (String line : Files.readAllLines(DOCUMENT, UTF_8)) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        exceptions.put(row.group(1), row.group(2));
      }
    }
    return exceptions;
  }

  private static String plainName(String scenario) {
    return scenario.substring(0, scenario.indexOf(' '));
  }

  private static PlyfsProcess process() throws IOException {
    return new PlyfsProcess("-Dfile.encoding=ISO-8859-1");
  }

  @TestFactory
  Stream<DynamicTest> contract() throws IOException {
    assumeAvailable();
    WarmPlyfs plyfs = new WarmPlyfs(process(), TRANSPORT);
    return FileSystemContract.on(plyfs, exceptions()).onClose(plyfs::closeUnchecked);
  }

  /** The table "cannot be had" of the document. */
  @Test
  void whatCannotBeHad_givesItsErrors() throws Throwable {
    assumeAvailable();
    try (WarmPlyfs plyfs = new WarmPlyfs(process(), TRANSPORT);
        MountedUnion union = new MountedUnion(plyfs)) {
      union.lower("f=text", "g=1", "d/");
      DiskTree at = union.mount();
      assertThat(errno(() -> at.rename("f", "new", Linux.RENAME_NOREPLACE))).isEqualTo("EINVAL");
      assertThat(errno(() -> at.rename("f", "g", Linux.RENAME_EXCHANGE))).isEqualTo("EINVAL");
      assertThat(errno(() -> at.open("d", Linux.O_TMPFILE | Linux.O_RDWR).close()))
          .isEqualTo("EOPNOTSUPP");
      String acl = "\2\0\0\0";
      assertThat(errno(() -> at.setXattr("d", "system.posix_acl_access", acl)))
          .isEqualTo("EOPNOTSUPP");
      assertThat(at.stat("f").hasBtime()).isFalse();
      try (Fd directory = at.open("d", Linux.O_RDONLY | Linux.O_DIRECTORY)) {
        at.rmdir("d");
        assertThat(Syscalls.statx(directory, Syscalls.SELF, new Stat())).isEqualTo(-Errno.ENOENT);
      }
      at.truncate("f", 1 << 20);
      try (Fd file = at.open("f", Linux.O_RDONLY)) {
        assertThat(FileSyscalls.lseek(file, 0, Linux.SEEK_HOLE)).isEqualTo(1 << 20);
        assertThat(FileSyscalls.lseek(file, 4096, Linux.SEEK_DATA)).isEqualTo(4096);
      }
    }
  }

  /** The launcher gives the daemon what it needs for names that are not text. */
  @Test
  void launchedMount_keepsNamesThatAreNotText() throws Throwable {
    assumeAvailable();
    try (MountedUnion union = new MountedUnion(new PlyfsMounter(TRANSPORT))) {
      LookupScenarios.oddNames_areTheSameBytesThroughEveryOperation(union);
    }
  }

  @Test
  void everyException_isAScenario() throws IOException {
    List<String> names =
        FileSystemContract.scenarios().keySet().stream().map(JnrFuseMountTest::plainName).toList();
    assertThat(names).containsAll(exceptions().keySet());
  }

  private static void assumeAvailable() {
    PlyfsMountTest.assumeAvailable();
    boolean hasLibrary =
        Stream.of("/lib", "/usr/lib", "/lib64", "/usr/lib64")
            .flatMap(directory -> Stream.of(directory, directory + "/x86_64-linux-gnu"))
            .anyMatch(directory -> Files.exists(Path.of(directory, "libfuse.so.2")));
    assumeTrue(hasLibrary, "needs libfuse.so.2: package libfuse2");
  }
}
