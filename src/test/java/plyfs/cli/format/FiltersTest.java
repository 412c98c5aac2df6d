package plyfs.cli.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code --filter} takes. */
final class FiltersTest {
  private static final Set<String> KNOWN = Set.of("label", "dangling");

  @Test
  void filter_isAKeyAndAValue() throws UsageException {
    Filters filters =
        Filters.parse(List.of("label=a", "LABEL = b=c", "dangling=1"), Set.of("label", "dangling"));
    assertThat(filters.values("label")).containsExactly("a", "b=c");
    assertThat(filters.last("label")).isEqualTo("b=c");
    assertThat(filters.truth("dangling")).isTrue();
    assertThat(Filters.parse(List.of(), KNOWN).truth("dangling")).isNull();
    assertThat(Filters.parse(List.of("dangling=False"), KNOWN).truth("dangling")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "foo=1,there is no filter 'foo': the filters are 'dangling; label'",
    "label,filter 'label' needs a value: 'label=VALUE'",
    "dangling=maybe,filter 'dangling' takes true or false; not 'maybe'"
  })
  void wrongFilter_isOneSentence(String given, String sentence) {
    assertThatThrownBy(() -> Filters.parse(List.of(given), KNOWN).truth("dangling"))
        .hasMessage(
            sentence.replace("'dangling; label'", "dangling, label").replace("; not", ", not"));
  }

  @ParameterizedTest
  @CsvSource({"a,true", "a=1,true", "a=2,false", "b,true", "b=,true", "c,false", "b=x,false"})
  void label_isThere_withItsValue(String wanted, boolean expected) throws UsageException {
    Filters filters = Filters.parse(List.of("label=" + wanted), KNOWN);
    assertThat(filters.acceptsLabels(Map.of("a", "1", "b", ""))).isEqualTo(expected);
  }

  /** As {@code docker image prune}: of several {@code label!} all must fit to keep an image. */
  @ParameterizedTest
  @CsvSource({
    "label!=c,true",
    "label!=a,false",
    "label!=a=2,true",
    "label!=a=1,false",
    "label!=a;label!=c,true",
    "label!=a;label!=b,false",
    "label=a;label!=b,false",
    "label=a;label!=c,true",
  })
  void labelThatIsNotWanted_isNotThere(String given, boolean expected) throws UsageException {
    Filters filters =
        Filters.parse(List.of(given.split(";")), Set.of(Filters.LABEL, Filters.NOT_LABEL));
    assertThat(filters.acceptsLabels(Map.of("a", "1", "b", ""))).isEqualTo(expected);
  }

  /** From the documentation and the tests of Go's path.Match. */
  @ParameterizedTest
  @CsvSource({
    "abc,abc,true",
    "*,abc,true",
    "*c,abc,true",
    "a*,a,true",
    "a*,abc,true",
    "a*,ab/c,false",
    "a*/b,abc/b,true",
    "a*/b,a/c/b,false",
    "a*b*c*d*e*/f,axbxcxdxe/f,true",
    "a*b*c*d*e*/f,axbxcxdxexxx/f,true",
    "a*b*c*d*e*/f,axbxcxdxe/xxx/f,false",
    "a*b?c*x,abxbbxdbxebxczzx,true",
    "a*b?c*x,abxbbxdbxebxczzy,false",
    "ab[c],abc,true",
    "ab[b-d],abc,true",
    "ab[e-g],abc,false",
    "ab[^c],abc,false",
    "ab[^e-g],abc,true",
    "a\\*b,a*b,true",
    "a\\*b,ab,false",
    "a?b,a/b,false",
    "a*b,a/b,false",
    "[a-ζ]*,α,true",
    "*[a-ζ],A,false",
    "[\\]a],],true",
    "[\\-],-,true",
    "[x\\-],z,false",
    "busy*:*libc,busybox:uclibc,true",
    "busy*:*libc,busybox:musl,false",
    "*x,xxx,true"
  })
  void pattern_matchesAsInGo(String pattern, String text, boolean expected) throws UsageException {
    assertThat(Glob.parse(pattern).matches(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"[", "a[", "[a", "a\\", "[a\\"})
  void patternWithoutEnd_isRefused(String pattern) {
    assertThatThrownBy(() -> Glob.parse(pattern))
        .hasMessage("the pattern '" + pattern + "' ends too early");
  }
}
