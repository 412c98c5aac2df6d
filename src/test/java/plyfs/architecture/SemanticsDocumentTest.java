package plyfs.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/SEMANTICS.md} has each number that is cited anywhere, each once and in order, and
 * with each number the tests that show it, which exist.
 */
final class SemanticsDocumentTest {
  private static final Path DOCUMENT = Path.of("docs/SEMANTICS.md");
  private static final Path TESTS = Path.of("src/test/java");
  private static final Path NATIVE_TESTS = Path.of("native-tests");
  private static final String SUITE = ".test.sh";

  private static final String NUMBER = "[1-8]\\.\\d{1,3}[a-z]?";

  /** A paragraph that begins with a number, or a row of a table: then its text. */
  private static final Pattern RULE =
      Pattern.compile(
          "^(?:\\*\\*(" + NUMBER + ")\\*\\* |\\| (" + NUMBER + ") \\| )(.*)$", Pattern.MULTILINE);

  private static final Pattern NAMED_TEST = Pattern.compile("`([\\w.-]+)#(\\w+)`");

  /**
   * Numbers after the name of the document, also where they go on in the next line of a comment.
   */
  private static final Pattern CITATION =
      Pattern.compile("SEMANTICS[\\s*#]+((?:" + NUMBER + "\\b(?:,| to| and)?[\\s*#]*)+)");

  private static final Pattern ITEM = Pattern.compile("@Item\\(\\s*(?:value = )?\"([^\"]+)\"");

  /** A rule of the document: all that stands between its number and the next one. */
  private record Rule(String number, String text) {
    boolean namesATest() {
      return NAMED_TEST.matcher(text).find();
    }

    boolean saysThatThereIsNone() {
      return text.contains("*No test.*");
    }

    /** Section, number and letter, such that texts compare as numbers do. */
    String orderedNumber() {
      int dot = number.indexOf('.');
      String item = number.substring(dot + 1).replaceAll("\\D", "");
      String letter = number.substring(dot + 1).replaceAll("\\d", "");
      return number.substring(0, dot) + "." + "0".repeat(4 - item.length()) + item + letter;
    }
  }

  private static List<Rule> rules() throws IOException {
    String document = Files.readString(DOCUMENT);
    List<MatchResult> found = RULE.matcher(document).results().toList();
    List<Rule> rules = new ArrayList<>();
    for (int i = 0; i < found.size(); i++) {
      MatchResult match = found.get(i);
      String number = match.group(1) != null ? match.group(1) : match.group(2);
      int end = i + 1 < found.size() ? found.get(i + 1).start() : document.length();
      rules.add(new Rule(number, document.substring(match.start(3), end)));
    }
    return rules;
  }

  private static List<Path> filesBelow(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> file.toString().matches(".*\\.(java|sh|py|c|h|md)|[^.]*"))
          .sorted()
          .toList();
    }
  }

  @Test
  void numbers_areUniqueAndInOrder() throws IOException {
    List<String> numbers = rules().stream().map(Rule::orderedNumber).toList();
    assertThat(numbers).hasSizeGreaterThan(300).doesNotHaveDuplicates().isSorted();
  }

  @Test
  void eachCitedNumber_isInTheDocument() throws IOException {
    TreeSet<String> known = new TreeSet<>();
    rules().forEach(rule -> known.add(rule.number()));
    TreeSet<String> missing = new TreeSet<>();
    int citations = 0;
    for (String place : List.of("src", "native-tests", "scripts", "docs", "README.md")) {
      for (Path file : filesBelow(Path.of(place))) {
        for (String number : citedIn(Files.readString(file))) {
          citations++;
          if (!known.contains(number)) {
            missing.add(number + " in " + file);
          }
        }
      }
    }
    assertThat(missing).isEmpty();
    assertThat(citations).isGreaterThan(300);
  }

  private static List<String> citedIn(String text) {
    return Stream.of(CITATION, ITEM)
        .flatMap(pattern -> pattern.matcher(text).results())
        .flatMap(match -> Pattern.compile(NUMBER).matcher(match.group(1)).results())
        .map(MatchResult::group)
        .toList();
  }

  @Test
  void eachRule_namesItsTests_orSaysThatThereIsNone() throws IOException {
    assertThat(rules())
        .allSatisfy(
            rule ->
                assertThat(rule.namesATest())
                    .as("%s names a test, or says that there is none", rule.number())
                    .isNotEqualTo(rule.saysThatThereIsNone()));
  }

  @Test
  void eachNamedTest_exists() throws IOException {
    Map<String, String> sources = new TreeMap<>();
    for (Path file : filesBelow(TESTS)) {
      sources.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
    }
    for (Path file : filesBelow(NATIVE_TESTS)) {
      sources.put(file.getFileName().toString(), Files.readString(file));
    }
    TreeSet<String> missing = new TreeSet<>();
    for (Rule rule : rules()) {
      for (MatchResult test : NAMED_TEST.matcher(rule.text()).results().toList()) {
        String source = sources.getOrDefault(test.group(1), "");
        if (!declares(source, test.group(1), test.group(2))) {
          missing.add(test.group() + " of " + rule.number());
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  /** A method that is not private, or a function of a suite. */
  private static boolean declares(String source, String place, String name) {
    String declaration =
        place.endsWith(SUITE)
            ? "^" + name + "\\(\\) [{(]$"
            : "^  (?:default |public |static )*[\\w.<>]+ " + name + "\\(";
    return Pattern.compile(declaration, Pattern.MULTILINE).matcher(source).find();
  }
}
