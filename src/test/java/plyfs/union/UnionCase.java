package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import plyfs.layer.MountRefusedException;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.MountSyscalls;

/** What tests of the engine share: layers that go after each test, on real directories. */
class UnionCase {
  private final List<UnionFixture> opened = new ArrayList<>();

  boolean onHost() {
    return true;
  }

  /** Empty layers, the topmost lower one first. */
  final UnionFixture layers(int lowers) {
    assumeTrue(
        !onHost() || MountSyscalls.effectiveUser() == 0,
        "needs root: mount clones, trusted.* xattrs");
    UnionFixture fixture = onHost() ? UnionFixture.onHost(lowers) : UnionFixture.inMemory(lowers);
    opened.add(fixture);
    return fixture;
  }

  /** One lower layer with content, and an empty upper one. */
  final UnionFixture over(String... lines) throws ErrnoException, MountRefusedException {
    UnionFixture fixture = layers(1);
    fixture.lower(1, lines);
    return fixture;
  }

  @AfterEach
  final void close() {
    opened.forEach(UnionFixture::close);
  }

  /** Something that may fail. */
  interface Attempt {
    void run() throws ErrnoException;
  }

  /** Name of the error that an attempt ends with; {@code ok} without one. */
  static String errno(Attempt attempt) {
    try {
      attempt.run();
      return "ok";
    } catch (ErrnoException e) {
      return Errno.name(e.errno());
    }
  }

  /** Nothing is left but the root. */
  static void assertAllForgotten(UnionFixture fixture) {
    assertThat(fixture.fs().nodeCount()).isEqualTo(1);
    assertThat(fixture.fs().handleCount()).isZero();
    assertThat(fixture.workdir()).isEmpty();
  }
}
