package plyfs.options;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/OPTIONS.md} has the rows of the table between two marks. With {@code
 * -Dplyfs.write.documents=true} this test writes them there.
 */
final class OptionsDocumentTest {
  private static final Path DOCUMENT = Path.of("docs/OPTIONS.md");
  private static final String BEGIN = "<!-- from MountOptionTable -->\n";
  private static final String END = "<!-- end -->\n";

  private static String table() {
    StringBuilder text = new StringBuilder();
    for (OptionGroup group : OptionGroup.values()) {
      text.append("\n## ").append(group.title()).append("\n\n");
      if (group.isExplained()) {
        text.append("| option | without it | also | |\n|---|---|---|---|\n");
        rows(text, group);
      } else {
        words(text, group);
      }
    }
    return text.append('\n').toString();
  }

  private static void rows(StringBuilder text, OptionGroup group) {
    for (MountOption<?> row : MountOptionTable.rows()) {
      if (row.group() == group) {
        text.append("| `").append(row.syntax().replace("|", "\\|"));
        text.append("` | ").append(row.presetText()).append(" | ");
        text.append(row.knownTo().kernel() ? "K" : "");
        text.append(row.knownTo().fuseOverlayfs() ? "F" : "");
        text.append(" | ").append(row.help()).append(" |\n");
      }
    }
  }

  private static void words(StringBuilder text, OptionGroup group) {
    String comma = "";
    for (MountOption<?> row : MountOptionTable.rows()) {
      if (row.group() == group) {
        text.append(comma).append('`').append(row.syntax()).append('`');
        comma = ",\n";
      }
    }
    text.append('\n');
  }

  @Test
  void document_hasEveryRow() throws IOException {
    String document = Files.readString(DOCUMENT);
    int begin = document.indexOf(BEGIN) + BEGIN.length();
    int end = document.indexOf(END);
    if (Boolean.getBoolean("plyfs.write.documents")) {
      Files.writeString(DOCUMENT, document.substring(0, begin) + table() + document.substring(end));
      return;
    }
    assertThat(document.substring(begin, end))
        .as("write it with: mvn test -Dtest=OptionsDocumentTest -Dplyfs.write.documents=true")
        .isEqualTo(table());
  }
}
