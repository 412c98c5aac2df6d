package plyfs.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class RawArgumentsTest {
  private static byte[] bytes(String latin1) {
    return latin1.getBytes(ISO_8859_1);
  }

  @Test
  void lastArguments_withEmptyOnes_blanksAndForeignBytes() throws Exception {
    byte[] line = bytes("java\0-cp\0x\0Main\0mount\0\0a b\n\0\u00ff\0");
    assertThat(RawArguments.last(line, 4))
        .containsExactly(bytes("mount"), bytes(""), bytes("a b\n"), bytes("\u00ff"));
    assertThat(RawArguments.last(line, 0)).isEmpty();
  }

  @Test
  void fewerThanCounted_isAnError() {
    assertThatThrownBy(() -> RawArguments.last(bytes("java\0"), 2)).isInstanceOf(IOException.class);
  }

  @Test
  void textHasOneCharacterForEachByte() {
    byte[] all = new byte[256];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    assertThat(RawArguments.bytes(RawArguments.text(all))).isEqualTo(all);
  }
}
