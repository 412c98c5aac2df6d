package plyfs.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import plyfs.contract.PlyfsMountTest.PlyfsMounter;

/**
 * The contract on the transport jnr-fuse. What it cannot keep stands in a table of
 * docs/TRANSPORTS.md and nowhere else; what stands there and passes is a failure, too.
 */
@Tag("mount")
final class JnrFuseMountTest {
  private static final Path DOCUMENT = Path.of("docs/TRANSPORTS.md");

  /** {@code | `scenario` | reason |}. */
  private static final Pattern ROW = Pattern.compile("\\| `(\\w+)` \\| (.+) \\|");

  /** Mounts with {@code transport=jnr-fuse}. */
  record JnrFuseMounter(UnionMounter mounter) implements UnionMounter {
    @Override
    public String kind() {
      return mounter.kind() + " with jnr-fuse";
    }

    @Override
    public Set<Promise> promises() {
      return mounter.promises();
    }

    @Override
    public void mount(Directories directories, List<String> options) throws IOException {
      List<String> words = new ArrayList<>(options);
      words.add("transport=jnr-fuse");
      mounter.mount(directories, words);
    }

    @Override
    public void unmount(String mountPoint) throws IOException {
      mounter.unmount(mountPoint);
    }
  }

  /** Scenarios that must fail, with the reason. */
  private static Map<String, String> exceptions() throws IOException {
    Map<String, String> exceptions = new TreeMap<>();
    for (String line : Files.readAllLines(DOCUMENT, UTF_8)) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        exceptions.put(row.group(1), row.group(2));
      }
    }
    return exceptions;
  }

  private static String plainName(String scenario) {
    return scenario.substring(0, scenario.indexOf(' '));
  }

  @TestFactory
  Stream<DynamicTest> contract() throws IOException {
    assumeAvailable();
    return FileSystemContract.on(new JnrFuseMounter(new PlyfsMounter()), exceptions());
  }

  @Test
  void everyException_isAScenario() throws IOException {
    List<String> names =
        FileSystemContract.scenarios().keySet().stream().map(JnrFuseMountTest::plainName).toList();
    assertThat(names).containsAll(exceptions().keySet());
  }

  private static void assumeAvailable() {
    PlyfsMountTest.assumeAvailable();
    boolean hasLibrary =
        Stream.of("/lib", "/usr/lib", "/lib64", "/usr/lib64")
            .flatMap(directory -> Stream.of(directory, directory + "/x86_64-linux-gnu"))
            .anyMatch(directory -> Files.exists(Path.of(directory, "libfuse.so.2")));
    assumeTrue(hasLibrary, "needs libfuse.so.2: package libfuse2");
  }
}
