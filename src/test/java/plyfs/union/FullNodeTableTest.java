package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.union.node.NodeTable;

/** There are as many nodes as there are ids: whoever makes something new gets ENFILE. */
final class FullNodeTableTest extends UnionCase {
  @Override
  boolean onHost() {
    return false;
  }

  /** Takes all ids; the one taken last. */
  private static long fill(NodeTable nodes) throws ErrnoException {
    long last = 0;
    try {
      while (true) {
        last = nodes.reserve();
      }
    } catch (ErrnoException e) {
      assertThat(e.errno()).isEqualTo(Errno.ENFILE);
      return last;
    }
  }

  @Test
  void whatHasNoNode_isNotMade() throws Exception {
    UnionFixture fixture = over("gone=");
    fixture.upper("gone !", "f=1");
    UnionPaths union = fixture.mount();
    long file = union.resolve("f");
    NodeTable nodes = fixture.fs().tree.nodes;
    long reserved = fill(nodes);
    for (String name : new String[] {"new", "gone"}) {
      assertThat(errno(() -> union.create(name, ""))).isEqualTo("ENFILE");
      assertThat(errno(() -> union.mkdir(name, 0755))).isEqualTo("ENFILE");
      assertThat(errno(() -> union.mkdir(name, 02755))).isEqualTo("ENFILE");
      assertThat(errno(() -> union.mknod(name, Linux.S_IFREG | 0644, 0))).isEqualTo("ENFILE");
      assertThat(errno(() -> union.mknod(name, Linux.S_IFIFO | 0644, 0))).isEqualTo("ENFILE");
      assertThat(errno(() -> union.symlink("to", name))).isEqualTo("ENFILE");
    }
    assertThat(errno(() -> union.openNameless("", 0644))).isEqualTo("ENFILE");
    assertThat(union.names("")).containsExactly("f");
    assertThat(fixture.workdir()).isEmpty();
    union.linkNode(file, "linked"); // needs no node
    assertThat(union.names("")).containsExactly("f", "linked");
    nodes.giveBack(reserved);
    union.mkdir("new", 0755);
    union.create("gone", "again"); // the id of what was forgotten
    assertThat(union.names("")).containsExactly("f", "gone", "linked", "new");
    fixture.fs().forget(file, 1);
    assertAllForgotten(fixture);
    fixture.unmount();
    assertThat(fixture.raw(0)).containsExactly("f=1", "gone=again", "linked=1", "new/");
  }
}
