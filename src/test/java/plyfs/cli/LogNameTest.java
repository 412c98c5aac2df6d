package plyfs.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LogNameTest {
  private static String nameOf(String path) {
    return new String(LogName.of(path.getBytes(ISO_8859_1)), ISO_8859_1);
  }

  @ParameterizedTest
  @CsvSource({
    "/mnt/p, mnt-p.log",
    "/mnt-p, mnt%2dp.log",
    "/mnt/%2d, mnt-%252d.log",
    "/, -.log",
    "/.hidden/a b, %2ehidden-a%20b.log",
    "/mnt/\u00ff\\, mnt-%ff%5c.log",
    "/mnt/~x, mnt-%7ex.log",
  })
  void slashIsADash_andOtherBytesAreNumbers(String path, String name) {
    assertThat(nameOf(path)).isEqualTo(name);
  }

  @Test
  void longPaths_haveDifferentNamesThatAFileCanHave() {
    String common = "/" + "directory/".repeat(300);
    String one = nameOf(common + "a");
    String other = nameOf(common + "b");
    assertThat(one)
        .isNotEqualTo(other)
        .endsWith(".log")
        .doesNotContain("/")
        .startsWith("directory-");
    assertThat(one.length() + ".old".length()).isLessThanOrEqualTo(255);
  }
}
