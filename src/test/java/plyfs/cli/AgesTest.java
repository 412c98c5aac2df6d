package plyfs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import plyfs.cli.format.Units;

final class AgesTest {
  /** As docker/go-units has them: HumanDuration. */
  @ParameterizedTest
  @CsvSource({
    "0,Less than a second",
    "-5,Less than a second",
    "1,1 second",
    "59,59 seconds",
    "60,About a minute",
    "150,2 minutes",
    "3599,59 minutes",
    "3600,About an hour",
    "5400,2 hours",
    "86400,24 hours",
    "172799,2 days",
    "172800,2 days",
    "1209599,2 weeks",
    "1209600,2 weeks",
    "5184000,2 months",
    "63072000,2 years"
  })
  void age_isInDockersWords(long seconds, String expected) {
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

  /** As docker/go-units has them, HumanSizeWithPrecision, but where it writes 1e+03kB. */
  @ParameterizedTest
  @CsvSource({
    "0,0B",
    "999,999B",
    "1000,1kB",
    "1500,1.5kB",
    "1234567,1.23MB",
    "4260000,4.26MB",
    "9995000,10MB",
    "117400000,117MB",
    "999600,1MB",
    "9223372036854775807,9.22EB"
  })
  void dockersSize_hasThreeDigits_withoutZerosAtTheEnd(long bytes, String expected) {
    assertThat(Units.size(bytes)).isEqualTo(expected);
  }
}
