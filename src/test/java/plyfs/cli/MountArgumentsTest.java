package plyfs.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import plyfs.image.foreign.ForeignStoreKind;

final class MountArgumentsTest {
  private static MountArguments parse(String... words) throws CommandFailure {
    List<byte[]> bytes = new ArrayList<>();
    for (String word : words) {
      bytes.add(word.getBytes(ISO_8859_1));
    }
    return MountArguments.parse(bytes);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, ISO_8859_1);
  }

  @Test
  void optionsAndPositionals_inAnyOrder() throws Exception {
    MountArguments parsed = parse("-fd", "SOURCE", "-oa,b", "MNT", "-o", "c", "--options=d");
    assertThat(parsed.isForeground()).isTrue();
    assertThat(parsed.allOptions()).endsWith(RawArguments.bytes("debug"));
    assertThat(parsed.options())
        .extracting(MountArgumentsTest::text)
        .containsExactly("a,b", "c", "d");
    assertThat(text(parsed.mountpoint())).isEqualTo("MNT");
    assertThat(parsed.source()).asString(ISO_8859_1).isEqualTo("SOURCE");
  }

  @Test
  void bytesThatAreNoText_stay() throws Exception {
    MountArguments parsed = parse("--upper", "u\u00ff\n", "--", "-\u00fe m");
    assertThat(parsed.upper()).asString(ISO_8859_1).isEqualTo("u\u00ff\n");
    assertThat(text(parsed.mountpoint())).isEqualTo("-\u00fe m");
    assertThat(parsed.source()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--foo MNT|unknown option '--foo'",
        "-x MNT|unknown option '-x'",
        "-s MNT|unknown option '-s'",
        "-o|option '-o' needs a value",
        "--store|option '--store' needs a value",
        "--store=|option '--store' needs a directory",
        "--upper a --upper b|option '--upper' is given twice",
        "--debug=1|option '--debug' takes no value",
      })
  void wrongUsage_isNamed_withExitCode1(String words, String message) {
    assertThatThrownBy(() -> parse(words.split(" ", -1)))
        .isInstanceOfSatisfying(
            CommandFailure.class, e -> assertThat(e.exitCode()).isEqualTo(MountArguments.USAGE))
        .hasMessage(message);
  }

  @Test
  void noneOrThreePositionals_areWrong() throws Exception {
    MountArguments none = parse("-d");
    assertThatThrownBy(none::mountpoint).hasMessageContaining("the mount point is missing");
    MountArguments three = parse("a", "b", "c");
    assertThatThrownBy(three::mountpoint).hasMessageContaining("unexpected argument 'c'");
  }

  @Test
  void asMountCallsIt_fIsFake_andSTolerates() throws Exception {
    MountArguments parsed =
        parse("--for-mount-program", "src", "mnt", "-sfnv", "-t", "fuse.plyfs", "-o", "rw");
    assertThat(parsed.isFake()).isTrue();
    assertThat(parsed.isTolerant()).isTrue();
    assertThat(parsed.isForeground()).isFalse();
    assertThat(text(parsed.mountpoint())).isEqualTo("mnt");
  }

  @Test
  void layersFrom_takesTwoWords_andAKindThatIsKnown() throws Exception {
    MountArguments parsed = parse("--layers-from", "docker", "/var/lib/docker", "busybox", "mnt");
    ForeignLayers layers = Objects.requireNonNull(parsed.layersFrom());
    assertThat(layers.kind()).isEqualTo(ForeignStoreKind.DOCKER);
    assertThat(text(layers.path())).isEqualTo("/var/lib/docker");
    assertThat(text(parsed.mountpoint())).isEqualTo("mnt");
    assertThat(text(parse("--layers-from=docker", "/d", "mnt").mountpoint())).isEqualTo("mnt");
    assertThatThrownBy(() -> parse("--layers-from", "podman", "/p", "busybox", "mnt"))
        .hasMessage(
            "option '--layers-from' knows no storage 'podman': give docker or containers-storage,"
                + " and its directory");
    assertThatThrownBy(() -> parse("mnt", "--layers-from", "docker"))
        .hasMessage("option '--layers-from' needs two values: KIND and a directory");
    assertThatThrownBy(
            () -> parse("--layers-from=docker", "/d", "--layers-from=docker", "/d", "mnt"))
        .hasMessage("option '--layers-from' is given twice");
  }

  @Test
  void everyOptionOfTheHelpText_isUnderstood() throws Exception {
    for (OptionSpec option : new CommandLine(MountCommand.class).getCommandSpec().options()) {
      for (String name : option.names()) {
        List<String> words = new ArrayList<>(List.of(name));
        boolean isPair = option.arity().max() == 2;
        if (isPair) {
          words.add("docker"); // --layers-from KIND PATH
        }
        if (isPair || !option.type().equals(boolean.class)) {
          words.add("value");
        }
        words.add("MNT");
        assertThat(text(parse(words.toArray(new String[0])).mountpoint()))
            .as(name)
            .isEqualTo("MNT");
      }
    }
  }
}
