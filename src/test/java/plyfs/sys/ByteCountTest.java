package plyfs.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ByteCountTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1000, 1000",
    "59B, 59",
    "50MB, 50000000",
    "50MiB, 52428800",
    "50mib, 52428800",
    "50 MB, 50000000",
    "4K, 4096",
    "4k, 4096",
    "4kB, 4000",
    "4KB, 4000",
    "4KiB, 4096",
    "1.5M, 1572864",
    "1.5GB, 1500000000",
    "16T, 17592186044416",
    "2TiB, 2199023255552"
  })
  void units_areToldApart(String text, long bytes) {
    assertThat(ByteCount.parse(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "MB", "-1", "1e3", "5 0MB", "50 MiBs", "1..2K", "9999999T", "10%"})
  void whatIsNoSize_isRefused(String text) {
    assertThatThrownBy(() -> ByteCount.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("'" + text + "' is not a size: ");
  }
}
