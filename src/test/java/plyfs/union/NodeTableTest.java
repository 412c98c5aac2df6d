package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.union.node.Directory;
import plyfs.union.node.FileKey;
import plyfs.union.node.Leaf;
import plyfs.union.node.Node;
import plyfs.union.node.NodeIds;
import plyfs.union.node.NodeTable;

/** Nodes by id, where the table gives memory back: SEMANTICS 4.26. */
final class NodeTableTest {
  private static final int MANY = 5 * NodeIds.PAGE_SIZE;

  private final NodeTable nodes = new NodeTable();
  private final Directory root;

  NodeTableTest() throws ErrnoException {
    root = directory();
  }

  private Directory directory() throws ErrnoException {
    return nodes.createRoot(null, Node.NO_LOWERS, 1);
  }

  private Leaf file() throws ErrnoException {
    return (Leaf) nodes.create(Linux.S_IFREG, null, Node.NO_LOWERS, 1);
  }

  /** A file that its directory knows. */
  private Node child(String name) throws ErrnoException {
    Node file = file();
    Name of = Name.of(name);
    root.dirLock.lock();
    try {
      assertThat(root.tryReference()).isTrue();
      root.putChild(of, file);
      file.addAlias(root, of);
    } finally {
      root.dirLock.unlock();
    }
    return file;
  }

  @Test
  void trim_leavesWhatIsReferredTo_andWhatIsGoneStaysGone() throws ErrnoException {
    List<Node> gone = new ArrayList<>();
    List<Node> kept = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      (i % (2 * NodeIds.PAGE_SIZE) == 77 ? kept : gone).add(child("f" + i));
    }
    gone.forEach(node -> nodes.release(node, 1));
    nodes.trim();
    assertThat(nodes.size()).isEqualTo(1 + kept.size());
    assertThat(nodes.find(NodeTable.ROOT_ID)).isSameAs(root);
    assertThat(kept).allMatch(node -> nodes.find(node.id) == node);
    assertThat(kept).allMatch(node -> root.child(first(node)) == node);
    assertThat(gone).allMatch(node -> nodes.find(node.id) == null);
    List<Node> fresh = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      fresh.add(child("g" + i));
    }
    assertThat(fresh).allMatch(node -> nodes.find(node.id) == node);
    assertThat(kept).allMatch(node -> nodes.find(node.id) == node);
    assertThat(gone).as("by the ids of before").allMatch(node -> nodes.find(node.id) == null);
  }

  private static Name first(Node node) {
    return Objects.requireNonNull(node.alias()).name();
  }

  @Test
  void trim_keepsTheFormerIdOfARenumberedNode() throws ErrnoException {
    List<Node> gone = new ArrayList<>();
    Leaf renumbered = file();
    for (int i = 0; i < 3 * NodeIds.PAGE_SIZE; i++) {
      Leaf file = file();
      if (i == NodeIds.PAGE_SIZE + 9) {
        renumbered = file;
      } else {
        gone.add(file);
      }
    }
    long former = renumbered.id;
    nodes.renumber(renumbered, renumbered.openFiles());
    gone.forEach(node -> nodes.release(node, 1));
    nodes.trim();
    assertThat(nodes.find(former)).isSameAs(renumbered);
    assertThat(nodes.find(renumbered.id)).isSameAs(renumbered);
    for (int i = 0; i < 3 * NodeIds.PAGE_SIZE; i++) {
      assertThat((int) file().id).isNotEqualTo((int) former);
    }
    assertThat(nodes.find(former)).isSameAs(renumbered);
  }

  @Test
  void linkedNodes_areFoundAfterTrim() throws ErrnoException {
    Leaf linked = file();
    FileKey key = new FileKey(1, 2);
    nodes.identities.put(key, linked);
    nodes.trim();
    assertThat(nodes.identities.reference(key)).isSameAs(linked);
    nodes.release(linked, 2);
    assertThat(nodes.identities.reference(key)).isNull();
  }

  @Test
  void trimmingAllTheTime_othersFindTheirNodes_andNoIdComesTwice() throws Exception {
    Set<Long> seen = ConcurrentHashMap.newKeySet();
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      Future<?> trimmer =
          threads.submit(
              () -> {
                while (!done.get()) {
                  nodes.trim();
                }
              });
      List<Future<?>> workers = new ArrayList<>();
      for (int worker = 0; worker < 3; worker++) {
        String prefix = "w" + worker + "-";
        workers.add(threads.submit(() -> comeAndGo(prefix, seen)));
      }
      for (Future<?> worker : workers) {
        worker.get();
      }
      done.set(true);
      trimmer.get();
    } finally {
      done.set(true);
      threads.shutdownNow();
    }
    assertThat(nodes.size()).isEqualTo(1);
    assertThat(root.references()).isEqualTo(1);
  }

  private boolean comeAndGo(String prefix, Set<Long> seen) throws ErrnoException {
    for (int round = 0; round < 10; round++) {
      List<Node> mine = new ArrayList<>();
      for (int i = 0; i < 2 * NodeIds.PAGE_SIZE; i++) {
        Node node = child(prefix + i);
        assertThat(seen.add(node.id)).isTrue();
        mine.add(node);
      }
      for (Node node : mine) {
        assertThat(nodes.find(node.id) == node).isTrue();
        nodes.release(node, 1);
        assertThat(nodes.find(node.id) == null).isTrue();
      }
    }
    return true;
  }
}
