package plyfs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import plyfs.options.MountOption;
import plyfs.options.MountOptionTable;
import plyfs.options.OptionGroup;

/**
 * Writes what an installation has beside the program, from the commands' own help texts and the
 * table of mount options: manual pages, and completion for bash.
 */
public final class ManualPages {
  private static final int COMMANDS = 1;
  private static final int ADMINISTRATION = 8;

  private final String version;

  private ManualPages(String version) {
    this.version = version;
  }

  /**
   * Writes the files.
   *
   * @param arguments the directory for shared files, such as {@code /usr/local/share}
   */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 1) {
      Console.complain("usage: plyfs.cli.ManualPages DIRECTORY");
      System.exit(CommandFailure.USAGE);
    }
    write(Path.of(arguments[0]));
  }

  /** Writes the files below a directory. */
  static void write(Path share) throws IOException {
    CommandLine all = WithHelp.commands();
    ManualPages pages = new ManualPages(new PlyfsCommand.Version().getVersion()[0]);
    write(share.resolve("man/man1/plyfs.1"), pages.overview(all));
    for (String name : CommandList.names()) {
      CommandLine command = WithHelp.commandOf(all, name);
      int section = sectionOf(name);
      String file = "man/man" + section + "/plyfs-" + name + "." + section;
      write(share.resolve(file), pages.page(name, section, command));
    }
    write(share.resolve("bash-completion/completions/plyfs"), new BashCompletion(all).toString());
  }

  private static int sectionOf(String command) {
    return command.equals("mount") || command.equals("umount") ? ADMINISTRATION : COMMANDS;
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.resolveSibling(""));
    Files.writeString(file, text, UTF_8);
  }

  private String overview(CommandLine all) {
    UsageMessageSpec usage = all.getCommandSpec().usageMessage();
    RoffText page = new RoffText("plyfs", COMMANDS, version);
    page.section("NAME").line("plyfs - " + withoutStop(joined(usage.header())));
    page.section("SYNOPSIS").line("plyfs COMMAND [ARGUMENT]...");
    page.section("COMMANDS");
    for (String name : CommandList.names()) {
      UsageMessageSpec of = WithHelp.commandOf(all, name).getCommandSpec().usageMessage();
      page.item("plyfs " + name, joined(of.header()));
    }
    page.item("plyfs help [COMMAND]", "Show the help text of a command.");
    page.section("FILES");
    page.item("/var/lib/plyfs", "The store of root's images. PLYFS_STORE names another one.");
    page.item("~/.local/share/plyfs", "The store of the images of another user.");
    page.item("/run/plyfs, $XDG_RUNTIME_DIR/plyfs", "What is known of running mounts.");
    page.item("/var/log/plyfs", "Logs of root's mounts.");
    page.section("SEE ALSO").line(seeAlso("plyfs"));
    return page.toString();
  }

  private String page(String name, int section, CommandLine command) {
    UsageMessageSpec usage = command.getCommandSpec().usageMessage();
    RoffText page = new RoffText("plyfs-" + name, section, version);
    page.section("NAME").line("plyfs-" + name + " - " + withoutStop(joined(usage.header())));
    page.section("SYNOPSIS").verbatim(synopsis(command));
    page.section("DESCRIPTION");
    for (String paragraph : usage.description()) {
      if (!paragraph.isEmpty()) {
        page.paragraph(paragraph);
      }
    }
    addArguments(page, command);
    if (name.equals("mount")) {
      addMountOptions(page);
      page.section("EXIT STATUS").line(String.join(" ", WithHelp.EXIT_CODES_OF_MOUNT));
    } else {
      addFooter(page, usage.footer());
    }
    addCommandsBelow(page, command);
    page.section("SEE ALSO").line(seeAlso(name));
    return page.toString();
  }

  private static List<String> synopsis(CommandLine command) {
    String[] custom = command.getCommandSpec().usageMessage().customSynopsis();
    String text =
        custom.length > 0 ? String.join("\n", custom) : command.getHelp().synopsis(0).strip();
    List<String> lines = new ArrayList<>();
    for (String line : Splitter.on('\n').split(text)) {
      // A help text has them beside "Usage: ".
      lines.add((custom.length > 0 ? line.replaceFirst("^ {7}", "") : line).stripTrailing());
    }
    return lines;
  }

  private static void addArguments(RoffText page, CommandLine command) {
    List<OptionSpec> options = command.getCommandSpec().options();
    List<PositionalParamSpec> positional = command.getCommandSpec().positionalParameters();
    if (options.isEmpty() && positional.isEmpty()) {
      return;
    }
    page.section("ARGUMENTS AND OPTIONS");
    for (PositionalParamSpec parameter : positional) {
      if (!parameter.hidden()) {
        page.item(parameter.paramLabel(), joined(parameter.description()));
      }
    }
    for (OptionSpec option : options) {
      if (!option.hidden()) {
        page.item(String.join(", ", option.names()) + value(option), joined(option.description()));
      }
    }
  }

  private static String value(ArgSpec option) {
    return option.arity().max() == 0 ? "" : " " + option.paramLabel();
  }

  private static void addMountOptions(RoffText page) {
    page.section("MOUNT OPTIONS");
    page.line("These are given to -o, separated by commas.");
    for (OptionGroup group : OptionGroup.values()) {
      page.subsection(group.title());
      if (group.isExplained()) {
        for (MountOption<?> row : MountOptionTable.rows()) {
          if (row.group() == group) {
            String preset = row.presetText().isEmpty() ? "" : " Default: " + row.presetText() + ".";
            page.item(row.syntax(), row.help() + preset);
          }
        }
      } else {
        page.line(String.join(", ", wordsOf(group)));
      }
    }
  }

  private static List<String> wordsOf(OptionGroup group) {
    List<String> words = new ArrayList<>();
    for (MountOption<?> row : MountOptionTable.rows()) {
      if (row.group() == group) {
        words.add(row.syntax());
      }
    }
    return words;
  }

  private static void addFooter(RoffText page, String[] footer) {
    if (footer.length > 0) {
      page.section("NOTES");
      for (String paragraph : footer) {
        if (!paragraph.isEmpty()) {
          page.paragraph(paragraph);
        }
      }
    }
  }

  private static void addCommandsBelow(RoffText page, CommandLine command) {
    for (Map.Entry<String, CommandLine> below : command.getSubcommands().entrySet()) {
      CommandLine line = below.getValue();
      UsageMessageSpec usage = line.getCommandSpec().usageMessage();
      page.section(line.getCommandSpec().qualifiedName().toUpperCase(Locale.ROOT));
      page.line(joined(usage.header()));
      page.verbatim(synopsis(line));
      for (String paragraph : usage.description()) {
        if (!paragraph.isEmpty()) {
          page.paragraph(paragraph);
        }
      }
      addArguments(page, line);
    }
  }

  private static String seeAlso(String self) {
    List<String> others = new ArrayList<>();
    if (!self.equals("plyfs")) {
      others.add("plyfs(1)");
    }
    for (String name : CommandList.names()) {
      if (!name.equals(self)) {
        others.add("plyfs-" + name + "(" + sectionOf(name) + ")");
      }
    }
    return String.join(", ", others);
  }

  private static String joined(String[] lines) {
    return String.join(" ", lines).strip();
  }

  private static String withoutStop(String text) {
    return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
  }
}
