package plyfs.jnrfuse;

import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.jnrfuse.MountedPaths.errno;

import org.junit.jupiter.api.Test;

final class PathNamesTest {
  @Test
  void eachCharacterIsOneByte() throws Exception {
    assertThat(PathNames.bytes("a\u00ff\u0080\n"))
        .containsExactly('a', (byte) 0xff, (byte) 0x80, '\n');
  }

  @Test
  void characterThatIsNoByte_isEilseq() {
    assertThat(errno(() -> PathNames.bytes("\u20ac"))).isEqualTo("EILSEQ");
    assertThat(errno(() -> PathNames.name("\ufffd"))).isEqualTo("EILSEQ");
  }

  @Test
  void whatIsNoName_isRefused() {
    assertThat(errno(() -> PathNames.name("n".repeat(255)))).isEqualTo("ok");
    assertThat(errno(() -> PathNames.name("n".repeat(256)))).isEqualTo("ENAMETOOLONG");
    assertThat(errno(() -> PathNames.name(".."))).isEqualTo("EINVAL");
    assertThat(errno(() -> PathNames.name(""))).isEqualTo("EINVAL");
  }

  @Test
  void pathsAreSplitAtTheLastSlash() {
    assertThat(PathNames.last("/d/e/f")).isEqualTo("f");
    assertThat(PathNames.parent("/d/e/f")).isEqualTo("/d/e");
    assertThat(PathNames.last("/f")).isEqualTo("f");
    assertThat(PathNames.parent("/f")).isEmpty();
    assertThat(PathNames.last("/")).isEmpty();
  }
}
