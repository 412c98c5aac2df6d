package plyfs.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every relative link in README.md and in the documents below docs leads to a file. */
final class DocumentLinksTest {
  /** What stands in the parentheses of {@code [text](target)} and {@code ![text](target)}. */
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

  private static final Pattern ELSEWHERE = Pattern.compile("[a-z][a-z0-9+.-]*:.*|#.*");

  /** Blocks between fences, which are shown as they stand. */
  private static final Pattern FENCED = Pattern.compile("(?ms)^```.*?^```");

  private static List<Path> documents() throws IOException {
    List<Path> documents = new ArrayList<>(List.of(Path.of("README.md")));
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
}
