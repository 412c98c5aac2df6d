package plyfs.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every relative link and every path that a document names leads to a file. */
final class DocumentLinksTest {
  /** What stands in the parentheses of {@code [text](target)} and {@code ![text](target)}. */
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

  private static final Pattern ELSEWHERE = Pattern.compile("[a-z][a-z0-9+.-]*:.*|#.*");

  /** Blocks between fences, which are shown as they stand. */
  private static final Pattern FENCED = Pattern.compile("(?ms)^```.*?^```");

  private static List<Path> documents() throws IOException {
    List<Path> documents =
        new ArrayList<>(List.of(Path.of("README.md"), Path.of("CONTRIBUTING.md")));
    try (Stream<Path> files = Files.walk(Path.of("docs"))) {
      files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(documents::add);
    }
    return documents;
  }

  private static boolean leadsNowhere(Path document, String target) {
    if (ELSEWHERE.matcher(target).matches()) {
      return false;
    }
    String file = target.replaceFirst("#.*", "");
    return !Files.exists(document.resolveSibling(file));
  }

  @Test
  void relativeLinks_leadToFiles() throws IOException {
    List<String> broken = new ArrayList<>();
    for (Path document : documents()) {
      String text = FENCED.matcher(Files.readString(document)).replaceAll("");
      Matcher link = LINK.matcher(text);
      while (link.find()) {
        String target = link.group(1);
        if (leadsNowhere(document, target)) {
          broken.add(document + " -> " + target);
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  /** A path in back quotes, perhaps with arguments of a script behind it. */
  private static final Pattern NAMED =
      Pattern.compile("`((?:src|native-tests|scripts|docs)/[A-Za-z0-9_./-]*)[^`]*`");

  @Test
  void pathsInBackQuotes_areThere() throws IOException {
    List<String> missing = new ArrayList<>();
    for (Path document : documents()) {
      String text = FENCED.matcher(Files.readString(document)).replaceAll("");
      Matcher path = NAMED.matcher(text);
      while (path.find()) {
        String named = path.group(1).replaceFirst("[.-]+$", "");
        if (!Files.exists(Path.of(named))) {
          missing.add(document + " names " + path.group(1));
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  /** The recipes say which files a change touches: each class that they name is one of ours. */
  @Test
  void classesInTheRecipes_areThere() throws IOException {
    Set<String> classes = new HashSet<>();
    try (Stream<Path> files = Files.walk(Path.of("src"))) {
      files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(".java"))
          .forEach(file -> classes.add(file.substring(0, file.length() - ".java".length())));
    }
    String text = FENCED.matcher(Files.readString(Path.of("CONTRIBUTING.md"))).replaceAll("");
    Matcher name = Pattern.compile("`([A-Z][a-z]+[A-Z][A-Za-z]+)(?:\\.java)?`").matcher(text);
    List<String> unknown = new ArrayList<>();
    while (name.find()) {
      if (!classes.contains(name.group(1)) && !name.group(1).equals("NameCommand")) {
        unknown.add(name.group(1));
      }
    }
    assertThat(unknown).isEmpty();
  }
}
