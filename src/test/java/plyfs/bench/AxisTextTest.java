package plyfs.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists and ranges as a person gives them. */
final class AxisTextTest {
  @Test
  void sizes_rangeHasItsEndsAndPowersOfFour() {
    assertThat(AxisText.sizes("4K..1G"))
        .containsExactly(
            4L << 10,
            16L << 10,
            64L << 10,
            256L << 10,
            1L << 20,
            4L << 20,
            16L << 20,
            64L << 20,
            256L << 20,
            1L << 30);
    assertThat(AxisText.sizes("1M..10M")).containsExactly(1L << 20, 4L << 20, 10L << 20);
  }

  @Test
  void sizes_listIsSortedAndHasEachOnce() {
    assertThat(AxisText.sizes("1m,100,4K..16K,4K")).containsExactly(100L, 4096L, 16384L, 1L << 20);
  }

  @Test
  void depths_rangeHasItsEndsAndPowersOfTwo() {
    assertThat(AxisText.depths("1..128")).containsExactly(1, 2, 4, 8, 16, 32, 64, 128);
    assertThat(AxisText.depths("3,1")).containsExactly(1, 3);
    assertThat(AxisText.depths("5..5")).containsExactly(5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "0", "-4K", "4X", "K", "1M..4K", "4K..", "17T", "4K,,8K", "9999999999G"})
  void sizes_refusesWhatIsNone(String text) {
    assertThatThrownBy(() -> AxisText.sizes(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "1025", "one", "8..1", "1K"})
  void depths_refusesWhatIsNone(String text) {
    assertThatThrownBy(() -> AxisText.depths(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void words_keepTheirOrder() {
    assertThat(AxisText.words("b,a,b")).isEqualTo(List.of("b", "a"));
    assertThatThrownBy(() -> AxisText.words("a,,b")).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "4096,4K", "1048576,1M", "1536,1536", "17592186044416,16T", "1000,1000"})
  void size_isWrittenAsItIsGiven(long bytes, String text) {
    assertThat(AxisText.size(bytes)).isEqualTo(text);
    assertThat(AxisText.sizes(text)).containsExactly(bytes);
  }

  @ParameterizedTest
  @CsvSource({
    "7,7 ns",
    "999.4,999 ns",
    "1234,1.23 µs",
    "99960,100 µs",
    "12345678,12.3 ms",
    "2e10,20.0 s"
  })
  void nanos_haveThreeDigitsAndAUnit(double nanos, String text) {
    assertThat(AxisText.nanos(nanos)).isEqualTo(text);
  }

  @Test
  void pattern_unknownOneIsRefusedWithAllThatThereAre() {
    assertThat(ChangePattern.list("chmod,first-byte"))
        .containsExactly(ChangePattern.CHMOD, ChangePattern.FIRST_BYTE);
    assertThatThrownBy(() -> ChangePattern.list("chomd"))
        .hasMessageContaining("'chomd'")
        .hasMessageContaining(ChangePattern.allWords());
  }
}
