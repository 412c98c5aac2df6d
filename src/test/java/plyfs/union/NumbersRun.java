package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import plyfs.contract.LayerTree;
import plyfs.layer.LayerRef;
import plyfs.layer.UpperLayer;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.union.api.UnionOptions;

/**
 * Changes at random through mounts and outside between them. At each step all files of the union
 * are looked at: those of one number are one file, and what was not changed has the number of
 * before.
 */
final class NumbersRun {
  private static final int MOUNTS = 4;
  private static final int CHANGES = 8;

  private final UnionFixture fixture;
  private final NumbersCase options;
  private final Random random;
  private final List<String> history = new ArrayList<>();
  private int made;

  NumbersRun(UnionFixture fixture, NumbersCase options, int seed) {
    this.fixture = fixture;
    this.options = options;
    this.random = new Random(seed);
    history.add(options + " seed " + seed);
  }

  void run() throws Exception {
    fixture.options = UnionOptions.DEFAULT.withNumbering(options.numbering());
    fixture.deviceOfLowers = options.devices() == 1 ? 7 : 8;
    fixture.lower(2, "a=1", "b=2", "d/", "d/x=3", "d/y=4", "e/", "e/z=5", "m/", "m/two=6");
    fixture.lower(1, "m/", "m/one=7", "c=8");
    fixture.onLayer(2, lower -> Outside.link(lower, "a", "d/a2"));
    for (int i = 0; i < MOUNTS; i++) {
      fixture.index = options.index() && random.nextInt(4) > 0;
      history.add("mount" + (fixture.index ? " index=on" : ""));
      change(fixture.mount());
      fixture.unmount();
      for (int j = 0; j < 4; j++) {
        fixture.onLayer(0, this::changeOutside);
      }
    }
  }

  private <T> T any(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private String newName(List<String> directories) {
    String directory = any(directories);
    return (directory.isEmpty() ? "" : directory + "/") + "n" + made++;
  }

  // Outside

  private void changeOutside(UpperLayer upper) throws ErrnoException {
    List<String> paths = Outside.paths(upper);
    if (paths.isEmpty()) {
      return;
    }
    List<String> directories = new ArrayList<>(List.of(""));
    Stat stat = new Stat();
    for (String path : paths) {
      if (upper.stat(LayerTree.ref(upper, path), stat) && stat.isDirectory()) {
        directories.add(path);
      }
    }
    String from = any(paths);
    String to = newName(directories);
    boolean isBelowItself = (to + "/").startsWith(from + "/");
    boolean isDirectory = directories.contains(from);
    switch (random.nextInt(5)) {
      case 0, 1 -> {
        if (!isBelowItself) {
          history.add("outside: cp -a " + from + " " + to);
          Outside.copy(upper, from, to);
        }
      }
      case 2 -> {
        if (!isDirectory && !options.index()) { // see "Open" in DESIGN.md
          history.add("outside: ln " + from + " " + to);
          Outside.link(upper, from, to);
        }
      }
      case 3 -> {
        if (!isBelowItself && (isDirectory || !options.index())) {
          history.add("outside: mv " + from + " " + to);
          Outside.move(upper, from, to);
        }
      }
      default -> {
        history.add("outside: rm -r " + from);
        Outside.remove(upper, from);
      }
    }
  }

  // In the mount

  private void change(UnionPaths union) throws Exception {
    Map<String, Seen> before = look(union);
    List<Long> held = new ArrayList<>();
    for (int i = 0; i < CHANGES; i++) {
      Change change = changeOne(union, List.copyOf(before.keySet()), held);
      Map<String, Seen> now = look(union);
      assertKept(before, now, change);
      before = now;
    }
    held.forEach(node -> fixture.fs().forget(node, 1));
    assertAllForgotten();
  }

  private void assertAllForgotten() {
    assertThat(fixture.fs().nodeCount()).as("nodes: %s", history).isEqualTo(1);
  }

  /** What was done to a path, which is at another one now, or at none. */
  private record Change(String path, String now) {}

  private Change changeOne(UnionPaths union, List<String> paths, List<Long> held)
      throws ErrnoException {
    List<String> directories = new ArrayList<>(List.of(""));
    for (String path : paths) {
      if (union.stat(path).isDirectory()) {
        directories.add(path);
      }
    }
    String path = any(paths);
    boolean isDirectory = directories.contains(path);
    String to = newName(directories);
    switch (random.nextInt(isDirectory ? 3 : 6)) {
      case 0 -> {
        history.add("hold " + path + "; mkdir " + to);
        held.add(union.resolve(path));
        union.mkdir(to, 0755);
      }
      case 1 -> {
        if (!(to + "/").startsWith(path + "/")) {
          history.add("mv " + path + " " + to);
          union.rename(path, to, 0);
          return new Change(path, to);
        }
      }
      case 2 -> {
        history.add("chmod " + path);
        union.chmod(path, isDirectory ? 0700 : 0600);
      }
      case 3 -> {
        history.add("write " + path);
        union.write(path, 0, "n" + made++);
      }
      case 4 -> {
        history.add("ln " + path + " " + to);
        union.link(path, to);
      }
      default -> {
        history.add("rm " + path + "; touch " + path);
        union.unlink(path);
        union.create(path, "new");
        return new Change(path, "");
      }
    }
    return new Change(path, path);
  }

  private void assertKept(Map<String, Seen> before, Map<String, Seen> now, Change change) {
    Set<Long> touched = new HashSet<>();
    before.forEach(
        (path, seen) -> {
          if ((change.path + "/").startsWith(path + "/")) {
            touched.add(seen.number);
          }
        });
    before.forEach(
        (path, seen) -> {
          String moved =
              (path + "/").startsWith(change.path + "/")
                  ? change.now + path.substring(change.path.length())
                  : path;
          Seen after = now.get(moved);
          boolean mayBeSeparated = seen.isShared && seen.isLower && touched.contains(seen.number);
          if (after != null && !mayBeSeparated) {
            assertThat(after.number).as("%s: %s", path, history).isEqualTo(seen.number);
          }
        });
  }

  // Looking

  /** Looks at everything, in an order at random, while all of it is known to the kernel. */
  private Map<String, Seen> look(UnionPaths union) throws ErrnoException {
    Map<String, Long> listed = new TreeMap<>();
    listBelow(union, "", listed);
    List<String> paths = new ArrayList<>(listed.keySet());
    Collections.shuffle(paths, random);
    Map<String, Seen> all = new TreeMap<>();
    List<Long> held = new ArrayList<>();
    for (String path : paths) {
      long node = union.resolve(path);
      held.add(node);
      all.put(path, see(union, path, node));
    }
    listed.clear();
    listBelow(union, "", listed);
    all.forEach(
        (path, seen) ->
            assertThat(listed.get(path)).as("listed %s: %s", path, history).isEqualTo(seen.number));
    assertDifferentFilesDiffer(all);
    held.forEach(node -> fixture.fs().forget(node, 1));
    return all;
  }

  /** The number that the listing of its directory has for each path. */
  private static void listBelow(UnionPaths union, String directory, Map<String, Long> listed)
      throws ErrnoException {
    for (UnionPaths.Entry entry : union.list(directory, false)) {
      String path = directory.isEmpty() ? entry.name() : directory + "/" + entry.name();
      listed.put(path, entry.ino());
      if (entry.type() == Linux.DT_DIR) {
        listBelow(union, path, listed);
      }
    }
  }

  private Seen see(UnionPaths union, String path, long node) throws ErrnoException {
    LayerRef top = fixture.fs().inspection().sources(node).parts().get(0);
    Stat stat = new Stat();
    assertThat(top.layer().stat(top, stat)).isTrue();
    boolean isLower = top.layer().index() > 0;
    String object = (isLower ? "lower " : "upper ") + stat.dev() + ":" + stat.ino();
    Seen seen = new Seen(union.view(path).ino(), node, object, isLower);
    seen.isShared = isLower && !stat.isDirectory() && stat.nlink() > 1 && !fixture.index;
    return seen;
  }

  private void assertDifferentFilesDiffer(Map<String, Seen> all) {
    Map<Long, Seen> byNumber = new HashMap<>();
    Map<String, Seen> byObject = new HashMap<>();
    all.forEach(
        (path, seen) -> {
          Seen other = byNumber.putIfAbsent(seen.number, seen);
          if (other != null) {
            assertThat(seen.object)
                .as("%s has the number of another: %s", path, history)
                .isEqualTo(other.object);
            seen.isShared = true;
            other.isShared = true;
          }
          Seen same = byObject.putIfAbsent(seen.object, seen);
          if (same != null && !seen.isLower) {
            assertThat(seen.node).as("%s: %s", path, history).isEqualTo(same.node);
          }
        });
  }

  /** What a path leads to. */
  private static final class Seen {
    final long number;
    final long node;

    /** The topmost object that is behind it. */
    final String object;

    final boolean isLower;

    /**
     * Whether another path leads to the same lower object: a link, or the way of another redirect;
     * the first change separates them.
     */
    boolean isShared;

    Seen(long number, long node, String object, boolean isLower) {
      this.number = number;
      this.node = node;
      this.object = object;
      this.isLower = isLower;
    }
  }
}
