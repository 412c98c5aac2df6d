package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;

/** The same over layers in memory: no root needed. */
final class IndexInMemoryTest extends IndexTest {
  @Override
  boolean onHost() {
    return false;
  }

  /** An entry without a name is all that is left of its file: it goes only if no name is below. */
  @Test
  void entryWhoseOriginCannotBeRead_refusesTheMount_andStays() throws Exception {
    UnionFixture fixture = linked();
    UnionPaths union = fixture.mount();
    union.write("a", 1, "+");
    union.unlink("a");
    fixture.lowerReads =
        call -> {
          if (call.equals("statByHandle")) {
            throw ErrnoException.of(Errno.EIO);
          }
        };
    assertThatThrownBy(fixture::mount).hasMessageContaining("EIO");
    fixture.lowerReads = call -> {};
    assertThat(fixture.mount().read("d/b")).isEqualTo("1+");
  }
}
