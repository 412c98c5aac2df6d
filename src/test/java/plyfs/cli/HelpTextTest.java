package plyfs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What {@code --help} prints. */
final class HelpTextTest {
  private static List<CommandLine> all(CommandLine line) {
    List<CommandLine> all = new ArrayList<>(List.of(line));
    line.getSubcommands().values().forEach(below -> all.addAll(all(below)));
    return all;
  }

  @Test
  void everyHelpText_fitsIn80Columns_andHasNoFormatLeft() {
    for (CommandLine command : all(WithHelp.commands())) {
      String text = command.getUsageMessage();
      assertThat(text.lines())
          .as(command.getCommandSpec().qualifiedName())
          .isNotEmpty()
          .allMatch(line -> line.length() <= 80)
          .noneMatch(line -> line.contains("%%") || line.contains("%n"));
    }
  }
}
