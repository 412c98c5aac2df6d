package plyfs.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import plyfs.sys.MountSyscalls;

/** The contract on an ordinary directory tree: what is asked of a union is what POSIX asks. */
final class PlainTreeTest {
  @TestFactory
  Stream<DynamicTest> contract() {
    assumeTrue(MountSyscalls.effectiveUser() == 0, "needs root: mount(2), owners of files");
    return FileSystemContract.on(new PlainTree());
  }

  @Test
  void whatNeedsAPromise_isThere() {
    Set<String> names =
        FileSystemContract.scenarios().values().stream()
            .map(scenario -> scenario.method().getName())
            .collect(Collectors.toSet());
    for (Promise promise : Promise.values()) {
      assertThat(names).as(promise.name()).containsAll(promise.scenarios());
    }
  }
}
