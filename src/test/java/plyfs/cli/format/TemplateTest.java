package plyfs.cli.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Templates, compared with what Go makes of them. */
final class TemplateTest {
  private static JsonElement resource(String name) throws IOException {
    try (InputStream file = TemplateTest.class.getResourceAsStream(name)) {
      return JsonParser.parseString(new String(file.readAllBytes(), UTF_8));
    }
  }

  private static Struct data() throws IOException {
    @SuppressWarnings("unchecked")
    Map<String, @Nullable Object> fields =
        (Map<String, @Nullable Object>) Template.valueOf(resource("data.json"));
    return Struct.of(Objects.requireNonNull(fields));
  }

  /**
   * The expected texts are what {@code docker volume inspect -f TEMPLATE}, version 28.2.2, printed
   * for data.json; null stands for an error.
   */
  @TestFactory
  Stream<DynamicTest> template_isAppliedAsByGo() throws IOException {
    Struct data = data();
    return resource("templates.json").getAsJsonArray().asList().stream()
        .map(JsonElement::getAsJsonArray)
        .map(each -> DynamicTest.dynamicTest(each.get(0).getAsString(), () -> check(each, data)));
  }

  private static void check(JsonArray each, Struct data) throws TemplateException {
    String template = each.get(0).getAsString();
    if (each.get(1).isJsonNull()) {
      assertThatThrownBy(() -> Template.parse(template).apply(data))
          .isInstanceOf(TemplateException.class)
          .hasMessageMatching("template parsing error: character \\d+: [^\\n]+");
    } else {
      assertThat(Template.parse(template).apply(data)).isEqualTo(each.get(1).getAsString());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "{{.Foo}}~character 3: there is no field 'Foo': the fields are ID, Label, Size",
        "{{.ID~character 1: '{{' has no '}}'",
        "a{{nosuch .ID}}~character 4: there is no function 'nosuch': the functions are and, eq,",
        "{{if .ID}}x~character 3: 'if' has no '{{end}}'",
        "{{upper .Size}}~character 3: 'upper' takes a text as value 1, not 5",
        "{{truncate .ID}}~character 3: 'truncate' takes 2 values, not 1",
        "{{$x}}~character 3: the variable '$x' is not set: set it by '{{$x := ...}}'",
        "{{.ID.X}}~character 3: a text has no field 'X': abc",
        "{{.Label}}~character 3: '.Label' takes 1 values, not 0",
        "{{.ID 1}}~character 3: the field 'ID' takes no value",
        "{{1 | 2}}~character 7: '|' leads to something that takes no value",
        "{{\"a\"\"b\"}}~character 6: a blank is missing before \"b\"",
        "{{&}}~character 3: the character '&' has no meaning here",
        "{{define \"a\"}}~character 3: 'define' is not supported: write its text in its place",
        "{{range .ID}}{{end}}~character 9: 'range' takes a list or a map, not abc",
        "{{end}}~character 1: '{{end}}' belongs to no 'if', 'with' or 'range'",
        "{{lt 1 .ID}}~character 3: 'lt' cannot compare 1 with \"abc\"",
      })
  void error_isOneSentence_withThePlace(String template, String sentence) {
    Method label = TemplateTest::label;
    Struct row = Struct.of(new LinkedHashMap<>(Map.of("ID", "abc", "Size", 5L, "Label", label)));
    assertThatThrownBy(() -> Template.parse(template).apply(row))
        .isInstanceOf(TemplateException.class)
        .hasMessageStartingWith("template parsing error: " + sentence);
  }

  private static Object label(Arguments arguments) throws TemplateException {
    arguments.expect(1, 1);
    return "<" + arguments.text(0) + ">";
  }

  @Test
  void field_thatTakesValues_isCalled() throws TemplateException {
    Method label = TemplateTest::label;
    Struct row = Struct.of(Map.of("Label", label));
    assertThat(Template.parse("{{.Label \"a.b\"}} {{\"c\" | .Label}}").apply(row))
        .isEqualTo("<a.b> <c>");
  }

  /** As {@code docker inspect -f '{{.Config.User}}'} prints an empty text for an image of root. */
  @Test
  void fieldThatIsKnownAndAbsent_isEmpty_andNotPartOfTheWhole() throws TemplateException {
    Struct config =
        Struct.of(Map.of("Env", List.of("A=b")))
            .withAbsent(Map.of("User", "", "Cmd", Struct.NO_LIST, "Labels", Struct.NO_MAP));
    assertThat(
            Template.parse(
                    "<{{.User}}> {{.Cmd}} {{json .Cmd}} {{len .Cmd}} {{.Labels}}"
                        + " <{{index .Labels \"x\"}}> {{json .}}")
                .apply(config))
        .isEqualTo("<> [] null 0 map[] <> {\"Env\":[\"A=b\"]}");
  }

  @ParameterizedTest
  @CsvSource({
    "0,0",
    "5,5",
    "1000000,1e+06",
    "123456.5,123456.5",
    "1234567.5,1.2345675e+06",
    "0.0001,0.0001",
    "0.00001,1e-05",
    "-2.5,-2.5",
    "1e21,1e+21"
  })
  void fraction_hasTheFewestDigits(double number, String expected) {
    assertThat(Numbers.shortest(number)).isEqualTo(expected);
  }

  @Test
  void wholeNumber_ofJson_keepsItsDigits() throws TemplateException {
    Object size = Template.valueOf(JsonParser.parseString("{\"Size\": 77890123}"));
    assertThat(Template.parse("{{.Size}} {{json .}} {{gt .Size 5}}").apply(size))
        .isEqualTo("77890123 {\"Size\":77890123} true");
  }
}
