package plyfs.options;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every row of the table, and so for one that is added. */
final class MountOptionTableTest {
  static Stream<MountOption<?>> rows() {
    return MountOptionTable.rows().stream();
  }

  static Stream<MountOption<?>> effective() {
    return rows().filter(row -> row.group().hasEffect());
  }

  /** Everything that options come to, for root and for a user, as text; or why they are refused. */
  private static String meaning(String options) {
    return meaning(options, Privilege.ROOT) + "\n" + meaning(options, Privilege.USER);
  }

  private static String meaning(String options, Privilege privilege) {
    MountOptions all;
    try {
      all = MountOptions.parse(List.of(options.getBytes(ISO_8859_1)), privilege);
    } catch (MountOptionException e) {
      return "refused: " + e.getMessage();
    }
    List<String> parts = new ArrayList<>();
    all.lowers().forEach(path -> parts.add("lower " + text(path)));
    all.dataOnly().forEach(path -> parts.add("data " + text(path)));
    parts.add("upper " + text(all.upper()) + " work " + text(all.work()));
    parts.add(all.marks().toString());
    parts.add(all.engine().toString());
    parts.add(all.session().toString());
    VfsOptions vfs = all.vfs();
    parts.add(vfs.flags() + " " + vfs.allowOther() + " " + vfs.autoUnmount() + vfs.propagation());
    parts.add(text(vfs.source()) + " " + text(vfs.subtype()));
    vfs.labels().forEach(label -> parts.add("label " + text(label)));
    return String.join("\n", parts);
  }

  private static String text(byte @Nullable [] bytes) {
    return bytes == null ? "none" : new String(bytes, ISO_8859_1);
  }

  /** Options, separated by commas, without which an option makes no sense. */
  private static String companions(MountOption<?> row) {
    return switch (row.word()) {
      case "datadir+" -> "lowerdir+=/l";
      case "upperdir" -> "workdir=/w";
      case "workdir" -> "upperdir=/u";
      case "volatile" -> "upperdir=/u,workdir=/w";
      case "passthrough" -> "open=passthrough";
      default -> "";
    };
  }

  private static String beside(String companions, String option) {
    return companions.isEmpty() ? option : companions + "," + option;
  }

  @ParameterizedTest
  @MethodSource("effective")
  void eachValue_changesWhatTheMountDoes_orIsThePreset(MountOption<?> row) {
    // A word that takes a flag back shows its effect after the flag.
    String before = row.group() == OptionGroup.VFS ? allFlagsBut(row) : companions(row);
    String without = meaning(before);
    Set<String> meanings = new HashSet<>();
    for (String example : row.examples()) {
      String with = meaning(beside(before, example));
      assertThat(with).as(example).doesNotStartWith("refused");
      assertThat(meanings.add(with) || row == MountOptionTable.REDIRECT_DIR)
          .as("%s means what another value means", example)
          .isTrue();
    }
    meanings.remove(without);
    assertThat(meanings).as("%s changes nothing", row).isNotEmpty();
    assertThat(row.examples().length - meanings.size())
        .as("values of %s that change nothing", row)
        .isLessThanOrEqualTo(row == MountOptionTable.REDIRECT_DIR ? 2 : 1);
  }

  private static String allFlagsBut(MountOption<?> row) {
    VfsChange change = (VfsChange) row.form();
    return change.sets() != 0
        ? "" // where none is set
        : "ro,nosuid,nodev,noexec,nodiratime,lazytime,sync,nosymfollow,"
            + switch (row.word()) {
              case "norelatime" -> "relatime";
              case "nostrictatime" -> "strictatime";
              default -> "noatime";
            };
  }

  @ParameterizedTest
  @MethodSource("rows")
  void words_areKnownOnce_andAreExplained(MountOption<?> row) {
    assertThat(rows().filter(other -> other.word().equals(row.word()))).hasSize(1);
    if (row.group().hasEffect()) {
      assertThat(row.help()).as(row.word()).matches("[A-Z0-9].*\\.");
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  <T> void presets_areToldToPeople(MountOption<T> row) {
    boolean isChoice = row.form() instanceof ChoiceForm;
    if (isChoice && row.group().hasEffect()) {
      assertThat(row.presetText()).as(row.word()).isNotEmpty();
    }
    T preset = row.preset();
    if (isChoice && preset != null && !preset.equals("")) {
      assertThat(row.given(preset)).isEqualTo(row.word() + "=" + row.presetText());
    }
  }

  @Test
  void wordsWithoutEffect_haveNone() {
    String plain = meaning("");
    for (MountOption<?> row : MountOptionTable.rows()) {
      if (row.group().hasEffect()) {
        continue;
      }
      for (String example : row.examples()) {
        String word = example.replace("x-*", "x-systemd.automount");
        assertThat(meaning(word)).as(word).isEqualTo(plain);
      }
    }
  }

  @Test
  void rowsOfAGroup_standTogether() {
    List<OptionGroup> groups = new ArrayList<>();
    for (MountOption<?> row : MountOptionTable.rows()) {
      if (groups.isEmpty() || groups.get(groups.size() - 1) != row.group()) {
        groups.add(row.group());
      }
    }
    for (OptionGroup group : OptionGroup.values()) {
      long runs = groups.stream().filter(group::equals).count();
      if (group.hasEffect() && runs != 1) {
        fail(group + " is in " + runs + " places");
      }
    }
  }
}
