package plyfs.sys;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class EscapedTextTest {
  /** Both were printed as \xff. */
  @Test
  void aByteAndTheTextThatNamesIt_printDifferently() {
    assertThat(EscapedText.of(new byte[] {(byte) 0xff})).isEqualTo("\\xff");
    assertThat(EscapedText.of("\\xff".getBytes(UTF_8))).isEqualTo("\\\\xff");
  }

  /** The bytes, one character each, and what is printed. */
  static Stream<Arguments> texts() {
    return Stream.of(
        Arguments.of("plain name.txt", "plain name.txt"),
        Arguments.of("tab\there", "tab\\x09here"),
        Arguments.of("line\nend", "line\\x0aend"),
        Arguments.of("\u001b[31mred", "\\x1b[31mred"),
        Arguments.of("a\\nb", "a\\\\nb"),
        // UTF-8 stays, beside a byte that is none.
        Arguments.of("\u00c3\u00a9", "\u00e9"),
        Arguments.of("\u00c3\u00a9\u00ff", "\u00e9\\xff"),
        Arguments.of("\u00c3", "\\xc3"),
        Arguments.of("\u00f0\u009f\u0098\u0080", "\ud83d\ude00"),
        // Overlong and surrogate forms are not UTF-8.
        Arguments.of("\u00c0\u00af", "\\xc0\\xaf"),
        Arguments.of("\u00ed\u00a0\u0080", "\\xed\\xa0\\x80"),
        // A C1 control, and one that turns the direction of what follows.
        Arguments.of("\u00c2\u009b", "\\xc2\\x9b"),
        Arguments.of("\u00e2\u0080\u00ae", "\\xe2\\x80\\xae"));
  }

  @ParameterizedTest
  @MethodSource("texts")
  void whatCannotBeSeen_isItsBytes(String bytes, String text) {
    assertThat(EscapedText.of(bytes.getBytes(ISO_8859_1))).isEqualTo(text);
  }

  @Test
  void everyText_saysWhichBytesItIs() {
    Random random = new Random(1);
    byte[] alphabet = "\\xf0a9\u00e9".getBytes(UTF_8);
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = new byte[random.nextInt(8)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] =
            random.nextBoolean()
                ? alphabet[random.nextInt(alphabet.length)]
                : (byte) random.nextInt(256);
      }
      assertThat(back(EscapedText.of(bytes))).isEqualTo(bytes);
    }
  }

  /** What a reader of the text would do. */
  private static byte[] back(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); ) {
      if (text.startsWith("\\\\", i)) {
        bytes.write('\\');
        i += 2;
      } else if (text.startsWith("\\x", i)) {
        bytes.write(Integer.parseInt(text.substring(i + 2, i + 4), 16));
        i += 4;
      } else {
        int character = text.codePointAt(i);
        bytes.writeBytes(Character.toString(character).getBytes(UTF_8));
        i += Character.charCount(character);
      }
    }
    return bytes.toByteArray();
  }
}
