package plyfs.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class StoreChoiceTest {
  /** A store whose name is not UTF-8 became another directory. */
  @Test
  void variableWithBytesThatAreNotUtf8_isTakenAsItIs() {
    byte[] environment = "A=PLYFS_STORE=no\0PLYFS_STORE=/s\u00e9=\0B=\0".getBytes(ISO_8859_1);
    assertThat(StoreChoice.variable(environment, "PLYFS_STORE"))
        .isEqualTo("/s\u00e9=".getBytes(ISO_8859_1));
    assertThat(StoreChoice.variable(environment, "B")).isEmpty();
    assertThat(StoreChoice.variable(environment, "STORE")).isNull();
  }
}
