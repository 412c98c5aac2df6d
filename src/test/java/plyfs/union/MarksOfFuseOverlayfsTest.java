package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import plyfs.union.api.AttributeChange;

/** What fuse-overlayfs left in a directory that Plyfs mounts after it. */
class MarksOfFuseOverlayfsTest extends UnionCase {
  private static final String ORIGIN = "user.fuseoverlayfs.origin";

  /** An image made of the mount would hold them, and a comparison with its parent finds them. */
  @Test
  void areNeitherSeenNorMadeNorCopiedUp() throws Exception {
    UnionFixture fixture = over("low=1");
    fixture.mark(1, "low", ORIGIN, "opt/low");
    fixture.mark(1, "low", "user.x", "y");
    UnionPaths union = fixture.mount();
    assertThat(union.xattrs("low")).containsOnlyKeys("user.x");
    assertThat(errno(() -> union.setXattr("low", "user.fuseoverlayfs.opaque", "y")))
        .isEqualTo("EPERM");
    union.change("low", new AttributeChange().mode(0600));
    assertThat(union.xattrs("low")).containsOnlyKeys("user.x");
    fixture.unmount();
    assertThat(fixture.rawXattr(0, "low", ORIGIN)).isNull();
  }
}
