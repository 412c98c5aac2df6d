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

  @Test
  void directoriesOnTheWay_stayKnown_upToTheLimit() throws Exception {
    try (MountedPaths mounted = new MountedPaths("d/e/f/g=1", "h/i=2")) {
      RecentDirectories two = new RecentDirectories(mounted.fixture.fs(), 2);
      PathWalk walk = new PathWalk(mounted.fixture.fs(), mounted.hidden, two);
      for (int i = 0; i < 3; i++) {
        walk.reach("/d/e/f/g").close();
        assertThat(mounted.fixture.fs().nodeCount()).isBetween(3, 4); // the root, f, what is above
        walk.reach("/h/i").close();
      }
      two.keep(UnionFs.ROOT_ID);
      two.keep(UnionFs.ROOT_ID + 1);
      two.keep(UnionFs.ROOT_ID + 2);
      mounted.assertAllForgotten();
    }
  }

  @Test
  void directoryThatIsKept_isNotTakenForItsSuccessor() throws Exception {
    try (MountedPaths mounted = new MountedPaths("d/e/f=old", "x/f=other")) {
      PathWalk walk =
          new PathWalk(
              mounted.fixture.fs(),
              mounted.hidden,
              new RecentDirectories(mounted.fixture.fs(), 1024));
      NameOperations names =
          new NameOperations(mounted.fixture.fs(), walk, mounted.hidden, () -> mounted);
      AttributeOperations attributes =
          new AttributeOperations(mounted.fixture.fs(), walk, mounted.opens, () -> mounted, false);
      assertThat(attributes.of("/d/e/f").stat().size()).isEqualTo(3);
      names.rename("/d/e", "/moved");
      names.rename("/x", "/d/e");
      assertThat(attributes.of("/d/e/f").stat().size()).isEqualTo(5);
      assertThat(attributes.of("/moved/f").stat().size()).isEqualTo(3);
      names.unlink("/d/e/f");
      names.removeDirectory("/d/e");
      assertThat(errno(() -> attributes.of("/d/e/f"))).isEqualTo("ENOENT");
      names.makeDirectory("/d/e", 0755);
      assertThat(errno(() -> attributes.of("/d/e/f"))).isEqualTo("ENOENT");
    }
  }
}
