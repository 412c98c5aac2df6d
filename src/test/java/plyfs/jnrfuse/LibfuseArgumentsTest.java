package plyfs.jnrfuse;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.junit.jupiter.api.Test;
import plyfs.options.MountOptionException;
import plyfs.options.MountOptions;
import plyfs.options.Privilege;
import plyfs.sys.Linux;

final class LibfuseArgumentsTest {
  private static List<String> words(String options, long flags) throws MountOptionException {
    MountOptions parsed = MountOptions.parse(List.of(options.getBytes(ISO_8859_1)), Privilege.ROOT);
    String text =
        new String(LibfuseArguments.options(parsed, parsed.vfs().flags() | flags), ISO_8859_1);
    return List.of(text.split("(?<!\\\\),", -1));
  }

  /** Without these words numbers are invented, writes come in pages, and a check is missing. */
  @Test
  void whatLibfuseDoesWronglyByDefault_isAskedFor() throws Exception {
    assertThat(words("lowerdir=/l", 0))
        .contains(
            "use_ino",
            "default_permissions",
            "nonempty",
            "atomic_o_trunc",
            "big_writes",
            "max_write=131072",
            "max_read=131072",
            "allow_other",
            "suid",
            "dev",
            "rw")
        .doesNotContain("debug", "hard_remove");
  }

  @Test
  void attributesAreKept_onlyForATimeThatWasGiven() throws Exception {
    assertThat(words("lowerdir=/l", 0))
        .contains("entry_timeout=2147483647.000000000", "attr_timeout=0");
    assertThat(words("lowerdir=/l,timeout=1.5", 0))
        .contains(
            "entry_timeout=1.500000000",
            "negative_timeout=1.500000000",
            "attr_timeout=1.500000000");
  }

  @Test
  void flagsOfTheMount_areWords() throws Exception {
    assertThat(words("lowerdir=/l,nosuid,nodev,noexec,noatime,sync,dirsync", Linux.MS_RDONLY))
        .contains("nosuid", "nodev", "noexec", "noatime", "sync", "dirsync", "ro")
        .doesNotContain("suid", "dev", "rw");
  }

  @Test
  void commaAndBackslashInTheSource_stayInIt() throws Exception {
    assertThat(words("lowerdir=/l,fsname=a\\,b\\\\c", 0)).contains("fsname=a\\,b\\\\c");
  }

  @Test
  void smallRequests_areHandedOn_largeOnesCut() throws Exception {
    assertThat(words("lowerdir=/l,max_write=65536", 0)).contains("max_write=65536");
    assertThat(words("lowerdir=/l,max_write=1048576", 0)).contains("max_write=131072");
  }

  @Test
  void argumentVector_isPointersToStringsWithNul() {
    Pointer argv =
        LibfuseArguments.argv(
            Runtime.getSystemRuntime(),
            List.of("plyfs".getBytes(ISO_8859_1), "/\u00ff".getBytes(ISO_8859_1)));
    assertThat(argv.getPointer(0).getString(0, 16, ISO_8859_1)).isEqualTo("plyfs");
    assertThat(argv.getPointer(Long.BYTES).getString(0, 16, ISO_8859_1)).isEqualTo("/\u00ff");
    assertThat(argv.getLong(2L * Long.BYTES)).isZero();
  }
}
