package plyfs.layer;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;

/** SEMANTICS 2.25: the value of an override. */
class OverriddenStatTest {
  private static OverriddenStat parse(String value) throws ErrnoException {
    return OverriddenStat.parse(value.getBytes(US_ASCII));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0:0:0755:dir",
        "1000:1011:4644:file",
        "1:2:0777:symlink",
        "1:2:0600:pipe",
        "1:2:0600:socket",
        "1:2:0660:block-8-17",
        "1:2:0666:char-1-3",
        "4294967294:4294967295:0000:file"
      })
  void whatContainersStorageWrites_isReadAndWritten(String value) throws Exception {
    assertThat(new String(parse(value).encode(), US_ASCII)).isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource({
    "3:4:100751,3:4:0751:file",
    "11:12:40777,11:12:0777:file",
    "0:0:0100755,0:0:0755:file",
    "-2:-1:0,4294967294:4294967295:0000:file"
  })
  void whatOlderWritersLeave_isRead(String value, String now) throws Exception {
    assertThat(parse(value).type()).isZero();
    assertThat(new String(parse(value).encode(), US_ASCII)).isEqualTo(now);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "7",
        "7:8",
        "7:x:644",
        "7:8:9",
        "7:8:644:",
        "7:8:644:door",
        "7:8:644:char",
        "7:8:644 ",
        "7:8:644:char-1",
        "99999999999:0:644",
        "4294967296:0:644",
        "7:8:644:file:x",
        ":8:644"
      })
  void malformedValue_isAnError(String value) {
    assertThatThrownBy(() -> parse(value)).isInstanceOf(ErrnoException.class);
  }

  @Test
  void changeOfOwner_takesSetuidAway_asChownDoes() throws Exception {
    assertThat(parse("1:1:6755:file").withOwner(2, -1)).isEqualTo(parse("2:1:0755:file"));
    assertThat(parse("1:1:6745:file").withOwner(-1, 2)).isEqualTo(parse("1:2:2745:file"));
    assertThat(parse("1:1:6755:dir").withOwner(2, 2).mode()).isEqualTo(06755);
    assertThat(parse("1:1:0600:pipe").withMode(Linux.S_IFREG | 0640))
        .isEqualTo(parse("1:1:0640:pipe"));
  }
}
