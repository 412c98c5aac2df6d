package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import plyfs.contract.LayerTree;
import plyfs.layer.UpperLayer;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.union.api.DirSink;
import plyfs.union.api.NodeView;
import plyfs.union.api.UnionListener;

/** Nodes that come and go by the thousand: SEMANTICS 4.26, 4.27, 6.25. */
final class NodeReuseTest extends UnionCase {
  private static final int DIRECTORIES = 40;
  private static final int FILES = 250;

  @Test
  void inodeNumberUsedAgain_isAnotherNode_andOldDescriptorsKeepTheirFile() throws Exception {
    UnionFixture fixture = over("d/");
    UnionPaths union = fixture.mount();
    UnionFs fs = fixture.fs();
    union.create("held", "held");
    long held = union.resolve("held");
    long handle = fs.open(held, Linux.O_RDONLY, false, union.caller);
    long heldNumber = union.view("held").ino();
    union.unlink("held");
    Set<Long> nodes = new HashSet<>();
    Set<Long> numbers = new HashSet<>();
    int rounds = 0;
    boolean reused = false;
    while (!reused && rounds < 2000) {
      String content = "content " + rounds++;
      union.create("f", content);
      long node = union.resolve("f");
      assertThat(nodes.add(node)).as("node id %s is new", node).isTrue();
      assertThat(union.read("f")).isEqualTo(content);
      long number = union.view("f").ino();
      assertThat(number).as("that of a file still open").isNotEqualTo(heldNumber);
      reused = !numbers.add(number);
      union.unlink("f");
      fs.forget(node, 1);
      assertThat(errno(() -> fs.getAttributes(node, new NodeView()))).isEqualTo("ESTALE");
    }
    assertThat(reused).as("the file system has used a number again").isTrue();
    assertThat(union.readAt(handle, 0, 10)).isEqualTo("held");
    fs.release(handle);
    fs.forget(held, 1);
    assertAllForgotten(fixture);
  }

  @Test
  void tenThousandLookups_takenBack_leaveTheRootAlone() throws Exception {
    UnionFixture fixture = layers(1);
    fixture.onLayer(1, NodeReuseTest::makeMany);
    fixture.mount();
    UnionFs fs = fixture.fs();
    int descriptors = UnionFixture.descriptors();
    List<Long> known = new ArrayList<>();
    lookUpAll(fs, UnionFs.ROOT_ID, known);
    assertThat(known).hasSize(DIRECTORIES * (FILES + 1));
    assertThat(fs.nodeCount()).isEqualTo(known.size() + 1);
    fs.forget(12345678901L, 1);
    fs.forget(-5, 7);
    assertThat(fs.nodeCount()).isEqualTo(known.size() + 1);
    for (long node : known) {
      fs.forget(node, 1);
    }
    assertAllForgotten(fixture);
    assertThat(UnionFixture.descriptors()).isLessThanOrEqualTo(descriptors + 64);
  }

  private static void makeMany(UpperLayer layer) throws ErrnoException {
    String[] lines = new String[DIRECTORIES * FILES];
    for (int i = 0; i < lines.length; i++) {
      lines[i] = "d" + i / FILES + "/f" + i % FILES + "=";
    }
    LayerTree.make(layer, lines);
  }

  /** What {@code find} makes a kernel ask for; every lookup is kept. */
  private static void lookUpAll(UnionFs fs, long directory, List<Long> known)
      throws ErrnoException {
    List<Long> below = new ArrayList<>();
    NodeView view = new NodeView();
    fs.readDirectory(
        directory,
        0,
        new DirSink() {
          @Override
          public boolean hasRoom(int nameBytes) {
            return true;
          }

          @Override
          public void entry(byte[] name, long cookie, int type, long ino) {
            assertThat(name.length).as("only . and ..").isLessThanOrEqualTo(2);
          }

          @Override
          public void entryPlus(byte[] name, long cookie, int type, NodeView seen) {
            known.add(seen.nodeId());
            if (type == Linux.DT_DIR) {
              below.add(seen.nodeId());
            }
          }
        },
        view);
    for (long each : below) {
      lookUpAll(fs, each, known);
    }
  }

  /** What a kernel has cached has to go: SEMANTICS 7.16 names sizes and mtimes only. */
  @Test
  void copyUp_tellsOfTheChangeTimesItMoves() throws Exception {
    UnionFixture fixture = over("d/e/f=1");
    Set<Long> told = new HashSet<>();
    fixture.setListener(
        new UnionListener() {
          @Override
          public void attributesChanged(long node) {
            told.add(node);
          }
        });
    UnionPaths union = fixture.mount();
    UnionFs fs = fixture.fs();
    long top = union.resolve("d");
    long inner = union.resolve("d/e");
    long file = union.resolve("d/e/f");
    union.write("d/e/f", 0, "2");
    assertThat(told).containsExactlyInAnyOrder(UnionFs.ROOT_ID, top, inner, file);
    told.clear();
    union.write("d/e/f", 0, "3");
    assertThat(told).isEmpty();
    for (long node : new long[] {file, inner, top}) {
      fs.forget(node, 1);
    }
    assertAllForgotten(fixture);
  }
}
