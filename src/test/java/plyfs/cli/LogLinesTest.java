package plyfs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LogLinesTest {
  @Test
  void recordWithException_isOneLine() {
    Exception cause = new IllegalStateException("inner");
    String line = LogLines.line("plyfs.x", "two\nlines", new RuntimeException("outer", cause));
    assertThat(line)
        .doesNotContain("\n")
        .matches("plyfs.x two lines \\| .*RuntimeException: outer \\| .*")
        .contains("IllegalStateException: inner")
        .contains("LogLinesTest.recordWithException_isOneLine");
  }

  @Test
  void loggerOfTheProcess_isThisOne() {
    assertThat(System.getLogger("plyfs.test").getClass().getName())
        .startsWith("plyfs.cli.LogLines");
  }
}
