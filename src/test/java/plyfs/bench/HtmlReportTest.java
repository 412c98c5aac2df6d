package plyfs.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The page is whole, well-formed and alone. */
final class HtmlReportTest {
  private static Document parsed(BenchRun run) throws Exception {
    byte[] page = HtmlReport.text(run).getBytes(UTF_8);
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(page));
  }

  @Test
  void page_isWellFormedAndRefersToNothingOutside() throws Exception {
    NodeList all = parsed(Runs.full()).getElementsByTagName("*");
    for (int i = 0; i < all.getLength(); i++) {
      Element element = (Element) all.item(i);
      for (String name : new String[] {"src", "href", "xlink:href", "srcset", "style"}) {
        assertThat(element.hasAttribute(name)).as("%s of %s", name, element).isFalse();
      }
      assertThat(element.getTagName()).isNotIn("script", "link", "img", "iframe", "object");
    }
    assertThat(HtmlReport.text(Runs.full()))
        .doesNotContain("http://", "https://", "url(", "@import");
  }

  @Test
  void charts_haveADotForEachCaseTheyShow() throws Exception {
    // By size: 4K, 64K of plyfs and kernel, 4K of volume, warm; 64K of plyfs cold. By depth: 4K at
    // 1
    // of
    // three, at 8 of plyfs. By pattern: at 64K two first-byte and one chmod warm, one cold. By
    // method the same. Each for two times.
    int dots = 2 * (5 + 1) + 2 * (3 + 1) + 2 * (3 + 1) + 2 * (3 + 1);
    assertThat(parsed(Runs.full()).getElementsByTagName("circle").getLength()).isEqualTo(dots);
  }

  @Test
  void page_saysCommandMachineFailuresAndWhatIsMissing() throws Exception {
    String text = parsed(Runs.full()).getDocumentElement().getTextContent();
    assertThat(text)
        .contains("plyfs bench copy-up --pattern 'a<b&c\"'")
        .contains("some <CPU> & more, 2 CPUs, 8.0 GiB of memory, Linux 6.18")
        .contains("failed: EIO <input/output error>")
        .contains("engine <x> is left out: & why")
        .contains("The run was interrupted")
        .contains("Warning: other programs take 40 % of the processors")
        .contains(Temperature.IN_ONE_LINE)
        .contains(
            "The first write of one byte to a file of 4K in an image, synced to disk, takes 3.04 ms"
                + " with Plyfs, 2.02 ms with kernel overlayfs and 1.02 ms in a volume (ext4).")
        .contains("durable: yes")
        .contains("prefers-color-scheme: dark");
  }

  @Test
  void colours_belongToTheEngine_whateverElseIsInTheReport() {
    EngineStyles all =
        new EngineStyles(
            List.of("plyfs", "kernel", "fuse-overlayfs", "plyfs:open=cache", "volume"));
    EngineStyles few = new EngineStyles(List.of("kernel", "volume", "plyfs"));
    for (String engine : few.names()) {
      assertThat(few.of(engine)).isEqualTo(all.of(engine)).isEqualTo("e-" + engine);
    }
    assertThat(all.of("plyfs:open=cache")).isEqualTo("e0");
  }

  @Test
  void ratioWhoseQuartilesOverlap_isMarked() {
    Statistics kernel = Statistics.of(List.of(100L, 110L, 120L));
    assertThat(Overlap.ratio(Statistics.of(List.of(112L, 132L, 140L)), kernel)).isEqualTo("1.20");
    assertThat(Overlap.ratio(Statistics.of(List.of(90L, 132L, 140L)), kernel)).isEqualTo("1.20~");
    CaseResult plyfs = Runs.result("plyfs", 4096, Runs.around(1_000_000, 5));
    CaseResult other = Runs.result("kernel", 4096, Runs.around(1_001_000, 5));
    assertThat(Overlap.warning(List.of(plyfs, other))).startsWith("in 2 of 2 times the quartiles");
    assertThat(Overlap.warning(List.of(plyfs))).isNull();
  }

  @Test
  void busyMachine_isToldByTheTicksOfItsProcessors() {
    String before = "cpu  100 0 50 1000 10 0 0 0 0 0";
    assertThat(BusyProcessors.warning(before, "cpu  140 0 60 1050 10 0 0 0 0 0"))
        .startsWith("other programs use 50 % of the processors");
    assertThat(BusyProcessors.warning(before, "cpu  101 0 51 1090 18 0 0 0 0 0")).isNull();
  }

  @Test
  void runWithoutCases_isAPage() throws Exception {
    assertThat(parsed(Runs.of()).getElementsByTagName("svg").getLength()).isZero();
  }

  @Test
  void logScale_marksPowersOfTen() {
    assertThat(new LogScale(0.5, 2000, 0, 100).ticks()).containsExactly(1.0, 10.0, 100.0, 1000.0);
    assertThat(new LogScale(9, 60, 0, 100).ticks()).containsExactly(10.0, 20.0, 50.0);
    assertThat(new LogScale(1, 100, 0, 200).at(10)).isEqualTo(100);
  }
}
