package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A deleted file keeps its space until it is forgotten: who writes then waits a moment. */
final class DeletionsTest extends UnionCase {
  @Override
  boolean onHost() {
    return false;
  }

  @Test
  void withoutADeletion_nobodyWaits() throws Exception {
    UnionFixture fixture = over("a=1");
    UnionPaths union = fixture.mount();
    union.write("a", 0, "2");
    assertThat(fixture.fs().awaitSpace()).isFalse();
  }

  @Test
  void afterADeletion_spaceIsWaitedFor_butNotForEver() throws Exception {
    UnionFixture fixture = over("a=1");
    UnionPaths union = fixture.mount();
    union.unlink("a");
    int waits = 0;
    while (fixture.fs().awaitSpace()) {
      waits++;
    }
    assertThat(waits).isBetween(1, 30);
  }
}
