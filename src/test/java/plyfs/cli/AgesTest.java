package plyfs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AgesTest {
  @ParameterizedTest
  @CsvSource({
    "0,0 seconds",
    "-5,0 seconds",
    "1,1 second",
    "59,59 seconds",
    "60,1 minute",
    "7200,2 hours",
    "86400,1 day",
    "1209599,13 days",
    "1209600,2 weeks",
    "5184000,2 months",
    "63072000,2 years"
  })
  void age_isInItsLargestUnit(long seconds, String expected) {
    assertThat(Ages.about(Duration.ofSeconds(seconds))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "0,0B",
    "999,999B",
    "1000,1.00kB",
    "1234567,1.23MB",
    "9995000,10.0MB",
    "117400000,117MB",
    "999600000,1.00GB"
  })
  void size_hasThreeDigits(long bytes, String expected) {
    assertThat(Ages.size(bytes)).isEqualTo(expected);
  }
}
