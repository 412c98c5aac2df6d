package plyfs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plyfs.options.MountOption;
import plyfs.options.MountOptionTable;

/**
 * Manual pages and completion have every command, option and mount option, and no list of their
 * own.
 */
final class ManualPagesTest {
  @TempDir Path share;

  @BeforeEach
  void write() throws IOException {
    ManualPages.write(share);
  }

  private String page(String name, int section) throws IOException {
    return Files.readString(share.resolve("man/man" + section + "/" + name + "." + section));
  }

  @Test
  void eachCommandHasAPage_andIsInTheOverview() throws IOException {
    String overview = page("plyfs", 1);
    for (String name : CommandList.names()) {
      int section = name.equals("mount") || name.equals("umount") ? 8 : 1;
      assertThat(page("plyfs-" + name, section))
          .startsWith(".TH \"PLYFS\\-" + name.toUpperCase(Locale.ROOT) + "\"")
          .contains(".SH \"NAME\"", ".SH \"SYNOPSIS\"", ".SH \"DESCRIPTION\"");
      assertThat(overview).contains(".B plyfs " + name + "\n");
    }
  }

  @Test
  void pageOfMount_hasEachMountOption_withItsText() throws IOException {
    String page = page("plyfs-mount", 8);
    for (MountOption<?> row : MountOptionTable.rows()) {
      String syntax = row.syntax().replace("\\", "\\e").replace("-", "\\-");
      assertThat(page).contains(syntax);
      if (row.group().isExplained()) {
        assertThat(page).contains(row.help().replace("\\", "\\e").replace("-", "\\-"));
      }
    }
  }

  @Test
  void manFindsNothingToComplainOf() throws Exception {
    List<String> command = new ArrayList<>(List.of("groff", "-man", "-Tutf8", "-ww", "-z"));
    try (var pages = Files.walk(share.resolve("man"))) {
      pages.filter(Files::isRegularFile).map(Path::toString).forEach(command::add);
    }
    Process groff;
    try {
      groff = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      Assumptions.abort("needs groff");
      return;
    }
    assertThat(new String(groff.getInputStream().readAllBytes(), UTF_8)).isEmpty();
    assertThat(groff.waitFor()).isZero();
  }

  @Test
  void mountOptionWords_areFlags_choicesOrWaitForAValue() {
    assertThat(BashCompletion.mountOptionWords())
        .contains("volatile", "index=on", "index=off", "lowerdir=", "threads=", "ro")
        .doesNotContain("verity=on")
        .allMatch(word -> word.matches("[A-Za-z0-9_+-]+(=[a-z0-9-]*)?"));
  }

  /** What bash offers at the end of a line. */
  private List<String> completed(String line) throws Exception {
    Path script = share.resolve("bash-completion/completions/plyfs");
    String program =
        """
        _get_comp_words_by_ref() { cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
          words=("${COMP_WORDS[@]}") cword=$COMP_CWORD; }
        __ltrim_colon_completions() { :; }
        compopt() { :; }
        plyfs() { echo demo:1; }
        . "$1"
        read -ra COMP_WORDS <<<"$2"
        [[ $2 != *' ' ]] || COMP_WORDS+=('')
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _plyfs
        printf '%s\\n' "${COMPREPLY[@]}"
        """;
    Process bash =
        new ProcessBuilder("bash", "-c", program, "bash", script.toString(), line)
            .redirectErrorStream(true)
            .start();
    String output = new String(bash.getInputStream().readAllBytes(), UTF_8);
    assertThat(bash.waitFor()).as(output).isZero();
    return output.lines().filter(word -> !word.isEmpty()).toList();
  }

  @Test
  void bashCompletes_commandsOptionsMountOptionsAndImages() throws Exception {
    assertThat(completed("plyfs loa")).containsExactly("load");
    assertThat(completed("plyfs ")).containsAll(CommandList.names());
    assertThat(completed("plyfs prune --dr")).containsExactly("--dry-run");
    assertThat(completed("plyfs mount -o inde")).containsExactly("index=on", "index=off");
    assertThat(completed("plyfs mount -o ro,vola")).containsExactly("ro,volatile");
    assertThat(completed("plyfs history de")).containsExactly("demo:1");
    assertThat(completed("plyfs bench copy")).containsExactly("copy-up");
  }
}
