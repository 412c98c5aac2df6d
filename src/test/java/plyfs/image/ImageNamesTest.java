package plyfs.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Digest;
import plyfs.image.model.Limit;
import plyfs.image.model.Reference;
import plyfs.image.tar.Timestamp;

/** Texts that name something: references, digests, times. */
final class ImageNamesTest {
  @ParameterizedTest
  @CsvSource({
    "busybox, busybox:latest",
    "docker.io/library/busybox:1.36, busybox:1.36",
    "index.docker.io/a/b, a/b:latest",
    "localhost:5000/x/y:z, localhost:5000/x/y:z",
    "quay.io/a__b.c-d:T_1.-, quay.io/a__b.c-d:T_1.-",
  })
  void reference_isShownAsPeopleWriteIt(String text, String shown) {
    assertThat(Reference.parse(text)).hasToString(shown);
    assertThat(Reference.parse(shown)).isEqualTo(Reference.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "A", "a b", "a:", ":b", "a//b", "../a", "a/../b", "a:b/c", "-a", "a\n"})
  void reference_thatIsNone(String text) {
    assertThat(Reference.parse(text)).isNull();
  }

  @Test
  void reference_ofALayout_mayEndInADigest() {
    String digest = "@" + Digest.sha256(new byte[0]);
    assertThat(Reference.parseWithDigest("busybox:1" + digest)).hasToString("busybox:1");
    assertThat(Reference.parseWithDigest("localhost:5000/x:1" + digest))
        .hasToString("localhost:5000/x:1");
    for (String none : List.of("x" + digest, "localhost:5000/x" + digest, "x:1@sha256:0", "@")) {
      assertThat(Reference.parseWithDigest(none)).as(none).isNull();
    }
  }

  @Test
  void limit_saysWhatHasHowManyAndWhatToDo() {
    assertThatThrownBy(() -> Limit.WHITEOUTS.check("the layer", 1_000_001))
        .isInstanceOf(BadImageException.class)
        .hasMessage(
            "the layer: 1000001 whiteouts are more than the 1000000 that are allowed; hide whole"
                + " directories instead");
  }

  @Test
  void chainId_isTheDigestOfBothDigests() throws BadImageException {
    Digest a = Digest.sha256(new byte[] {1});
    Digest b = Digest.sha256(new byte[] {2});
    // printf '%s %s' sha256:4bf5... sha256:dbc1... | sha256sum
    assertThat(Digest.chain(a, b))
        .hasToString("sha256:1f948c8bb830505362401f7f8bb91fbb9a46ea20fe54f20d8a132749afef5ffa");
    assertThat(Digest.parse(a.toString())).isEqualTo(a);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "sha256:", "md5:00", "sha256:ABCD", "sha512:00", "../../etc/passwd"})
  void digest_thatIsNone(String text) {
    assertThatThrownBy(() -> Digest.parse(text))
        .isInstanceOf(BadImageException.class)
        .hasMessageContaining("'" + text + "' is not a digest: expected");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0",
    "1350244992.023960108, 1350244992, 23960108",
    "-1.5, -2, 500000000",
    "-0.25, -1, 750000000",
    "-3, -3, 0",
  })
  void timestamp_countsForwardFromNegativeSeconds(String text, long seconds, int nanos) {
    Timestamp time = Timestamp.ofDecimal(text);
    assertThat(time).isEqualTo(new Timestamp(seconds, nanos));
    assertThat(Timestamp.ofDecimal(time.toDecimal())).isEqualTo(time);
  }
}
