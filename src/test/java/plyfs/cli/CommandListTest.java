package plyfs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** A command that is added to the list, with its class, works everywhere. */
final class CommandListTest {
  @Test
  void eachCommand_isReadIntoTheClassOfItsName() {
    for (String name : CommandList.names()) {
      Class<?> type = CommandList.classOf(name);
      assertThat(type.getAnnotation(Command.class).name()).isEqualTo(name);
    }
  }

  @Test
  void eachClassOfACommand_canBeCalled() throws IOException {
    List<String> called = new ArrayList<>();
    addClasses(WithHelp.commands(), called);
    try (Stream<Path> files = Files.walk(Path.of("src/main/java/plyfs/cli"))) {
      List<String> classes =
          files
              .map(file -> file.getFileName().toString())
              .filter(file -> file.endsWith("Command.java"))
              .map(file -> file.substring(0, file.length() - ".java".length()))
              .toList();
      assertThat(new TreeSet<>(called)).isEqualTo(new TreeSet<>(classes));
    }
  }

  private static void addClasses(CommandLine line, List<String> called) {
    if (!line.getCommandName().equals("help")) {
      called.add(nameOf(line));
    }
    line.getSubcommands().values().forEach(below -> addClasses(below, called));
  }

  /** That of the class or interface that the command was made from. */
  private static String nameOf(CommandLine line) {
    String qualified = line.getCommandSpec().qualifiedName("-");
    StringBuilder name = new StringBuilder();
    for (String word : qualified.replaceFirst("^plyfs-", "").split("-", -1)) {
      name.append(word.substring(0, 1).toUpperCase(Locale.ROOT)).append(word.substring(1));
    }
    return name.append("Command").toString();
  }

  @Test
  void readme_tellsOfEachCommand() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    for (String name : CommandList.names()) {
      assertThat(readme).contains("plyfs " + name);
    }
  }
}
