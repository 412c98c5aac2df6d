package plyfs.jnrfuse;

import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.jnrfuse.MountedPaths.errno;

import org.junit.jupiter.api.Test;
import plyfs.sys.ErrnoException;
import plyfs.union.UnionFs;

final class PathWalkTest {
  private static void walk(MountedPaths mounted, String path) throws ErrnoException {
    try (Reached reached = mounted.walk.reach(path)) {
      assertThat(reached.node()).isPositive();
    }
  }

  @Test
  void rootAndDeepNames_areReached_andForgotten() throws Exception {
    try (MountedPaths mounted = new MountedPaths("d/e/\u00ff\u00fe=text", "f=1")) {
      for (String root : new String[] {"/", ""}) {
        try (Reached reached = mounted.walk.reach(root)) {
          assertThat(reached.node()).isEqualTo(UnionFs.ROOT_ID);
        }
      }
      assertThat(mounted.attributes.of("/d/e/\u00ff\u00fe").stat().size()).isEqualTo(4);
      try (Reached parent = mounted.walk.reachParent("/d/e/\u00ff\u00fe");
          Reached same = mounted.walk.reach("/d/e")) {
        assertThat(parent.node()).isEqualTo(same.node());
      }
      mounted.assertAllForgotten();
    }
  }

  @Test
  void failedWalk_forgetsItsBeginning() throws Exception {
    try (MountedPaths mounted = new MountedPaths("d/e/f=1")) {
      assertThat(errno(() -> walk(mounted, "/d/e/missing"))).isEqualTo("ENOENT");
      assertThat(errno(() -> walk(mounted, "/d/missing/f"))).isEqualTo("ENOENT");
      assertThat(errno(() -> walk(mounted, "/d/e/f/g"))).isEqualTo("ENOTDIR");
      assertThat(errno(() -> walk(mounted, "/d/" + "n".repeat(256)))).isEqualTo("ENAMETOOLONG");
      assertThat(errno(() -> walk(mounted, "/d/e/\u20ac"))).isEqualTo("EILSEQ");
      mounted.assertAllForgotten();
    }
  }

  @Test
  void movedNode_livesUntilItsNewOwnerIsDone() throws Exception {
    try (MountedPaths mounted = new MountedPaths("f=1")) {
      Reached moved;
      try (Reached reached = mounted.walk.reach("/f")) {
        moved = reached.moved();
      }
      assertThat(mounted.fixture.fs().nodeCount()).isEqualTo(2);
      moved.close();
      moved.close();
      mounted.assertAllForgotten();
    }
  }
}
